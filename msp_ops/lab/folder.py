"""The lab's folder on disk: only a folder that the lab made is ever written to or removed."""

import os
import shutil
from pathlib import Path

from msp_ops.domain.record import record
from msp_ops.lab.errors import LabError

MARKER = "made-by-msp-ops-lab"


def caches() -> Path:
    """Where this user's programs keep what can be made again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "msp-ops"


@record
class Folder:
    """A folder with the lab's marker in it."""

    path: Path

    def __post_init__(self) -> None:
        if not self.path.is_absolute() or any(letter in str(self.path) for letter in ":,\\\n\"' "):
            raise LabError(
                f"{self.path}: a lab's folder needs an absolute path without spaces, quotes, colons or commas"
            )

    @property
    def is_ours(self) -> bool:
        return (self.path / MARKER).is_file()

    def claim(self) -> None:
        """Make it, or accept it when it is empty or ours; raises LabError for anybody else's."""
        if not self.is_ours and self.path.exists() and any(self.path.iterdir()):
            raise LabError(f"{self.path} is not empty and was not made by the lab; choose another with --dir")
        self.path.mkdir(parents=True, exist_ok=True, mode=0o755)
        (self.path / MARKER).touch()

    def remove(self) -> None:
        """Delete it when it is ours; raises LabError otherwise."""
        if self.path.exists() and not self.is_ours:
            raise LabError(f"{self.path} was not made by the lab, so it is not removed")
        shutil.rmtree(self.path, ignore_errors=False) if self.path.exists() else None

    @property
    def run(self) -> Path:
        """What exists only while the lab is up."""
        return self.path / "run"

    @property
    def keys(self) -> Path:
        """Login and host keys: they survive `down`, so that an inventory's pins stay true."""
        return self.path / "keys"

    @property
    def login_key(self) -> Path:
        return self.run / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        return self.run / "known_hosts"

    def host(self, name: str) -> Path:
        """What belongs to one practice host: its layers, its console, its faults."""
        return self.run / "hosts" / name
