"""What a month is priced from: records with what is known beside their time, and who else's minutes they may share."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msp_ops.billing.entry import Entry
from msp_ops.domain.ledger import Decision
from msp_ops.domain.record import record
from msp_ops.domain.work import WorkRecord
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.time_spent import reached_its_aim

# How far before a month a record of the same person may begin and still reach into it.
LONGEST = timedelta(days=7)


@record
class Gathered:
    """`elsewhere`: other records of the same persons, of other clients and of months beside it."""

    entries: tuple[Entry, ...]
    elsewhere: tuple[Entry, ...]


def gather(parts: Parts, client_id: str, records: Sequence[WorkRecord], since: datetime, until: datetime) -> Gathered:
    """Of these records of a client, which began in [since, until) or came late."""
    closes = _closes(parts)
    return Gathered(
        entries=tuple(_entries(parts, client_id, records, closes)),
        elsewhere=tuple(_elsewhere(parts, records, since, until, closes)),
    )


def _closes(parts: Parts) -> list[datetime]:
    """When months of whichever client were closed, in order."""
    return sorted(
        month.closed_at for name in parts.workspace.clients for month in parts.store.ledger.closed_months(name)
    )


def _entries(
    parts: Parts, client_id: str, records: Iterable[WorkRecord], closes: Sequence[datetime]
) -> Iterator[Entry]:
    decisions = parts.store.ledger.decisions(client_id)
    for work in records:
        decision = decisions.get(work.id)
        yield Entry(
            record=work,
            succeeded=_reached_its_aim(parts, work),
            decision=decision,
            role=parts.workspace.msp.role_of(work.person),
            closes_before=bisect_left(closes, _known_at(work, decision)),
        )


def _known_at(work: WorkRecord, decision: Decision | None) -> datetime:
    """When it stood in the books as it does now."""
    ended = [interval.ended_at for interval in (work.machine, work.attended) if interval is not None]
    said = [] if decision is None else [decision.at]
    noted = [] if work.noted_at is None else [work.noted_at]
    return max((*ended, *said, *noted), default=datetime.min.replace(tzinfo=UTC))


def _elsewhere(
    parts: Parts, records: Sequence[WorkRecord], since: datetime, until: datetime, closes: Sequence[datetime]
) -> Iterator[Entry]:
    """Other records of the same persons that may share a minute with these."""
    persons = {work.person for work in records if work.person}
    mine = {work.id for work in records}
    for client_id in parts.workspace.clients if persons else ():
        near = [work for work, _ in parts.store.work.list(client_id, since - LONGEST, until)]
        theirs = [work for work in near if work.person in persons and work.id not in mine]
        yield from _entries(parts, client_id, theirs, closes)


def _reached_its_aim(parts: Parts, work: WorkRecord) -> bool | None:
    """A person's own time always has; None while the end of a run is not known."""
    return True if work.run_id is None else reached_its_aim(parts.store.runs.read(work.run_id, "ends"))
