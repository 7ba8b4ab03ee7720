"""Which contract prices a record: a person's word, else the first of the file that fits, else nobody guesses."""

from collections.abc import Iterator
from datetime import date

from msp_ops.billing.entry import Entry
from msp_ops.calendar.zones import zone
from msp_ops.domain.client import Client
from msp_ops.domain.contract import MAINTENANCE, Activity, Contract, Managed
from msp_ops.domain.ledger import Decision
from msp_ops.domain.record import record
from msp_ops.domain.work import WorkRecord


@record
class Undecided:
    """No contract, and why: a person must decide."""

    reason: str


@record
class Waived:
    """A person decided that it costs nothing."""

    decision: Decision


@record
class Tried:
    """A contract of the file held against a record. `fits` None: in part, which nobody can split."""

    contract: Contract
    fits: bool | None
    why: str


def choose(entry: Entry, client: Client) -> Contract | Undecided | Waived:
    """The contract that prices the entry, or why there is none."""
    if entry.decision is None:
        return contract_for(entry.record, client)
    if entry.decision.contract_id is None:
        return Waived(decision=entry.decision)
    named = entry.decision.contract_id
    found = next((contract for contract in client.contracts if contract.id == named), None)
    return found or Undecided(reason=f"{entry.decision.by} decided for contract '{named}', which {client.name} has not")


def contract_for(work: WorkRecord, client: Client) -> Contract | Undecided:
    """The first contract of the file that is in force on the day the work began and covers its activity and hosts.

    The day is the client's, and both dates of a contract are included. A record whose hosts lie partly inside a
    contract is nobody's to split: it was measured as one.
    """
    day = work_day(work, client)
    if day is None:
        return Undecided(reason=f"no time was measured, so no contract of {client.name} can be chosen")
    for each in tried(work, client):
        if each.fits:
            return each.contract
        if each.fits is None:
            return Undecided(reason=each.why)
    return Undecided(reason=f"no contract of {client.name} covers {_what(work)} on {day}")


def tried(work: WorkRecord, client: Client) -> Iterator[Tried]:
    """Each contract in the order of the file, with the verdict on it; nothing when no time was measured."""
    day = work_day(work, client)
    if day is not None:
        yield from (_held_against(contract, work, day) for contract in client.contracts)


def work_day(work: WorkRecord, client: Client) -> date | None:
    """The day in the client's zone on which the work began; None when nothing was measured."""
    begun = [interval.started_at for interval in (work.machine, work.attended) if interval is not None]
    return min(begun).astimezone(zone(client.timezone)).date() if begun else None


def activities_of(contract: Contract) -> tuple[Activity, ...]:
    """What the contract covers; empty: all. A managed one that names nothing covers all maintenance."""
    return contract.scope.activities or (MAINTENANCE if isinstance(contract, Managed) else ())


def _held_against(contract: Contract, work: WorkRecord, day: date) -> Tried:
    activities, outside = activities_of(contract), _outside(contract, work)
    if day < contract.since:
        return Tried(contract=contract, fits=False, why=f"begins on {contract.since}, the work was done on {day}")
    if contract.until is not None and day > contract.until:
        return Tried(contract=contract, fits=False, why=f"ended on {contract.until}, the work was done on {day}")
    if activities and work.activity not in activities:
        return Tried(contract=contract, fits=False, why=f"covers {', '.join(activities)}, not {work.activity}")
    if outside and len(outside) < len(work.host_ids):
        why = f"contract '{contract.id}' covers only some of the hosts, not {', '.join(outside)}"
        return Tried(contract=contract, fits=None, why=why)
    if outside:
        return Tried(
            contract=contract, fits=False, why=f"covers {', '.join(contract.scope.hosts)}, not {', '.join(outside)}"
        )
    return Tried(contract=contract, fits=True, why=f"in force on {day}, covers {_what(work)}")


def _what(work: WorkRecord) -> str:
    """`patching on web1`; a person's own time may be on no host at all."""
    return f"{work.activity} on {', '.join(work.host_ids)}" if work.host_ids else work.activity


def _outside(contract: Contract, work: WorkRecord) -> tuple[str, ...]:
    covered = contract.scope.hosts
    return tuple(host for host in work.host_ids if covered and host not in covered)
