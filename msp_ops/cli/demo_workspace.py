"""The demo's workspace: the sample inventory, with its schedules moved so that nobody has to wait for Saturday."""

import re
import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from msp_ops.domain.errors import PlanError
from msp_ops.files.library import shipped_folder
from msp_ops.files.schemas import write_schemas
from msp_ops.lab.lab import Lab

MARKER = "made-by-msp-ops-demo"


def write_workspace(lab: Lab, into: Path, begins_at: datetime) -> None:
    """A new folder, or the one of an earlier demo. PlanError for anybody else's."""
    if into.exists() and any(into.iterdir()) and not (into / MARKER).exists():
        raise PlanError(f"{into} is not empty and was not made by the demo; name another one: --into DIR")
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(shipped_folder("inventory"), into, ignore=shutil.ignore_patterns(".state", "summaries"))
    write_schemas(into / "schemas")
    (into / MARKER).touch()
    _write_key(lab, into / "keys" / "ops_ed25519")
    for path in into.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("$schema=../", "$schema=")  # its own schemas, one level nearer
        path.write_text(_beginning(text, begins_at), encoding="utf-8")
    for path in (into / "clients").glob("*.yaml"):
        shutil.copy(lab.folder.run / "pins" / path.stem, path.with_suffix(".pins"))


def _write_key(lab: Lab, path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(lab.folder.login_key.read_bytes())


def _beginning(text: str, begins_at: datetime) -> str:
    """Every rule becomes daily, every start the moment, in the client's own zone."""
    zone = re.search(r"^timezone: (\S+)", text, re.MULTILINE)
    start = begins_at.astimezone(ZoneInfo(zone[1] if zone else "UTC"))
    text = re.sub(r"rrule: FREQ=[A-Z]+[A-Z0-9;=]*", "rrule: FREQ=DAILY", text)
    return re.sub(r"start: \d\d:\d\d", f"start: {start:%H:%M}", text)
