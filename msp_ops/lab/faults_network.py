"""Faults between a client's host and whoever looks after it."""

from msp_ops.lab.commands import run
from msp_ops.lab.fault import Fault, Outside, Packets
from msp_ops.lab.hosts import GATEWAY
from msp_ops.lab.machine import Machine
from msp_ops.lab.repository import PORT


def _pull_cable(machine: Machine, _: str) -> None:
    _set_cable(machine, "down")


def _plug_in(machine: Machine) -> None:
    _set_cable(machine, "up")


def _set_cable(machine: Machine, position: str) -> None:
    run("ip", "-n", machine.state.controller, "link", "set", machine.host.port_name, position)


def _narrow(machine: Machine, kbit: str) -> None:
    bucket = ("tbf", "rate", f"{kbit}kbit", "burst", "2k", "latency", "5s")
    run(*machine.in_its_network("tc", "qdisc", "replace", "dev", "eth0", "root", *bucket))


def _widen(machine: Machine) -> None:
    run(*machine.in_its_network("tc", "qdisc", "del", "dev", "eth0", "root"))


FAULTS = (
    Fault(
        kind="link-down",
        does="the cable is pulled: no packet passes, nothing answers",
        how=Outside(make=_pull_cable, undo=_plug_in),
    ),
    Fault(
        kind="drop",
        does="a firewall swallows packets to port 22: connecting times out",
        how=Packets(hook="input", rule="tcp dport 22 drop"),
    ),
    Fault(
        kind="reset",
        does="a firewall refuses port 22: connection refused",
        how=Packets(hook="input", rule="tcp dport 22 reject with tcp reset"),
    ),
    Fault(
        kind="loss",
        does="some of the packets to the host are lost",
        how=Packets(hook="input", rule="numgen random mod 100 < {} drop"),
        default="30",
        means="per cent",
    ),
    Fault(
        kind="slow-link",
        does="what the host sends crawls",
        how=Outside(make=_narrow, undo=_widen),
        default="16",
        means="kbit/s",
    ),
    Fault(
        kind="mirror-down",
        does="the package archive refuses connections (apt-get update warns and still ends with 0)",
        how=Packets(hook="output", rule=f"ip daddr {GATEWAY} tcp dport {PORT} reject with tcp reset"),
    ),
)
