"""What a look was about: two looks of one check at two places judge each its own place, never the other's."""

import re

from msp_ops.checks.base import Check
from msp_ops.domain.parameters import says_what
from msp_ops.domain.step import POWERSHELL, ScriptStep
from msp_ops.engine.job import HostJob


def check_name(check: Check, job: HostJob) -> str:
    """`backup-postgres [folder=/a]`: with the places that its own command reads; of all others it is the same look."""
    return check.name + _places({name: each for name, each in _chosen(job).items() if _reads(check.command, name)})


def script_name(job: HostJob, step: ScriptStep) -> str:
    """What the findings of a read-only script are called by: `health-storage/disks`."""
    return f"{job.runbook.id}/{step.file.removesuffix('.sh').removesuffix(POWERSHELL)}{_places(_chosen(job))}"


def runbook_name(job: HostJob) -> str:
    """What the findings of a step that changes something are called by."""
    return job.runbook.id + _places(_chosen(job))


def _chosen(job: HostJob) -> dict[str, str]:
    """An empty one chooses nothing."""
    marked = [name for name, each in job.runbook.parameters.items() if says_what(each)]
    return {name: job.parameters[name] for name in marked if job.parameters.get(name)}


def _places(chosen: dict[str, str]) -> str:
    """Of a parameter with many values the lines stand beside each other: a name is one line."""
    words = [f"{name}={value.replace(chr(10), ' ')}" for name, value in chosen.items()]
    return f" [{', '.join(words)}]" if words else ""


def _reads(command: str, name: str) -> bool:
    return re.search(rf"\$\{{?{name.replace('-', '_')}\b", command) is not None
