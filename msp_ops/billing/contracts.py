"""Which contract prices a record: the first in the client's file that fits, or a reason why nobody can tell."""

from datetime import date

from msp_ops.calendar.zones import zone
from msp_ops.domain.client import Client
from msp_ops.domain.contract import MAINTENANCE, Activity, Contract, Managed
from msp_ops.domain.record import record
from msp_ops.domain.work import WorkRecord


@record
class Undecided:
    """No contract, and why: a person must decide."""

    reason: str


def contract_for(work: WorkRecord, client: Client) -> Contract | Undecided:
    """The first contract of the file that is in force on the day the work began and covers its activity and hosts.

    The day is the client's, and both dates of a contract are included. A record whose hosts lie partly inside a
    contract is nobody's to split: it was measured as one.
    """
    day = work_day(work, client)
    if day is None:
        return Undecided(reason=f"no time was measured, so no contract of {client.name} can be chosen")
    for contract in client.contracts:
        if not _in_force(contract, day) or work.activity not in _activities(contract, work.activity):
            continue
        outside = _outside(contract, work)
        if not outside:
            return contract
        if len(outside) < len(work.host_ids):
            return Undecided(reason=f"contract '{contract.id}' covers only some of the hosts, not {', '.join(outside)}")
    hosts = ", ".join(work.host_ids) or "no host"
    return Undecided(reason=f"no contract of {client.name} covers {work.activity} on {hosts} on {day}")


def work_day(work: WorkRecord, client: Client) -> date | None:
    """The day in the client's zone on which the work began; None when nothing was measured."""
    begun = [interval.started_at for interval in (work.machine, work.attended) if interval is not None]
    return min(begun).astimezone(zone(client.timezone)).date() if begun else None


def _in_force(contract: Contract, day: date) -> bool:
    return contract.since <= day and (contract.until is None or day <= contract.until)


def _activities(contract: Contract, asked: Activity) -> tuple[Activity, ...]:
    """What the contract names; one that names nothing covers all, a managed one all maintenance."""
    unnamed = MAINTENANCE if isinstance(contract, Managed) else (asked,)
    return contract.scope.activities or unnamed


def _outside(contract: Contract, work: WorkRecord) -> tuple[str, ...]:
    covered = contract.scope.hosts
    return tuple(host for host in work.host_ids if covered and host not in covered)
