"""`exports.yaml`: how the workspace's clients, persons and hours are called in the programs that take its time."""

from pathlib import Path

from msp_ops.domain.export_map import ExportMap
from msp_ops.files.strict_yaml import read_yaml
from msp_ops.files.typed import read_typed

FILE = "exports.yaml"


def load_export_map(workspace: Path) -> ExportMap:
    """An empty one when there is no such file: then each row says what to add. FileError when it has mistakes."""
    path = workspace / FILE
    return read_typed(read_yaml(path), ExportMap) if path.exists() else ExportMap()
