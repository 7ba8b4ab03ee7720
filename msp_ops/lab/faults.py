"""Every fault by its kind, and what is done to make and to clear one."""

import json

from msp_ops.lab import faults_backups, faults_login, faults_network, faults_packages, faults_power, faults_system
from msp_ops.lab.commands import run
from msp_ops.lab.errors import LabError
from msp_ops.lab.fault import Fault, InHost, Outside, Packets
from msp_ops.lab.faults_power import power_on
from msp_ops.lab.machine import Machine

FAULTS: dict[str, Fault] = {
    fault.kind: fault
    for fault in (
        *faults_network.FAULTS,
        *faults_login.FAULTS,
        *faults_system.FAULTS,
        *faults_packages.FAULTS,
        *faults_backups.FAULTS,
        *faults_power.FAULTS,
    )
}


def find(kind: str) -> Fault:
    """Raises LabError for a kind that there is not."""
    if kind not in FAULTS:
        raise LabError(f"no fault {kind!r}; 'msp-ops lab fault list' shows them")
    return FAULTS[kind]


def make(machine: Machine, kind: str, argument: str | None = None) -> None:
    """Break it; a fault of this kind that is there already is cleared first."""
    fault = find(kind)
    if argument is not None and not fault.means:
        raise LabError(f"the fault {kind} takes no argument; {argument!r} was given")
    if kind in made(machine):
        clear(machine, kind)
    given = argument or fault.default
    _make(machine, fault, given)
    if not (isinstance(fault.how, InHost) and not fault.how.undo):
        _remember(machine, {**made(machine), kind: given})


def clear(machine: Machine, kind: str | None = None) -> None:
    """Undo this one, or all, the last first; a host that is off is switched on, for whatever reason it is off."""
    there = made(machine)
    chosen = [each for each in reversed(there) if kind in {None, find(each).kind}]
    for each in chosen:
        if not isinstance(find(each).how, InHost):
            _clear(machine, find(each), there[each])
    power_on(machine)
    for each in chosen:
        if isinstance(find(each).how, InHost):
            _clear(machine, find(each), there[each])


def leave_behind(machine: Machine) -> None:
    """Before a reset: undo what is not in the host; the rest goes with its layer."""
    for kind, argument in made(machine).items():
        if not isinstance(find(kind).how, InHost) and kind != "power-off":
            _clear(machine, find(kind), argument)
    (machine.files / "faults.json").unlink(missing_ok=True)


def made(machine: Machine) -> dict[str, str]:
    """Kinds that are in force, with their arguments, the oldest first."""
    record = machine.files / "faults.json"
    return dict(json.loads(record.read_text())) if record.exists() else {}


def _remember(machine: Machine, there: dict[str, str]) -> None:
    (machine.files / "faults.json").write_text(json.dumps(there))


def _make(machine: Machine, fault: Fault, argument: str) -> None:
    match fault.how:
        case InHost(make=text):
            _inside(machine, fault.kind, text, argument)
        case Packets(hook=hook, rule=rule):
            chain = f"type filter hook {hook} priority 0\n{rule.format(_whole(argument, fault))}"
            table = f"table inet {_table(fault)} {{\nchain {hook} {{\n{chain}\n}}\n}}\n"
            run(*machine.in_its_network("nft", "-f", "-"), text=table)
        case Outside(make=make_it):
            make_it(machine, _whole(argument, fault))


def _clear(machine: Machine, fault: Fault, argument: str) -> None:
    _undo(machine, fault, argument)
    _remember(machine, {kind: given for kind, given in made(machine).items() if kind != fault.kind})


def _undo(machine: Machine, fault: Fault, argument: str) -> None:
    match fault.how:
        case InHost(undo=text):
            _inside(machine, fault.kind, text, argument)
        case Packets():
            run(*machine.in_its_network("nft", "delete", "table", "inet", _table(fault)))
        case Outside(undo=undo):
            undo(machine)


def _table(fault: Fault) -> str:
    return "fault_" + fault.kind.replace("-", "_")


def _whole(argument: str, fault: Fault) -> str:
    if fault.means and not argument.isdecimal():
        raise LabError(f"the fault {fault.kind} takes {fault.means} as a whole number, not {argument!r}")
    return argument


def _inside(machine: Machine, kind: str, text: str, argument: str) -> None:
    done = machine.inside(["sh", "-c", text, "fault", argument])
    if done.returncode:
        said = (done.stderr or done.stdout)[-600:]
        raise LabError(f"{machine.host.name}: {kind} ended with {done.returncode}: {said}")
