"""Faults of the whole host: it hangs, it is off, it takes long to come back."""

from msp_ops.lab import orders
from msp_ops.lab.fault import Fault, Outside
from msp_ops.lab.machine import Machine
from msp_ops.lab.waiting import wait_for


def power_on(machine: Machine) -> None:
    """Boot it when it is off, and wait until it has booted."""
    if machine.leader() is None:
        orders.give(machine, orders.BOOT)
        wait_for(machine.is_booted, f"booting {machine.host.name}", limit=60)


def _hang(machine: Machine, _: str) -> None:
    machine.freeze(frozen=True)


def _go_on(machine: Machine) -> None:
    machine.freeze(frozen=False)


def _delay_for_ever(machine: Machine, _: str) -> None:
    orders.delay_reboots(machine, orders.FOR_EVER)


def _no_delay(machine: Machine) -> None:
    orders.delay_reboots(machine, None)


def _power_off(machine: Machine, _: str) -> None:
    machine.inside(["systemctl", "poweroff"])
    wait_for(lambda: machine.leader() is None, f"powering off {machine.host.name}", limit=60)


FAULTS = (
    Fault(
        kind="freeze",
        does="every process hangs: TCP connects, no banner comes",
        how=Outside(make=_hang, undo=_go_on),
    ),
    Fault(
        kind="reboot-slow",
        does="the next reboots take this long",
        how=Outside(make=orders.delay_reboots, undo=_no_delay),
        default="30",
        means="seconds",
    ),
    Fault(
        kind="reboot-stuck",
        does="the next reboot does not come back",
        how=Outside(make=_delay_for_ever, undo=_no_delay),
    ),
    Fault(kind="power-off", does="the host is shut down", how=Outside(make=_power_off, undo=power_on)),
)
