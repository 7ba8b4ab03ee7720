"""The journal that the engine writes: each method is one transaction, durable when it returns."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from msp_ops.domain.actor import Actor
from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import NotPermitted, StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.plan import Plan
from msp_ops.domain.run import HostResult
from msp_ops.domain.trigger import Trigger
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.store import findings, leases, ledger, results
from msp_ops.store.database import Database
from msp_ops.store.encode import written
from msp_ops.store.heart import Heart
from msp_ops.store.leases import Leases
from msp_ops.store.processes import Processes
from msp_ops.store.rows import AnyRow, run_row
from msp_ops.store.schema import intents, run_hosts, runs


class StoreJournal:
    """Every method raises StoreError when its commit is not durable: nothing of it was saved then."""

    def __init__(self, database: Database, clock: Clock, processes: Processes) -> None:
        self._database = database
        self._clock = clock
        self._processes = processes
        self._leases = Leases(processes)
        self._heart = Heart(processes.beat, clock)

    def open_run(self, run_id: str, plan: Plan, trigger: Trigger, actor: Actor) -> None:
        """The run belongs to this process from now on; its heartbeat begins."""
        with self._database.writing() as connection:
            if connection.execute(select(runs.c.id).where(runs.c.id == run_id)).first() is not None:
                raise StoreError(f"run {run_id} is already in the store: every run needs an id of its own")
            connection.execute(
                insert(runs).values(
                    id=run_id,
                    client_id=plan.client_id,
                    runbook_id=plan.runbook_id,
                    process_id=self._processes.sign_in(connection),
                    plan=written(plan),
                    plan_digest=plan.digest,
                    trigger=written(trigger),
                    actor=written(actor),
                    opened_at=self._clock.now(),
                )
            )
            for position, host_id in enumerate(plan.host_ids()):
                place = {"run_id": run_id, "host_id": host_id, "client_id": plan.client_id, "position": position}
                connection.execute(insert(run_hosts).values(**place))
        self._heart.run_opened(run_id)

    def take_host(self, run_id: str, host_id: str) -> int:
        """The lease's fencing token; NotPermitted: who holds the host, since when, and what to do."""
        with self._database.writing() as connection:
            run = run_row(connection, run_id)
            results.refuse_stranger(connection, run, host_id)
            results.refuse_second(connection, run, host_id)
            return self._leases.take(connection, run, host_id, self._clock.now())

    def intend(self, run_id: str, host_id: str, step: str, parcel_id: str) -> None:
        """NotPermitted without the host's lease: who slept through its loss must not act."""
        with self._database.writing() as connection:
            run = run_row(connection, run_id)
            results.refuse_second(connection, run, host_id)
            self._leases.require(connection, run, host_id)
            self._refuse_second_intent(connection, parcel_id)
            now = {"at": self._clock.now(), "elapsed": self._clock.elapsed()}
            what = {"run_id": run_id, "host_id": host_id, "step": step, "parcel_id": parcel_id}
            connection.execute(insert(intents).values(**what, **now))

    def record(self, run_id: str, result: HostResult) -> None:
        """Also opens, touches and closes findings, and frees the lease unless the result is unknown."""
        with self._database.writing() as connection:
            run = run_row(connection, run_id)
            results.save(connection, run, result, self._clock.elapsed())
            findings.track(connection, run, result.host_id, result.steps)
            if result.outcome is not Outcome.UNKNOWN:
                leases.free(connection, run, result.host_id)

    def close_run(self, run_id: str, work: WorkRecord, charges: Sequence[Charge]) -> None:
        """Also for a run that a dead process left; NotPermitted while another process is at work on it."""
        with self._database.writing() as connection:
            run = run_row(connection, run_id)
            self._refuse_close(connection, run, work)
            ledger.append(connection, work, charges, self._clock.now())
            connection.execute(update(runs).where(runs.c.id == run_id).values(ended_at=self._clock.now()))
        self._heart.run_closed(run_id)

    def trouble(self) -> str | None:
        """Why no further host must begin here: the store takes no heartbeat, others will take this process for dead."""
        return self._heart.trouble()

    def stop(self) -> None:
        """No more heartbeats: what is still open is given up."""
        self._heart.stop()

    def _refuse_close(self, connection: Connection, run: AnyRow, work: WorkRecord) -> None:
        if run.ended_at is not None:
            raise StoreError(f"run {run.id} was closed at {run.ended_at:%Y-%m-%d %H:%M} UTC: its time is counted once")
        if (work.run_id, work.client_id) != (run.id, run.client_id):
            raise StoreError(
                f"the work record {work.id} is of {work.client_id}, run {work.run_id}, not of run {run.id}"
            )
        if run.process_id != self._processes.own_id and self._processes.is_at_work(connection, run.process_id):
            raise NotPermitted(f"run {run.id} is going on in another process: wait for its end")

    def _refuse_second_intent(self, connection: Connection, parcel_id: str) -> None:
        if connection.execute(select(intents.c.run_id).where(intents.c.parcel_id == parcel_id)).first() is not None:
            raise StoreError(f"the parcel {parcel_id} was already intended: a parcel is committed at most once")
