"""What a summary says, as values: every text is final, every figure counted; a page only lays it out."""

from typing import Literal

from msp_ops.domain.record import record
from msp_ops.reports.signals import Update
from msp_ops.reports.words import Tile

Mark = Literal["good", "attention", "bad", "unknown", "none"]
CellState = Literal["proved", "read", "repeated", "failed", "unchecked", "none"]


@record
class Letterhead:
    """Who writes to whom, about what; `zone` names the zone of every time on the page."""

    msp: str
    contact: str
    client: str
    title: str
    period: str
    prepared: str
    zone: str


@record
class Fact:
    """One figure of four: `value` of `total`, and what it means."""

    title: str
    value: str
    total: str
    words: str
    mark: Mark


@record
class Decision:
    """Something that only the client can answer."""

    title: str
    words: str


@record
class Unchecked:
    """A machine, or a part of the care, of which we know less than was planned."""

    machine: str
    parts: str
    why: str
    what_next: str


@record
class Note:
    """A short title with its detail."""

    title: str
    words: str


@record
class Standing:
    """How something stands; where it is not good, why and what happens next."""

    mark: Mark
    state: str
    why: str = ""
    what_next: str = ""


@record
class UpdateRow:
    """What became of one machine's updates."""

    machine: str
    about: str
    standing: Standing
    installed: tuple[Update, ...]
    held: tuple[Note, ...]


@record
class Updates:
    """The updates of all machines."""

    says: str
    rows: tuple[UpdateRow, ...]

    @property
    def done(self) -> int:
        return sum(row.standing.mark == "good" for row in self.rows)

    @property
    def installed(self) -> int:
        return sum(len(row.installed) for row in self.rows)


@record
class Cell:
    """One backup on one day."""

    day: int
    state: CellState
    words: str


@record
class BackupRow:
    """One backup over the month; `level` is how far it was proved at best."""

    machine: str
    name: str
    cells: tuple[Cell, ...]
    level: str

    def number(self, *states: CellState) -> int:
        return sum(cell.state in states for cell in self.cells)

    @property
    def proved(self) -> int:
        return self.number("proved", "read", "repeated")

    @property
    def planned(self) -> int:
        return len(self.cells) - self.number("none")

    @property
    def last(self) -> Cell | None:
        return next((cell for cell in reversed(self.cells) if cell.state != "none"), None)


@record
class Backups:
    """The backups of all machines, day by day."""

    says: str
    rows: tuple[BackupRow, ...]

    def number(self, *states: CellState) -> int:
        return sum(row.number(*states) for row in self.rows)

    @property
    def proved(self) -> int:
        return sum(row.proved for row in self.rows)

    @property
    def planned(self) -> int:
        return sum(row.planned for row in self.rows)

    @property
    def states(self) -> frozenset[CellState]:
        """What the legend must explain."""
        return frozenset(cell.state for row in self.rows for cell in row.cells)


@record
class Meter:
    """A share in percent with the place it belongs to."""

    percent: int
    label: str
    mark: Mark


@record
class HealthRow:
    """How one machine is."""

    machine: str
    about: str
    standing: Standing
    seen: str
    storage: Meter | None
    notes: tuple[Note, ...]


@record
class Health:
    """How all machines are."""

    says: str
    rows: tuple[HealthRow, ...]

    @property
    def well(self) -> int:
        return sum(row.standing.mark == "good" for row in self.rows)


@record
class Problem:
    """One ticket, or one call without a ticket."""

    when: str
    ticket: str
    title: str
    done: str
    standing: Standing
    checked: str
    time: str
    charge: str
    reason: str


@record
class Problems:
    """What was reported, and what became of it."""

    says: str
    rows: tuple[Problem, ...]
    time: str
    charge: str

    @property
    def fixed(self) -> int:
        return sum(row.standing.mark == "good" for row in self.rows)


@record
class ChargeLine:
    """One line of the charges; `reason` says by which rule."""

    when: str
    what: str
    reason: str
    measured: str
    billed: str
    amount: str


@record
class Bar:
    """A length to compare: `permille` of the longest."""

    label: str
    words: str
    permille: int
    mark: Literal["plan", "hourly"]


@record
class Charges:
    """The money; the total is the exact sum of the lines."""

    says: str
    lines: tuple[ChargeLine, ...]
    measured: str
    billed: str
    total: str
    comparison: str
    bars: tuple[Bar, ...]


@record
class NextDate:
    """What is planned next."""

    tile: Tile
    title: str
    when: str
    words: str


@record
class MachineRow:
    """What one maintenance did on one machine."""

    machine: str
    about: str
    standing: Standing
    did: tuple[Note, ...]
    notes: tuple[Note, ...]
    checked: str


@record
class Proof:
    """Where the figures come from."""

    says: str
    runs: tuple[str, ...]
    digest: str


@record
class RunSummary:
    """One maintenance, completed."""

    letterhead: Letterhead
    verdict: str
    lede: str
    facts: tuple[Fact, ...]
    decisions: tuple[Decision, ...]
    unchecked: tuple[Unchecked, ...]
    machines: tuple[MachineRow, ...]
    charges: Charges
    next_dates: tuple[NextDate, ...]
    proof: Proof


@record
class MonthSummary:
    """One month of one client; a section is None when nothing of its kind is agreed or happened."""

    letterhead: Letterhead
    verdict: str
    lede: str
    facts: tuple[Fact, ...]
    decisions: tuple[Decision, ...]
    unchecked: tuple[Unchecked, ...]
    updates: Updates | None
    backups: Backups | None
    health: Health | None
    problems: Problems | None
    charges: Charges
    next_dates: tuple[NextDate, ...]
    proof: Proof
