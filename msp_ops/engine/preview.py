"""What would change, asked of the hosts: read-only, no lease, nothing journalled."""

from msp_ops.domain.errors import TransportError
from msp_ops.domain.plan import Preview
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.look import ask_script


def preview_host(job: HostJob, tools: Tools) -> Preview:
    """One host's answer, or why there is none."""
    step = job.runbook.preview
    if step is None:
        return Preview(host_id=job.host_id, reached=False, lines=(f"{job.runbook.id} has no preview",))
    try:
        with tools.transport.connect(job.target) as session:
            result = ask_script(session, step, job, tools)
    except TransportError as problem:
        return Preview(host_id=job.host_id, reached=False, lines=(str(problem),))
    said = result.evidence.body.decode(errors="replace") if result.evidence else ""
    return Preview(host_id=job.host_id, reached=True, lines=tuple(said.removesuffix("\n").split("\n")))
