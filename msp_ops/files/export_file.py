"""`exports.yaml`: how the workspace's clients, persons and hours are called in the programs that take its time."""

from collections.abc import Collection, Iterator
from dataclasses import fields
from pathlib import Path

from msp_ops.domain.export_map import NOBODY, ExportMap, Named
from msp_ops.domain.wording import did_you_mean
from msp_ops.files.strict_yaml import read_yaml
from msp_ops.files.typed import read_typed

FILE = "exports.yaml"


def load_export_map(workspace: Path) -> ExportMap:
    """An empty one when there is no such file: then each row says what to add. FileError when it has mistakes."""
    path = workspace / FILE
    return read_typed(read_yaml(path), ExportMap) if path.exists() else ExportMap()


def remarks_on(ids: ExportMap, clients: Collection[str], people: Collection[str]) -> Iterator[str]:
    """Words for clients and people that there are not: a slip of the pen makes rows that are rejected.

    Without `people` nobody says who works here, and none is looked for.
    """
    for field in fields(ids):
        section: Named = getattr(ids, field.name)
        yield from _unknown(f"{field.name}: clients", section.clients, clients)
        if people:
            yield from _unknown(f"{field.name}: persons", section.persons, {*people, NOBODY})


def _unknown(where: str, named: Collection[str], known: Collection[str]) -> Iterator[str]:
    for name in named:
        if name not in known:
            yield f"{FILE}: {where}: there is no '{name}' here{did_you_mean(name, known)}"
