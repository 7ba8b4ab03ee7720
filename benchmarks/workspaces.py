"""Workspaces of any size."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CLIENT = """\
name: {name}
timezone: Europe/Berlin
currency: EUR
sites:
  - id: office
    name: Office
    hosts:
{hosts}
credentials:
  default: {{user: root, key: file:keys/login}}
contracts:
  - {{kind: managed, id: care, monthly_fee: 450, since: 2026-01-01}}
windows:
  - {{id: nights, rrule: FREQ=WEEKLY;BYDAY=SA, start: 22:00, duration: 4h}}
schedules:
  - {{id: audit, runbook: audit-health, rrule: FREQ=DAILY, start: 03:15}}
  - {{id: audit-at-noon, runbook: audit-health, rrule: FREQ=DAILY, start: 12:00}}
  - {{id: audit-mondays, runbook: audit-health, rrule: FREQ=WEEKLY;BYDAY=MO, start: 07:00}}
  - {{id: backups, runbook: check-backup-postgres, rrule: FREQ=DAILY, start: 06:30, parameters: {{folder: /srv}}}}
  - {{id: patch, runbook: patch-linux, window: nights}}
recipients:
  - {{name: Anna Brandt, email: brandt@{client}.example}}
"""


@dataclass(frozen=True)
class Place:
    """Where a host listens."""

    address: str
    port: int


def addresses(number: int) -> Iterator[str]:
    """127.1.0.1, 127.1.0.2, …: loopback answers to all of them."""
    return (f"127.1.{index // 250}.{index % 250 + 1}" for index in range(number))


def write_workspace(root: Path, login_key: Path) -> None:
    """An empty workspace that logs in with this key."""
    for folder in (root / "clients", root / "keys"):
        folder.mkdir(parents=True)
    (root / "msp.yaml").write_text("name: Northwind IT\ncontact: help@northwind.example\n", encoding="utf-8")
    key = root / "keys" / "login"
    key.touch(0o600)
    key.write_bytes(login_key.read_bytes())


def write_runbook(root: Path, name: str, text: str, scripts: Mapping[str, str]) -> None:
    """A runbook of the workspace's own."""
    folder = root / "runbooks" / name
    folder.mkdir(parents=True)
    for file, content in {"runbook.yaml": text, **scripts}.items():
        (folder / file).write_text(content, encoding="utf-8")


def write_client(root: Path, client: str, places: Sequence[Place], pin: str) -> None:
    """Its hosts h001, h002, …, each with a pinned key of its own line."""
    ids = [f"h{number:03}" for number in range(1, len(places) + 1)]
    hosts = [
        f"      - {{id: {host}, address: {place.address}, port: {place.port}, roles: [web]}}"
        for host, place in zip(ids, places, strict=True)
    ]
    text = CLIENT.format(name=client.title(), client=client, hosts="\n".join(hosts))
    (root / "clients" / f"{client}.yaml").write_text(text, encoding="utf-8")
    pins = "".join(f"{host} {pin}\n" for host in ids)
    (root / "clients" / f"{client}.pins").write_text(pins, encoding="utf-8")
