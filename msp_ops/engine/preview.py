"""What would change, asked of the hosts: read-only, no lease, nothing journalled."""

from msp_ops.domain.errors import MspOpsError, PlanError, TransportError
from msp_ops.domain.plan import Preview
from msp_ops.domain.step import AnsibleStep, Step, is_look
from msp_ops.engine.condition import may_be_taken
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.look import ask_script
from msp_ops.engine.platform import ask_platform, not_for
from msp_ops.engine.play import order_of
from msp_ops.engine.testimony import masked
from msp_ops.playbooks.job import HostEnd


def preview_host(job: HostJob, tools: Tools) -> Preview:
    """One host's answer, or why there is none."""
    step = job.runbook.preview
    if step is None and job.runbook.can_preview:
        return _checked(job, tools)
    if step is None:
        return Preview(host_id=job.host_id, reached=False, lines=(f"{job.runbook.id} has no preview",))
    try:
        with tools.transport.connect(job.target) as session:
            result = ask_script(session, step, job, tools)
    except TransportError as problem:
        return Preview(host_id=job.host_id, reached=False, lines=(masked(str(problem), tools.redact),))
    said = result.evidence.body.decode(errors="replace") if result.evidence else ""
    return Preview(host_id=job.host_id, reached=True, lines=tuple(said.removesuffix("\n").split("\n")))


def _checked(job: HostJob, tools: Tools) -> Preview:
    """Ansible's own check mode: which tasks would change the host; what else would act is named, for nobody looked."""
    lines: list[str] = []
    reached = True
    try:
        for step in _wanted(job, tools):
            if isinstance(step, AnsibleStep) and not is_look(step):
                ended, said = _would_change(step, job, tools)
                reached = reached and ended
                lines += said
            elif not is_look(step):
                lines.append(f"{step.name}: not looked at: it has no preview")
    except MspOpsError as problem:
        return Preview(host_id=job.host_id, reached=False, lines=(masked(str(problem), tools.redact),))
    return Preview(host_id=job.host_id, reached=reached, lines=tuple(lines) or ("nothing would change",))


def _wanted(job: HostJob, tools: Tools) -> list[Step]:
    """The steps that this host would come to, as far as that is known before any of them."""
    platform: frozenset[str] = frozenset()
    if job.runbook.asks_for_platform:
        with tools.transport.connect(job.target) as session:
            platform = ask_platform(session)
        if passed_by := not_for(job.runbook, platform):
            raise PlanError(passed_by)
    return [step for step in job.runbook.steps if may_be_taken(step, job, platform, None)]


def _would_change(step: AnsibleStep, job: HostJob, tools: Tools) -> tuple[bool, list[str]]:
    for event in tools.play(order_of(step, job, check=True), tools.stopping, tools.redact):
        if isinstance(event, HostEnd):
            changes = [f"{step.name}: would change: {task}" for task in event.changed]
            return event.is_good, [*changes, *([f"{step.name}: {event.reason}"] if event.reason else [])]
    return False, [f"{step.name}: it did not say how it ended"]
