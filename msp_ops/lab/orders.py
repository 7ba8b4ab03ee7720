"""What the supervisor is told about one host, by files: a word to act on, and how long its reboots shall take."""

import contextlib
from pathlib import Path

from msp_ops.lab.machine import Machine
from msp_ops.lab.waiting import wait_for

BOOT, RESET = "boot", "reset"
FOR_EVER = "inf"


def give(machine: Machine, order: str) -> None:
    """Tell it, and wait until it was taken: after `RESET` the old system is gone, after `BOOT` it is on."""
    unfinished = machine.files / "order.new"
    unfinished.write_text(order)
    unfinished.rename(_order(machine))
    wait_for(lambda: not _order(machine).exists(), f"the {order} of {machine.host.name}", limit=30)


def read(machine: Machine) -> str:
    """The order that waits; empty when there is none."""
    with contextlib.suppress(FileNotFoundError):
        return _order(machine).read_text()
    return ""


def done(machine: Machine) -> None:
    _order(machine).unlink(missing_ok=True)


def delay_reboots(machine: Machine, seconds: str | None) -> None:
    """From now on, until told `None`."""
    if seconds is None:
        _delay(machine).unlink(missing_ok=True)
    else:
        _delay(machine).write_text(seconds)


def reboot_delay(machine: Machine) -> float:
    """In seconds."""
    with contextlib.suppress(FileNotFoundError):
        return float(_delay(machine).read_text())
    return 0


def _order(machine: Machine) -> Path:
    return machine.files / "order"


def _delay(machine: Machine) -> Path:
    return machine.files / "reboot-delay"
