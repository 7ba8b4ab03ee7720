"""What would change, asked of the hosts: read-only, no lease, nothing journalled."""

from collections.abc import Sequence

from msp_ops.domain.errors import MspOpsError, TransportError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.plan import Preview
from msp_ops.domain.step import PlaybookStep
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.look import ask_script
from msp_ops.engine.play import order_of
from msp_ops.playbooks.job import HostEnd


def preview_host(job: HostJob, tools: Tools) -> Preview:
    """One host's answer, or why there is none."""
    step = job.runbook.preview
    plays = [each for each in job.runbook.steps if isinstance(each, PlaybookStep)]
    if step is None and plays:
        return _checked(plays, job, tools)
    if step is None:
        return Preview(host_id=job.host_id, reached=False, lines=(f"{job.runbook.id} has no preview",))
    try:
        with tools.transport.connect(job.target) as session:
            result = ask_script(session, step, job, tools)
    except TransportError as problem:
        return Preview(host_id=job.host_id, reached=False, lines=(str(problem),))
    said = result.evidence.body.decode(errors="replace") if result.evidence else ""
    return Preview(host_id=job.host_id, reached=True, lines=tuple(said.removesuffix("\n").split("\n")))


def _checked(steps: Sequence[PlaybookStep], job: HostJob, tools: Tools) -> Preview:
    """Ansible's own check mode: which tasks would change the host."""
    lines: list[str] = []
    reached = True
    try:
        for step in steps:
            for event in tools.play(order_of(step, job, check=True), tools.stopping, tools.redact):
                if isinstance(event, HostEnd):
                    reached = reached and event.outcome is Outcome.SUCCEEDED
                    lines += [f"{step.name}: would change: {task}" for task in event.changed]
                    lines += [f"{step.name}: {event.reason}"] if event.reason else []
    except MspOpsError as problem:
        return Preview(host_id=job.host_id, reached=False, lines=(str(problem),))
    return Preview(host_id=job.host_id, reached=reached, lines=tuple(lines) or ("nothing would change",))
