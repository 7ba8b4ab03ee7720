"""The books: what a person decided, what a closed month says for ever, and the seal that anyone can check."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from msp_ops.domain.record import added, record
from msp_ops.domain.work import Charge, Span, WorkRecord


@record
class ChainHead:
    """What a seal signs: so many entries, the last one with this hash."""

    length: int
    hash: str

    @property
    def words(self) -> str:
        """`12 9f86…`: as a seal says it."""
        return f"{self.length} {self.hash}"

    @classmethod
    def read(cls, text: str) -> "ChainHead":
        """ValueError when the text is no head."""
        length, _, sha = text.partition(" ")
        head = cls(length=int(length), hash=sha)
        if head.words != text:
            raise ValueError(f"{text!r} is no head of a chain")
        return head


@record
class Decision:
    """A person's word on a record that no contract prices by itself; None: it costs nothing. The last one counts.

    `void`: it was written by mistake. It stays in the books, and neither a client nor another program is shown it.
    """

    record_id: str
    contract_id: str | None
    by: str
    reason: str
    at: datetime
    void: bool = added(False)  # the default of a field


@record
class Correction:
    """A line of a closed month was wrong: reversed in the next month that closes, `instead` charged where given."""

    line_id: str
    instead: Decimal | None
    by: str
    reason: str
    at: datetime


@record
class Line:
    """One line of a closed month: frozen. `reverses`: the line of an earlier month that this one takes back.

    `counted`, on the first line of a record: which minutes of its person it counts; no other record ever does again.
    """

    id: str
    charge: Charge
    reverses: str | None = None
    counted: tuple[Span, ...] = added(())


@record
class FrozenLine:
    """A line in its place: the chain of a client's lines is made of these."""

    client_id: str
    month: date
    line: Line


@record
class ClosedMonth:
    """What the close of a month says for ever. `month`: its first day; [since, until) by the client's calendar.

    `records`, `lines`: the heads of these chains then. A record belongs to the first closed month that ends after its
    work began and whose `records` reach it; one that came later belongs to the next month that closes.
    """

    client_id: str
    month: date
    since: datetime
    until: datetime
    currency: str
    total: Decimal
    count: int
    records: ChainHead
    lines: ChainHead
    closed_at: datetime
    closed_by: str


@record
class OpenMonth:
    """What is to be priced until a moment, and what persons said of it: all of it read at one moment.

    `late`: ids of those `records` whose own month was closed before they came. `decisions` by record, the last word of
    each. `corrections` that no closed month holds yet, each with the line that it takes back. `as_of`: the heads of the
    chains then, `everyone`: how long the chains of all clients' records and decisions were, for a person's minutes are
    counted over all clients. A close refuses when they have changed since in a way that matters.
    """

    client_id: str
    until: datetime
    records: tuple[WorkRecord, ...]
    late: tuple[str, ...]
    decisions: dict[str, Decision]
    corrections: tuple[tuple[Correction, FrozenLine], ...]
    as_of: dict[str, ChainHead]
    everyone: dict[str, int]


@record
class Question:
    """What a person must answer before a month may close: `record` or `run` that it is about, what to do."""

    kind: Literal["undecided", "unknown", "ticket", "flag", "overlap", "terms", "open", "earlier"]
    subject: str
    says: str
    do: str


@record
class Statement:
    """What a client owes for a month: its lines sum exactly to the total. `closed_at` None: it may still change."""

    client_id: str
    month: date
    currency: str
    lines: tuple[Line, ...]
    total: Decimal
    questions: tuple[Question, ...] = ()
    closed_at: datetime | None = None
    closed_by: str | None = None

    @property
    def charges(self) -> tuple[Charge, ...]:
        return tuple(line.charge for line in self.lines)


@record
class Seal:
    """The heads of all chains at a moment, signed with Ed25519; each seal names the hash of the one before.

    `heads`: `records/acme` to `LENGTH HASH`. The signature, in hex, is of everything else.
    """

    number: int
    at: datetime
    heads: dict[str, str]
    previous: str
    signature: str
    key_id: str
