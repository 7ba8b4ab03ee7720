"""The first files of a workspace and of a client: they load, and say in comments what comes next."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from msp_ops.domain.errors import PlanError
from msp_ops.domain.msp import Msp
from msp_ops.files.folder import create_file, make_folder, replace_file
from msp_ops.files.schemas import write_schemas
from msp_ops.files.spelling import read_currency, read_id, read_line, read_zone
from msp_ops.files.text_file import read_text
from msp_ops.files.workspace import client_path

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9.&'()/]*(?: [A-Za-z0-9.&'()/]+)*")

CLIENT = """\
# yaml-language-server: $schema=../schemas/client.schema.json
name: {name}
timezone: {timezone}
currency: {currency}

sites:
  - id: main
    name: Main site
    hosts: []
      # - {{id: web1, address: 10.0.0.11, roles: [web]}}

# Where secrets lie, never what they are: env:NAME, or file:PATH (relative to the workspace).
credentials:
  default: {{user: ops, key: file:keys/ops_ed25519}}

# The first contract that covers the work prices it.
contracts: []
  # - {{kind: managed, id: care, monthly_fee: 450, since: 2026-01-01}}
  # - {{kind: break-fix, id: repairs, hourly_rate: 95, since: 2026-01-01, rounding: {{increment: 15m}}}}

# When hosts may be changed, in the client's time zone.
windows:
  - {{id: nights, rrule: FREQ=WEEKLY;BYDAY=SA, start: 22:00, duration: 4h}}

schedules: []
  # - {{id: patch-nights, runbook: patch-linux, window: nights}}
  # - {{id: audit, runbook: audit-health, rrule: FREQ=WEEKLY;BYDAY=MO, start: 07:00}}
"""
MSP = """\
# yaml-language-server: $schema=schemas/msp.schema.json
name: {name}
contact: {contact}
"""
NOT_FOR_VERSION_CONTROL = (".state/", "keys/", "summaries/")


def new_client_text(name: str, timezone: str, currency: str) -> str:
    """A file for a client without hosts; PlanError lists what does not fit."""
    _check((name, read_line), (timezone, read_zone), (currency, read_currency))
    return CLIENT.format(name=_scalar(name), timezone=timezone, currency=currency)


def add_client(root: Path, client_id: str, *, name: str, timezone: str, currency: str) -> Path:
    """Writes a new client's file into the workspace; FileError when there is one of that id."""
    _check((client_id, read_id))
    path = client_path(root, client_id)
    text = new_client_text(name, timezone, currency)
    make_folder(path.parent)
    create_file(path, text)
    return path


def create_workspace(root: Path, msp: Msp) -> None:
    """`msp.yaml`, `clients/`, `schemas/` for editors, and `.gitignore`; FileError when there is a workspace already."""
    _check((msp.name, read_line), (msp.contact, read_line))
    make_folder(root / "clients")
    create_file(root / "msp.yaml", MSP.format(name=_scalar(msp.name), contact=_scalar(msp.contact)))
    write_schemas(root / "schemas")
    _keep_out_of_version_control(root / ".gitignore")


def _keep_out_of_version_control(path: Path) -> None:
    """Adds what is missing in the file."""
    lines = read_text(path).splitlines() if path.exists() else []
    missing = [line for line in NOT_FOR_VERSION_CONTROL if line not in lines]
    replace_file(path, "".join(f"{line}\n" for line in (*lines, *missing)))


def _check(*given: tuple[str, Callable[[str], str]]) -> None:
    mistakes = []
    for said, read in given:
        try:
            read(said)
        except ValueError as error:
            mistakes.append(str(error))
    if mistakes:
        raise PlanError("\n".join(mistakes))


def _scalar(text: str) -> str:
    """Quoted where plain text would mean something else; JSON's quotes are YAML's."""
    return text if PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
