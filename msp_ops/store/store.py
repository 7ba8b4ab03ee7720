"""The store: what runs, findings, occurrences and work records survive in."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from msp_ops.domain.audit import Audit
from msp_ops.domain.clock import Clock
from msp_ops.domain.ledger import Seal
from msp_ops.domain.sealing import Witness
from msp_ops.store.approvals import Approvals
from msp_ops.store.books import Ledger
from msp_ops.store.breaker import Breaker
from msp_ops.store.database import Database
from msp_ops.store.durations import Durations
from msp_ops.store.findings import Findings
from msp_ops.store.journal import StoreJournal
from msp_ops.store.machine import Machine, ThisMachine
from msp_ops.store.measurements import Measurements
from msp_ops.store.occurrences import Occurrences
from msp_ops.store.outbox import Outbox
from msp_ops.store.pauses import Pauses
from msp_ops.store.processes import Processes
from msp_ops.store.requests import Requests
from msp_ops.store.runs import Runs
from msp_ops.store.seals import Seals
from msp_ops.store.stops import Stops
from msp_ops.store.timers import Timers
from msp_ops.store.verify import verify
from msp_ops.store.version import build_or_refuse, upgrade
from msp_ops.store.work import Work


class Store:
    """The parts of one open store; safe for many threads, not across a fork."""

    def __init__(self, database: Database, clock: Clock, machine: Machine) -> None:
        self._database = database
        processes = Processes(database, clock, machine)
        self.approvals = Approvals(database, clock)
        self.journal = StoreJournal(database, clock, processes, self.approvals)
        self.runs = Runs(database, processes)
        self.findings = Findings(database)
        self.occurrences = Occurrences(database, clock, processes)
        self.pauses = Pauses(database, clock)
        self.requests = Requests(database, clock, processes)
        self.stops = Stops(database, clock)
        self.breaker = Breaker(database, clock)
        self.durations = Durations(database)
        self.measurements = Measurements(database)
        self.work = Work(database, clock)
        self.timers = Timers(database, clock)
        self.ledger = Ledger(database, clock)
        self.seals = Seals(database, clock)
        self.outbox = Outbox(database, clock, processes)

    def check(self) -> None:
        """Read every page of the file; StoreError says what is damaged. Takes seconds on a large store."""
        self._database.check()

    def verify(self, witness: Witness, sent: Sequence[Seal] = ()) -> Audit:
        """The whole ledger, with the first fault of each chain. `sent`: seals that were kept elsewhere."""
        return verify(self._database, witness, sent)

    def copy(self, target: Path) -> None:
        """A backup: one moment of the store in a new file, while others go on. StoreError says why not."""
        self._database.copy(target)

    def close(self) -> None:
        """Ends heartbeats and connections; runs that are still open read as left by this process once it has ended."""
        self.journal.stop()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(url: str, clock: Clock, machine: Machine | None = None) -> Store:
    """Open the store at `url`; an empty place gets its tables. StoreError says why not and what to do.

    `sqlite:////folder/store.db` for one machine, `postgresql://user@server/name` for several.
    """
    return Store(_ready(url, build_or_refuse), clock, machine or ThisMachine())


def upgrade_store(url: str) -> None:
    """Bring the tables of an older store to this version, all of it or nothing; stop every other msp-ops first."""
    _ready(url, upgrade).close()


def _ready(url: str, prepare: Callable[[Database], None]) -> Database:
    database = Database(url)
    with ExitStack() as after_a_refusal:
        after_a_refusal.callback(database.close)
        prepare(database)
        database.settle()
        after_a_refusal.pop_all()
    return database
