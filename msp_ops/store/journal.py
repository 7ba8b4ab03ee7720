"""The journal that the engine writes: each method is one transaction, durable when it returns."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from msp_ops.domain.actor import Actor
from msp_ops.domain.approval import Approval
from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import NotPermitted, StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.domain.plan import Plan
from msp_ops.domain.run import HostResult
from msp_ops.domain.trigger import Trigger
from msp_ops.domain.work import Charge, WorkRecord
from msp_ops.store import findings, intents, leases, ledger, proofs, results, stops
from msp_ops.store.approvals import Approvals
from msp_ops.store.bulk import insert_all
from msp_ops.store.database import Database
from msp_ops.store.encode import written
from msp_ops.store.heart import Heart
from msp_ops.store.leases import Leases
from msp_ops.store.places import place_of, refuse_second
from msp_ops.store.processes import Processes
from msp_ops.store.rows import AnyRow, clock_time, run_row
from msp_ops.store.schema import run_hosts, runs


class StoreJournal:
    """Every method raises StoreError when its commit is not durable: nothing of it was saved then."""

    def __init__(self, database: Database, clock: Clock, processes: Processes, approvals: Approvals) -> None:
        self._database = database
        self._approvals = approvals
        self._clock = clock
        self._processes = processes
        self._leases = Leases(processes)
        self._heart = Heart(processes.beat, clock)

    def open_run(self, run_id: str, plan: Plan, trigger: Trigger, actor: Actor) -> None:
        """The run belongs to this process from now on; its heartbeat begins. Stopped while a person stopped all."""
        with self._database.writing() as connection:
            if connection.execute(select(runs.c.id).where(runs.c.id == run_id)).first() is not None:
                raise StoreError(f"run {run_id} is already in the store: every run needs an id of its own")
            stops.refuse_stopped(connection, None, self._clock)
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
            of_run = {"run_id": run_id, "client_id": plan.client_id}
            hosts = [{**of_run, "host_id": each, "position": place} for place, each in enumerate(plan.host_ids())]
            insert_all(connection, run_hosts, hosts)
        self._heart.run_opened(run_id)

    def take_host(self, run_id: str, host_id: str, peers: Collection[str] = ()) -> Lease:
        """HostBusy: who is at work there, or on a peer, since when; NotPermitted: who left it unknown."""
        with self._database.writing() as connection:
            place = self._own_place(connection, run_id, host_id)
            refuse_second(place)
            return self._leases.take(connection, place, peers, self._clock.now())

    def intend(self, run_id: str, host_id: str, parcel: Parcel, lease: Lease) -> None:
        """NotPermitted without the host's lease: who slept through its loss must not act. Stopped: a person said so."""
        with self._database.writing() as connection:
            place = self._own_place(connection, run_id, host_id)
            stops.refuse_stopped(connection, run_id, self._clock)
            refuse_second(place)
            leases.require(connection, place, lease)
            intents.save(connection, place, parcel, self._clock)

    def record(self, run_id: str, result: HostResult) -> None:
        """Also opens, touches and closes findings, and frees the lease unless the result is unknown.

        NotPermitted for ever: the host has its result, the run has ended, or another process opened it.
        """
        with self._database.writing() as connection:
            place = place_of(connection, run_id, result.host_id)
            self._refuse_closed(place)
            self._processes.require_own(place)
            results.save(connection, place, result, self._processes.own_id, self._clock.elapsed())
            findings.track(connection, place, result.steps)
            if result.outcome is not Outcome.UNKNOWN:
                leases.free(connection, place)

    def prove(self, run_id: str, result: HostResult) -> None:
        """How an unknown host ended; frees its lease. Any process may: of many provers one is heard.

        NotPermitted when it is not unknown, or was resolved, or its process is at work on it after all.
        """
        with self._database.writing() as connection:
            proofs.save(connection, run_id, result, self._processes, self._clock)

    def ask(self, run_id: str, step: str) -> None:
        """The question of a step stands from now on."""
        self._approvals.ask(run_id, step)

    def approval(self, run_id: str, step: str) -> Approval | None:
        """The word that a person gave, if one did."""
        return self._approvals.of(run_id, step)

    def leave(self) -> None:
        """Say that this process is ending: what it has open is left behind for every reader, and nothing new begins.

        A second time changes nothing.
        """
        with self._database.writing() as connection:
            self._processes.leave(connection)
        self._heart.stop()

    def close_run(self, run_id: str, work: WorkRecord, charges: Sequence[Charge]) -> datetime:
        """Also for a run that a dead process left; NotPermitted while another process is at work on it."""
        ended_at = self._clock.now()
        with self._database.writing() as connection:
            run = run_row(connection, run_id)
            self._refuse_close(connection, run, work)
            ledger.append(connection, work, charges, ended_at)
            connection.execute(update(runs).where(runs.c.id == run_id).values(ended_at=ended_at))
        self._heart.run_closed(run_id)
        return ended_at

    def trouble(self) -> str | None:
        """Why no further host must begin here: the store takes no heartbeat, others will take this process for dead."""
        return self._heart.trouble()

    def stop(self) -> None:
        """No more heartbeats: what is still open is given up."""
        self._heart.stop()

    def _own_place(self, connection: Connection, run_id: str, host_id: str) -> AnyRow:
        """With a fresh beat: who sees us dead in the same moment comes before or after, and never between."""
        place = place_of(connection, run_id, host_id)
        self._refuse_closed(place)
        self._processes.require_own(place)
        self._processes.sign_in(connection)
        return place

    def _refuse_closed(self, run: AnyRow) -> None:
        if run.ended_at is not None:
            raise NotPermitted(f"run {run.id} has ended at {clock_time(run.ended_at, self._clock.now())}")

    def _refuse_close(self, connection: Connection, run: AnyRow, work: WorkRecord) -> None:
        if run.ended_at is not None:
            raise StoreError(f"run {run.id} was closed at {run.ended_at:%Y-%m-%d %H:%M} UTC: its time is counted once")
        if (work.run_id, work.client_id) != (run.id, run.client_id):
            raise StoreError(
                f"the work record {work.id} is of {work.client_id}, run {work.run_id}, not of run {run.id}"
            )
        if run.process_id != self._processes.own_id and self._processes.is_at_work(connection, run.process_id):
            raise NotPermitted(f"run {run.id} is going on in another process: wait for its end")
