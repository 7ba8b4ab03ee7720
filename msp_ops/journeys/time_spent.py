"""What a run took, as it is kept for ever."""

from datetime import timedelta

from msp_ops.billing.charges import charge
from msp_ops.domain.client import Client
from msp_ops.domain.clock import Interval
from msp_ops.domain.msp import Msp
from msp_ops.domain.run import Run
from msp_ops.domain.trigger import OnDemand
from msp_ops.domain.work import Charge, Place, WorkRecord


def work_of(
    run: Run, machine: Interval | None, attended: Interval | None, *flags: str, place: Place = "remote"
) -> WorkRecord:
    """What was measured, and nothing that a later resolution could make untrue.

    `machine` is first host to last, the hosts' own time apart; `attended` the person's, None when nobody sat in front.
    """
    alone = [host.result.interval.duration for host in run.hosts if host.result]
    stepped = any(span.clock_stepped for span in (machine, attended) if span)
    return WorkRecord(
        id=f"w-{run.id}",
        run_id=run.id,
        client_id=run.plan.client_id,
        activity=run.plan.activity,
        host_ids=run.plan.host_ids(),
        ticket=run.trigger.ticket if isinstance(run.trigger, OnDemand) else None,
        person=run.actor.name if run.actor.is_person else None,
        machine=machine,
        attended=attended,
        flags=(*(("clock-stepped",) if stepped else ()), *flags),
        place=place,
        hosts_time=sum(alone, timedelta(0)) if alone else None,
    )


def price_of(run: Run, work: WorkRecord, client: Client, msp: Msp) -> tuple[Charge, ...]:
    """None yet while the end of a host is not known: its resolution decides whether the work reached its aim."""
    succeeded = reached_its_aim(run)
    role = msp.role_of(work.person)
    return () if succeeded is None else charge(work, client, succeeded=succeeded, role=role)


def reached_its_aim(run: Run) -> bool | None:
    """On one host at least; None while the end of a host is not known."""
    if run.unresolved:
        return None
    return any(host.outcome is not None and host.outcome.is_good for host in run.hosts)
