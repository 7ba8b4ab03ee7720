"""What a month is priced from: records with what is known beside their time, and who else's minutes they may share."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msp_ops.billing.entry import Entry
from msp_ops.calendar.months import first_day
from msp_ops.domain.record import record
from msp_ops.domain.work import WorkRecord
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.time_spent import reached_its_aim

# How far before a record another one of the same person may begin and still reach into it.
LONGEST = timedelta(days=7)


@record
class Gathered:
    """`elsewhere`: other records of the same persons, of other clients and of months beside it."""

    entries: tuple[Entry, ...]
    elsewhere: tuple[Entry, ...]


def gather(parts: Parts, client_id: str, records: Sequence[WorkRecord], until: datetime) -> Gathered:
    """Of these records of a client, which began before `until`."""
    mine = {work.id for work in records}
    attended = [work for work in records if work.person and work.began_at]
    since = min((work.began_at for work in attended if work.began_at), default=until) - LONGEST
    near = parts.store.work.of_persons({work.person for work in attended if work.person}, since, until)
    theirs: dict[str, list[WorkRecord]] = {}
    for work in near:
        if work.id not in mine:
            theirs.setdefault(work.client_id, []).append(work)
    return Gathered(
        entries=tuple(_entries(parts, client_id, records, since)),
        elsewhere=tuple(entry for name, few in theirs.items() for entry in _entries(parts, name, few, since)),
    )


def _entries(parts: Parts, client_id: str, records: Iterable[WorkRecord], since: datetime) -> Iterator[Entry]:
    decisions = parts.store.ledger.decisions(client_id)
    frozen = parts.store.ledger.counted(client_id, first_day(since.date()))
    for work in records:
        yield Entry(
            record=work,
            succeeded=_reached_its_aim(parts, work),
            decision=decisions.get(work.id),
            role=parts.workspace.msp.role_of(work.person),
            frozen=frozen.get(work.id),
        )


def _reached_its_aim(parts: Parts, work: WorkRecord) -> bool | None:
    """A person's own time always has; None while the end of a run is not known."""
    return True if work.run_id is None else reached_its_aim(parts.store.runs.read(work.run_id, "ends"))
