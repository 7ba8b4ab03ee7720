"""The books: what a person decided, what a closed month says for ever, and the seal that anyone can check."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from msp_ops.domain.record import record
from msp_ops.domain.work import Charge


@record
class Decision:
    """A person's word on a record that no contract prices by itself; None: it costs nothing. The last one counts."""

    record_id: str
    contract_id: str | None
    by: str
    reason: str
    at: datetime


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
    """One line of a closed month: frozen. `reverses`: the line of an earlier month that this one takes back."""

    id: str
    charge: Charge
    reverses: str | None = None


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


@record
class Seal:
    """The heads of all chains at a moment, signed with Ed25519; each seal names the hash of the one before."""

    number: int
    at: datetime
    heads: dict[str, str]
    previous: str
    signature: str
    key_id: str
