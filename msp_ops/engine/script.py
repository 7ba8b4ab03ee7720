"""A runbook's text as it goes to a host: parameters in front as quoted shell variables, never pasted into it."""

from collections.abc import Mapping
from functools import lru_cache
from shlex import quote

from msp_ops.domain.errors import FileError
from msp_ops.domain.given import NOTHING_GIVEN
from msp_ops.domain.parameters import GivenFile, OtherHost, Secret
from msp_ops.domain.step import POWERSHELL, ScriptStep
from msp_ops.engine.handing import handed_to_change, handed_to_look
from msp_ops.engine.job import HostJob
from msp_ops.engine.limit import limited_to
from msp_ops.engine.powershell import in_powershell

KEPT = "/var/lib/msp-ops/kept"


def variables(parameters: Mapping[str, str]) -> str:
    """`only-security` becomes `only_security='yes'`."""
    return "".join(f"{name.replace('-', '_')}={quote(value)}\n" for name, value in sorted(parameters.items()))


def changing_script(job: HostJob, step: ScriptStep) -> bytes:
    """The whole of a step's script; the host's supervisor limits its time."""
    if step.file.endswith(POWERSHELL):
        return _in_powershell(job, step)
    text = _text(job, step)
    return (text if job.given == NOTHING_GIVEN else handed_to_change(job.given, text)).encode()


def looking_script(job: HostJob, step: ScriptStep) -> bytes:
    """The same for a step that changes nothing: it limits its own time, PowerShell's is limited by what starts it."""
    if step.file.endswith(POWERSHELL):
        return _in_powershell(job, step)
    text, seconds = _text(job, step), step.timeout.total_seconds()
    return (limited(text, seconds) if job.given == NOTHING_GIVEN else handed_to_look(job.given, text, seconds)).encode()


def _in_powershell(job: HostJob, step: ScriptStep) -> bytes:
    values = {name: value for name, value in known_to(job).items() if name != "msp-kept"}
    return in_powershell(values, job.undoes or job.run_id, job.given, job.runbook.scripts[step.file]).encode()


def _text(job: HostJob, step: ScriptStep) -> str:
    return variables(known_to(job)) + job.runbook.scripts[step.file]


def kept_by(job: HostJob) -> str:
    """The folder on the host in which the run may keep what its undo needs."""
    return f"{KEPT}/{job.undoes or job.run_id}"


def plain_parameters(job: HostJob) -> dict[str, str]:
    """Those whose value is in the plan: all that a check of msp-ops itself may know."""
    kinds = job.runbook.parameters
    return {name: each for name, each in job.parameters.items() if not isinstance(kinds.get(name), Secret | GivenFile)}


def known_to(job: HostJob) -> dict[str, str]:
    """The plain parameters, the addresses of the hosts among them, and where the run may keep what its undo needs.

    FileError when such a host has left its client's file.
    """
    chosen = [name for name, each in job.runbook.parameters.items() if isinstance(each, OtherHost)]
    addresses = {host.id: host.address for host in job.client.hosts()} if chosen else {}
    for name in chosen:
        if job.parameters.get(name) not in addresses:
            raise FileError(f"{job.client.id} has no host '{job.parameters.get(name)}' any more, which {name} names")
    found = {f"{name}-address": addresses[job.parameters[name]] for name in chosen}
    return {**plain_parameters(job), **found, "msp-kept": kept_by(job)}


@lru_cache(maxsize=64)  # a run's hosts are all asked the same
def limited(text: str, seconds: float) -> str:
    """Run `text` in a shell of its own that the host stops after that many seconds."""
    return limited_to(seconds, f"sh -c {quote(text)}") + "\n"
