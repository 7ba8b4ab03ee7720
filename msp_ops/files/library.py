"""Where the folders lie that come with msp-ops: at the top of a checkout, inside the package of a wheel."""

from pathlib import Path
from typing import Literal

import msp_ops

PACKAGE = Path(msp_ops.__file__).parent


def shipped_folder(name: Literal["runbooks", "flows", "inventory"], package: Path = PACKAGE) -> Path:
    """The folder of that name."""
    inside = package / "library" / name
    return inside if inside.is_dir() else package.parent / name


def find_runbook_folders() -> tuple[Path, ...]:
    """The folders whose runbooks every workspace has."""
    return (shipped_folder("runbooks"),)


def runbook_folder(root: Path, runbook_id: str) -> Path:
    """Where a runbook of the workspace `root` lies: its own win. KeyError when it lies nowhere."""
    folders = [parent / runbook_id for parent in (root / "runbooks", *find_runbook_folders())]
    found = next((folder for folder in folders if folder.is_dir()), None)
    if found is None:
        raise KeyError(runbook_id)
    return found
