"""Charges that no contract makes: no aim was reached, a person waived it, nobody decided, its minutes are taken."""

from datetime import timedelta
from decimal import Decimal

from msp_ops.billing.contracts import Undecided, Waived
from msp_ops.billing.entry import Entry
from msp_ops.billing.minutes import Counted, Held
from msp_ops.billing.money import in_minor_units
from msp_ops.billing.parts import rule_of
from msp_ops.billing.reasons import ESTIMATED, NOT_SUCCEEDED, decided_words
from msp_ops.billing.rounding import NOTHING, measured_time
from msp_ops.billing.shares import UNDECIDED
from msp_ops.billing.words import time_words
from msp_ops.calendar.zones import zone
from msp_ops.domain.client import Client
from msp_ops.domain.contract import Contract
from msp_ops.domain.work import Charge

FAILED = "not-succeeded.no-charge"
WAIVED = "decided.no-charge"
VOID = "decided.void"
OVERLAP = "overlap.counted-once"


def no_charge(entry: Entry, client: Client, choice: Contract | Undecided | Waived) -> Charge:
    """Of an entry that no contract prices; the whole of its time is measured, nothing of it billed."""
    match choice:
        case Waived(decision=decision) if decision.void:
            return _free(entry, client, VOID, f"written by mistake: {decided_words(decision)}")
        case Waived(decision=decision):
            return _free(entry, client, WAIVED, f"no charge: {decided_words(decision)}")
        case Undecided(reason=reason) if not entry.is_free:
            doubt = "; the time is estimated, a person should check it" if ESTIMATED in entry.record.flags else ""
            return _free(entry, client, UNDECIDED, f"{reason}: a person must decide what it costs{doubt}")
        case _:
            contract_id = None if isinstance(choice, Undecided) else choice.id
            return _free(entry, client, FAILED, NOT_SUCCEEDED, contract_id)


def not_counted(entry: Entry, client: Client, counted: Counted, contract: Contract) -> list[Charge]:
    """One for all that other records of the same person count already, and one for no time at all."""
    if not counted.held:
        return [] if counted.own else [_free(entry, client, rule_of(contract), "no time was measured", contract.id)]
    length = sum((each.span.length for each in counted.held), NOTHING)
    where = ", ".join(_held_words(each, client) for each in counted.held)
    reason = f"{time_words(length)} of {entry.record.person} count once, in another record: {where}"
    return [_free(entry, client, OVERLAP, reason, contract.id, length)]


def _held_words(held: Held, client: Client) -> str:
    place, other = zone(client.timezone), held.by
    whose = "" if other.client_id == client.id else " of another client"
    begin, end = (at.astimezone(place) for at in (held.span.started_at, held.span.ended_at))
    return f"{begin:%H:%M:%S} to {end:%H:%M:%S} {other.id}{whose}"


def _free(
    entry: Entry,
    client: Client,
    rule: str,
    reason: str,
    contract_id: str | None = None,
    measured: timedelta | None = None,
) -> Charge:
    return Charge(
        record_id=entry.record.id,
        contract_id=contract_id,
        rule=rule,
        reason=reason,
        measured=measured_time(entry.record) if measured is None else measured,
        billed=NOTHING,
        rate=Decimal(0),
        amount=in_minor_units(Decimal(0), client.currency),
        currency=client.currency,
        role=entry.role,
    )
