"""The sections of a summary, as values: every text is final, every figure counted."""

from collections.abc import Sequence
from itertools import groupby
from typing import Literal

from msp_ops.domain.record import record
from msp_ops.reports.signals import Update
from msp_ops.reports.words import listed

Mark = Literal["good", "attention", "bad", "unknown", "none"]
CellState = Literal["proved", "read", "repeated", "failed", "unchecked", "none"]


@record
class Note:
    """A short title with its detail."""

    title: str
    words: str


@record
class Standing:
    """How something stands; where it is not good, why and what happens next.

    `without_changes`: what may be said when no change was recorded.
    """

    mark: Mark
    state: str
    why: str = ""
    what_next: str = ""
    without_changes: str = "nothing was changed"


@record
class UpdateRow:
    """What became of one machine's updates."""

    machine: str
    about: str
    standing: Standing
    installed: tuple[Update, ...]
    held: tuple[Note, ...]

    @property
    def packages(self) -> str:
        """Each package once, however often it came."""
        return listed(tuple(dict.fromkeys(update.package for update in self.installed)), 5)


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

    @property
    def most(self) -> int:
        """The longest bar."""
        return max((len(row.installed) for row in self.rows), default=0)


@record
class Cell:
    """One backup on one day."""

    day: int
    when: str
    state: CellState
    says: str
    reason: str

    @property
    def words(self) -> str:
        return f"{self.when} {self.says}" + (f": {self.reason}" if self.reason else ".")


def _stretch(cells: Sequence[Cell]) -> str:
    """`3 Nov, 4 Nov and 5 Nov not checked: why`, said once."""
    alike = cells[0]
    return f"{listed([cell.when for cell in cells])} {alike.says}" + (f": {alike.reason}" if alike.reason else ".")


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

    @property
    def exceptions(self) -> tuple[str, ...]:
        """The days that were not simply good, in words."""
        bad = (cell for cell in self.cells if cell.state in {"failed", "repeated", "unchecked"})
        return tuple(_stretch(list(alike)) for _, alike in groupby(bad, key=lambda cell: (cell.says, cell.reason)))


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
    def failing(self) -> tuple[BackupRow, ...]:
        """Those whose last answer of the month was bad."""
        return tuple(row for row in self.rows if row.last and row.last.state == "failed")

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
    machines: str
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
class Compared:
    """The other business model: `basis` says how its amount was worked out."""

    title: str
    says: str
    basis: str
    bars: tuple[Bar, ...]


@record
class Charges:
    """The money; the total is the exact sum of the lines."""

    says: str
    lines: tuple[ChargeLine, ...]
    measured: str
    billed: str
    total: str
    comparison: Compared | None = None
