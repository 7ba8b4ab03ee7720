"""What a person must answer before a month may close. A decision on a record answers all but how its run ended."""

from collections.abc import Iterator
from typing import Literal

from msp_ops.billing.contracts import Undecided, Waived
from msp_ops.billing.entry import Entry
from msp_ops.billing.minutes import Counted
from msp_ops.billing.shares import UNDECIDED
from msp_ops.domain.client import Client
from msp_ops.domain.contract import Contract
from msp_ops.domain.ledger import Question
from msp_ops.domain.work import Charge

DECIDE = "decide which contract prices it, or that it costs nothing"
_FLAGS = {
    "clock-stepped": "the clock was set while its time was measured",
    "estimated": "its end was not measured, because what measured it stopped",
}


def questions_of(
    entry: Entry, client: Client, choice: Contract | Undecided | Waived, counted: Counted
) -> Iterator[Question]:
    """All of one entry, before its price is known."""
    if entry.succeeded is None:
        yield _unknown(entry)
    elif not entry.is_free and isinstance(choice, Undecided):
        yield _ask(entry, "undecided", choice.reason, DECIDE)
    if entry.is_free or entry.decision is not None:
        return
    yield from _of_measuring(entry)
    if client.policy.ticket_required and entry.record.person is not None and not entry.record.ticket:
        yield _ask(
            entry, "ticket", f"{entry.record.person} worked without a ticket, and {client.name} wants one", DECIDE
        )
    for each in counted.held:
        if "hand" in (entry.record.source, each.by.source):
            said = f"{entry.record.person} wrote down time that overlaps with {each.by.id}"
            yield _ask(entry, "overlap", said, "decide what this record costs; its overlapping minutes count once")
            break


def of_rates(charge: Charge) -> Iterator[Question]:
    """Of a charge that a contract makes and has no rate for."""
    if charge.rule == UNDECIDED and charge.contract_id is not None and charge.record_id is not None:
        yield Question(kind="terms", subject=charge.record_id, says=charge.reason, do=DECIDE)


def _of_measuring(entry: Entry) -> Iterator[Question]:
    for flag in entry.record.flags:
        says = _FLAGS.get(flag, f"its measuring was flagged '{flag}'")
        yield _ask(entry, "flag", says, "look whether its time can be right, then decide what it costs")


def _unknown(entry: Entry) -> Question:
    run = entry.record.run_id
    do = f"msp-ops recover {run}, or look yourself and say so: msp-ops runs resolve {run}" if run else DECIDE
    return Question(kind="unknown", subject=run or entry.record.id, says="it is not known how the work ended", do=do)


def _ask(entry: Entry, kind: Literal["undecided", "flag", "ticket", "overlap"], says: str, do: str) -> Question:
    return Question(kind=kind, subject=entry.record.id, says=says, do=do)
