"""Service groups beyond one run: while a member is down elsewhere, no other member is taken down."""

from msp_ops.domain.client import Client, Host
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import HostState, Run
from msp_ops.domain.trigger import Scheduled, Trigger
from msp_ops.journeys.parts import Parts


def group_at_risk(parts: Parts, client: Client, host: Host, run_id: str) -> str | None:
    """Which other member another run is changing, or left unknown; None when there is none.

    Judged before the host begins; of two runs that begin in the same instant its lease lets only one go on.
    """
    others = peers_of(client, host)
    if not others:
        return None
    going_on = parts.store.runs.list(client.id, open_only=True, limit=None)
    runs = {run.id: run for run in (*going_on, *_unknown(parts, client))}
    for run in runs.values():
        for state in run.hosts:
            if run.id != run_id and state.host_id in others and (how := _danger(state)):
                return f"{state.host_id} of the same service group ({host.group}) {how} run {run.id}"
    return None


def peers_of(client: Client, host: Host) -> tuple[str, ...]:
    """The other members of its service group."""
    if host.group is None:
        return ()
    return tuple(each.id for each in client.hosts() if each.group == host.group and each.id != host.id)


def minds_groups(trigger: Trigger, hosts: int, *, resumes: bool) -> bool:
    """A person who mends one host knows what the others do; a schedule, a resumed run or a run on many does not."""
    return isinstance(trigger, Scheduled) or hosts > 1 or resumes


def _unknown(parts: Parts, client: Client) -> list[Run]:
    return [run for run in parts.store.runs.unresolved() if run.plan.client_id == client.id]


def _danger(state: HostState) -> str:
    if state.outcome is Outcome.UNKNOWN:
        return "was left unknown by"
    return "is being changed by" if state.at_work else ""
