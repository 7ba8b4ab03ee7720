"""Runs on demand that wait for a worker; each is taken once."""

from sqlalchemy import Connection, insert, select, update

from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.occurrence import Request, RequestState
from msp_ops.domain.plan import PlannedFile
from msp_ops.store.database import Database
from msp_ops.store.encode import rebuild, written
from msp_ops.store.processes import Processes
from msp_ops.store.rows import AnyRow, clock_time
from msp_ops.store.schema import runs
from msp_ops.store.schema_time import requests

_requests = select(requests, runs.c.id.label("begun")).outerjoin(runs, runs.c.id == requests.c.claimed_by)


class Requests:
    """The id is all that travels to the worker."""

    def __init__(self, database: Database, clock: Clock, processes: Processes) -> None:
        self._database = database
        self._clock = clock
        self._processes = processes

    def save(self, request: Request) -> None:
        """PlanError when a request of that id is there already."""
        with self._database.writing() as connection:
            if _row(connection, request.id) is not None:
                raise PlanError(f"the request {request.id} is saved already: it runs once")
            connection.execute(
                insert(requests).values(
                    id=request.id,
                    client_id=request.client_id,
                    runbook_id=request.runbook_id,
                    hosts=request.hosts,
                    parameters=written(request.parameters),
                    files=written(request.files),
                    ticket=request.ticket,
                    reason=request.reason,
                    actor=request.actor,
                    saved_at=self._clock.now(),
                )
            )

    def claim(self, request_id: str, by: str) -> Request:
        """Ours alone from now on, for the run of the id `by`.

        NotPermitted when it is not there or was claimed: by whom, when.
        """
        with self._database.writing() as connection:
            row = _row(connection, request_id)
            if row is None:
                raise NotPermitted(f"there is no request {request_id}: save it before a worker is told")
            now = self._clock.now()
            if row.claimed_at is not None:
                since = clock_time(row.claimed_at, now)
                raise NotPermitted(f"request {request_id} was claimed by {row.claimed_by} at {since}: it runs once")
            process_id = self._processes.sign_in(connection)
            _change(connection, request_id, claimed_at=now, claimed_by=by, process_id=process_id)
            return self._request(connection, _known_row(connection, request_id))

    def ran(self, request_id: str, run_id: str) -> None:
        """Which run came of it."""
        with self._database.writing() as connection:
            _change(connection, request_id, run_id=run_id)

    def refuse(self, request_id: str, why: str) -> None:
        """It became no run, and these words say why."""
        with self._database.writing() as connection:
            _change(connection, request_id, refusal=why)

    def read(self, request_id: str) -> Request:
        """PlanError when there is none of that id."""
        with self._database.reading() as connection:
            return self._request(connection, _known_row(connection, request_id))

    def list(self, client_id: str | None = None, limit: int | None = 200) -> list[Request]:
        """The newest first."""
        chosen = _requests.order_by(requests.c.saved_at.desc(), requests.c.id.desc()).limit(limit)
        if client_id is not None:
            chosen = chosen.where(requests.c.client_id == client_id)
        with self._database.reading() as connection:
            return [self._request(connection, row) for row in connection.execute(chosen)]

    def _request(self, connection: Connection, row: AnyRow) -> Request:
        state, refusal = self._standing(connection, row)
        return Request(
            id=row.id,
            client_id=row.client_id,
            runbook_id=row.runbook_id,
            hosts=row.hosts,
            parameters=rebuild(dict[str, str], row.parameters),
            files=rebuild(tuple[PlannedFile, ...], row.files or "[]"),
            ticket=row.ticket,
            reason=row.reason,
            actor=row.actor,
            run_id=row.run_id or row.begun,
            state=state,
            refusal=refusal,
        )

    def _standing(self, connection: Connection, row: AnyRow) -> tuple[RequestState, str]:
        """True also when the worker that took it is dead."""
        if row.run_id or row.begun:
            return RequestState.RAN, ""
        if row.refusal is not None:
            return RequestState.REFUSED, row.refusal
        if row.claimed_at is None:
            return RequestState.WAITING, ""
        if self._processes.is_at_work(connection, row.process_id):
            return RequestState.CLAIMED, ""
        return RequestState.REFUSED, "the worker that took it ended before the run began"


def _row(connection: Connection, request_id: str) -> AnyRow | None:
    return connection.execute(_requests.where(requests.c.id == request_id)).one_or_none()


def _known_row(connection: Connection, request_id: str) -> AnyRow:
    row = _row(connection, request_id)
    if row is None:
        raise PlanError(f"there is no request {request_id}")
    return row


def _change(connection: Connection, request_id: str, **values: object) -> None:
    connection.execute(update(requests).where(requests.c.id == request_id).values(**values))
