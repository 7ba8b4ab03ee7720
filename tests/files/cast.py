"""Sound files; each test spoils one word of them."""

from collections.abc import Iterable
from pathlib import Path

from msp_ops.domain.errors import FileError

CLIENT = """\
name: Cobalt Print
timezone: Europe/Lisbon
currency: EUR
sites:
  - id: lisbon
    name: Lisbon
    gateway: {address: jump.cobalt.example, credential: default}
    hosts:
      - {id: press1, address: 192.0.2.11, roles: [press], ring: 2, group: presses}
      - {id: files1, address: files.cobalt.example}
  - id: porto
    name: Porto
    hosts:
      - {id: press2, address: 192.0.2.12, port: 2222, roles: [press, spare]}
credentials:
  default:
    user: ops
    key: file:keys/ops
    passphrase: env:OPS_PASSPHRASE
contracts:
  - kind: block-hours
    id: block
    hours: 20
    overage_rate: 110.50
    since: 2026-01-01
    until: 2026-12-31
    scope: {activities: [patching], hosts: [press1]}
    rounding: {increment: 30m, grace: 10m}
windows:
  - id: nights
    rrule: FREQ=MONTHLY;BYDAY=2SA
    start: 22:00
    duration: 4h
freezes:
  - {first_day: 2026-12-20, last_day: 2027-01-03, reason: year end}
schedules:
  - {id: patch, runbook: patch, hosts: press, window: nights}
  - {id: look, runbook: look, rrule: FREQ=DAILY, start: 06:30, latest_start: 90m, parameters: {max-age: 26h}}
recipients:
  - {name: Ana, email: ana@cobalt.example}
policy: {disk_warning_percent: 80, ticket_required: no}
rollout: {canary: [press2], soak: 30m, batch: 25%, stop_after: 2}
"""

PATCH = """\
title: Patch
activity: patching
impact: changes
parameters:
  exclude: {kind: text, title: Leave alone, pattern: "[a-z-]+", default: ""}
  how: {kind: choice, title: How, options: [all, some], default: all}
  free: {kind: int, title: Room, minimum: 1, maximum: 90, default: 15}
  force: {kind: bool, title: Force}
  lasting: {kind: duration, title: How long, default: 10m}
preview: {script: preview.sh}
steps:
  - {check: disk}
  - {script: fix.sh, name: repair, timeout: 1h, run_as: login}
verify:
  - {check: disk}
  - {script: verify.sh}
client_sentence: >
  Installed the latest updates
  and checked the services.
fails_on: critical
"""

LOOK = """\
title: Look
activity: health
impact: read-only
parameters:
  max-age: {kind: duration, title: How old}
steps:
  - {script: look.sh}
client_sentence: Looked.
"""
RESTART = """\
title: Restart
activity: patching
impact: reboots
parameters:
  reboot: {kind: choice, title: Restart, options: [never, if-needed, always], default: never}
  how: {kind: choice, title: How, options: [never, always], default: never}
steps:
  - {check: disk}
  - {reboot: reboot, name: restart, timeout: 15m}
verify:
  - {check: disk}
client_sentence: Restarted.
"""
SCRIPT = "#!/bin/sh\nexit 0\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def write_runbook(folder: Path, text: str = PATCH, more: Iterable[str] = ()) -> Path:
    write(folder / "runbook.yaml", text)
    for name in ("preview.sh", "fix.sh", "verify.sh", "look.sh", *more):
        write(folder / name, SCRIPT)
    return folder


def spoil(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def heads(error: FileError) -> list[str]:
    """The first line of each mistake, without the folder."""
    lines = str(error).splitlines()
    return [line.rpartition("/")[2] if line.startswith("/") else line for line in lines if line.startswith("/")]
