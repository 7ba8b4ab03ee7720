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
