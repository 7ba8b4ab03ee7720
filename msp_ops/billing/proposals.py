"""A fix that comes back is no fix: what recurs becomes a proposal to the client."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from msp_ops.calendar.zones import zone
from msp_ops.domain.client import Client
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.record import record
from msp_ops.domain.run import HostState, Run

WITHIN = timedelta(days=30)
OFTEN = 3


@record
class Proposal:
    """The same fix on the same host, `run_ids` within 30 days; `says` what was seen, `do` what is proposed."""

    runbook_id: str
    host_id: str
    run_ids: tuple[str, ...]
    says: str
    do: str


def proposals(client: Client, runs: Iterable[Run]) -> list[Proposal]:
    """One for each fix and host that recurs, the most frequent first; of many days the densest thirty.

    A fix counts that succeeded and had something to do. Where a run's steps are not known it counts.
    """
    fixes: dict[tuple[str, str], list[Run]] = {}
    for run in sorted(runs, key=lambda each: (each.opened_at, each.id)):
        for host in run.hosts if run.plan.activity == "break/fix" and not run.plan.undoes else ():
            if _repaired(host):
                fixes.setdefault((run.plan.runbook_id, host.host_id), []).append(run)
    dense = {which: _densest(few) for which, few in fixes.items()}
    found = [_proposal(client, *which, few) for which, few in dense.items() if len(few) >= OFTEN]
    return sorted(found, key=lambda each: (-len(each.run_ids), each.runbook_id, each.host_id))


def _repaired(host: HostState) -> bool:
    steps = host.result.steps if host.result else ()
    return host.outcome is Outcome.SUCCEEDED and (not steps or any(step.changed for step in steps))


def _densest(runs: Sequence[Run]) -> Sequence[Run]:
    return max(_windows(runs), key=lambda few: (len(few), few[-1].opened_at))


def _windows(runs: Sequence[Run]) -> Iterator[Sequence[Run]]:
    first = 0
    for last, run in enumerate(runs):
        while run.opened_at - runs[first].opened_at > WITHIN:
            first += 1
        yield runs[first : last + 1]


def _proposal(client: Client, runbook_id: str, host_id: str, runs: Sequence[Run]) -> Proposal:
    days = [f"{run.opened_at.astimezone(zone(client.timezone)):%Y-%m-%d}" for run in runs]
    return Proposal(
        runbook_id=runbook_id,
        host_id=host_id,
        run_ids=tuple(run.id for run in runs),
        says=f"{runbook_id} repaired {host_id} {len(runs)} times within 30 days: {', '.join(days)}",
        do="look for the cause and end it, in place of repairing it again",
    )
