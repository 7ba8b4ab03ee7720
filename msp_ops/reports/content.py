"""What a summary says, as values: a page only lays it out."""

from msp_ops.domain.record import record
from msp_ops.reports.sections import Backups, Charges, Health, Mark, Note, Problems, Standing, Updates
from msp_ops.reports.words import Tile


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
    """One figure of four: `value` of `total`, its share where it is one, and what it means."""

    title: str
    value: str
    total: str
    words: str
    mark: Mark
    permille: int | None = None


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
