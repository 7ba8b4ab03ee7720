"""What a run took, as it is kept for ever."""

from msp_ops.domain.clock import Interval
from msp_ops.domain.contract import Activity
from msp_ops.domain.run import Run
from msp_ops.domain.trigger import OnDemand
from msp_ops.domain.work import WorkRecord


def work_of(run: Run, activity: Activity, machine: Interval | None, attended: Interval | None) -> WorkRecord:
    """`machine` is first host to last; `attended` the person's time, None when nobody sat in front of it."""
    return WorkRecord(
        id=f"w-{run.id}",
        run_id=run.id,
        client_id=run.plan.client_id,
        activity=activity,
        host_ids=run.plan.host_ids(),
        ticket=run.trigger.ticket if isinstance(run.trigger, OnDemand) else None,
        person=run.actor.name if run.actor.is_person else None,
        machine=machine,
        attended=attended,
        flags=_flags(run, machine, attended),
    )


def _flags(run: Run, machine: Interval | None, attended: Interval | None) -> tuple[str, ...]:
    good = [host.outcome is not None and host.outcome.is_good for host in run.hosts]
    flags = []
    if not any(good):
        flags.append("not-succeeded")
    elif not all(good):
        flags.append("partly")
    if any(span.clock_stepped for span in (machine, attended) if span):
        flags.append("clock-stepped")
    return tuple(flags)
