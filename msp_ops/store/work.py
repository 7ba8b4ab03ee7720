"""Work records and charges, read; and whether anybody changed a record behind our back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import PlanError, StoreError
from msp_ops.domain.ledger import ChainHead
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.store import ledger
from msp_ops.store.chain import RECORDS, link
from msp_ops.store.database import Database
from msp_ops.store.encode import rebuild, written
from msp_ops.store.rows import AnyRow
from msp_ops.store.schema import runs
from msp_ops.store.schema_time import charges, work_records


class Work:
    """Records of runs are written by the close of their run; none ever changes, but its price may come later."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, work: WorkRecord, priced: Sequence[Charge]) -> None:
        """A record that a person wrote by hand; StoreError when it is of a run, which writes its own."""
        if work.run_id is not None:
            raise StoreError(f"the work record {work.id} is of run {work.run_id}: the close of the run writes it")
        with self._database.writing() as connection:
            ledger.append(connection, work, priced, self._clock.now())

    def list(
        self, client_id: str, since: datetime | None = None, until: datetime | None = None
    ) -> list[tuple[WorkRecord, tuple[Charge, ...]]]:
        """The client's records whose work began in [since, until), in the order of the chain."""
        chosen = select(work_records).where(work_records.c.client_id == client_id).order_by(work_records.c.position)
        if since is not None:
            chosen = chosen.where(work_records.c.dated_at >= since)
        if until is not None:
            chosen = chosen.where(work_records.c.dated_at < until)
        with self._database.reading() as connection:
            rows = connection.execute(chosen).all()
            priced = _charges(connection, client_id)
            return [(rebuild(WorkRecord, row.record), tuple(priced.get(row.id, ()))) for row in rows]

    def of_persons(self, persons: Iterable[str], since: datetime, until: datetime) -> Sequence[WorkRecord]:
        """What these did for whichever client and began in [since, until), also for clients whose files are gone."""
        wanted = set(persons)
        if not wanted:
            return []
        named = [
            work_records.c.record.contains(f'"person":{written(name)}', autoescape=True) for name in sorted(wanted)
        ]
        chosen = select(work_records.c.record).where(
            work_records.c.dated_at >= since, work_records.c.dated_at < until, or_(*named)
        )
        with self._database.reading() as connection:
            found: Sequence[WorkRecord] = [rebuild(WorkRecord, text) for text in connection.scalars(chosen)]
        return [work for work in found if work.person in wanted]

    def read(self, record_id: str) -> WorkRecord:
        """PlanError when there is none of that id."""
        chosen = select(work_records.c.record).where(work_records.c.id == record_id)
        with self._database.reading() as connection:
            text = connection.scalar(chosen)
        if text is None:
            raise PlanError(f"there is no work record {record_id}; look: msp-ops work list CLIENT --json")
        work: WorkRecord = rebuild(WorkRecord, text)
        return work

    def unpriced(self, run_id: str | None = None) -> Sequence[WorkRecord]:
        """Records without a charge: when their run was closed, it was not known how it ended."""
        chosen = (
            select(work_records.c.record)
            .outerjoin(charges, charges.c.record_id == work_records.c.id)
            .where(charges.c.record_id.is_(None))
            .order_by(work_records.c.dated_at)
        )
        if run_id is not None:
            chosen = chosen.where(work_records.c.run_id == run_id)
        with self._database.reading() as connection:
            return [rebuild(WorkRecord, text) for text in connection.scalars(chosen)]

    def price(self, record_id: str, priced: Sequence[Charge]) -> None:
        """StoreError when the record has its price already."""
        with self._database.writing() as connection:
            ledger.price(connection, record_id, priced)

    def verify_chain(self, client_id: str) -> ChainHead:
        """The head of the client's chain; StoreError names the first record that is not as it was written.

        A tail that was cut off together with its runs shows only against a seal: `msp_ops.store.verify`.
        """
        chosen = select(work_records).where(work_records.c.client_id == client_id).order_by(work_records.c.position)
        closed = select(func.count()).where(runs.c.client_id == client_id, runs.c.ended_at.is_not(None))
        with self._database.reading() as connection:
            rows = connection.execute(chosen).all()
            runs_closed = connection.execute(closed).scalar_one()
            head = _verified(client_id, rows)
        of_runs = sum(row.run_id is not None for row in rows)
        if of_runs != runs_closed:
            raise StoreError(
                f"{client_id} has {runs_closed} closed runs and {of_runs} work records of them: records are missing"
            )
        return head


def _verified(client_id: str, rows: Iterable[AnyRow]) -> ChainHead:
    head = RECORDS.start(client_id)
    for row in rows:
        linked = link(row.record, head.hash)
        if (row.position, row.previous, row.hash) != (head.length + 1, head.hash, linked) or not _says_the_same(row):
            raise StoreError(
                f"the work record {row.id} of {client_id} (number {head.length + 1} of its chain) is not as it was "
                "written, or one before it is missing: bill nothing of this client before that is explained"
            )
        head = ChainHead(length=row.position, hash=row.hash)
    return head


def _says_the_same(row: AnyRow) -> bool:
    """The columns that reports choose by are those of the record that the hash covers."""
    work: WorkRecord = rebuild(WorkRecord, row.record)
    dated_at = ledger.dated_at(work, row.dated_at)
    return (work.id, work.run_id, work.client_id, dated_at) == (row.id, row.run_id, row.client_id, row.dated_at)


def _charges(connection: Connection, client_id: str) -> dict[str, list[Charge]]:
    of_client = select(work_records.c.id).where(work_records.c.client_id == client_id)
    chosen = select(charges).where(charges.c.record_id.in_(of_client)).order_by(charges.c.record_id, charges.c.position)
    priced: dict[str, list[Charge]] = {}
    for row in connection.execute(chosen):
        priced.setdefault(row.record_id, []).append(rebuild(Charge, row.charge))
    return priced
