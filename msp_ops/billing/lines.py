"""A priced month as the lines of its statement, with their names for ever, and what corrects earlier months."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from msp_ops.billing.money import in_minor_units
from msp_ops.billing.month import Judged, PricedMonth
from msp_ops.domain.ledger import Correction, FrozenLine, Line, OpenMonth

CORRECTED = "correction."


def lines_of(priced: PricedMonth, opened: OpenMonth) -> Iterator[Line]:
    """The charges with their names for ever: a record is priced in one month only, so its id and a number do."""
    numbers: Counter[str] = Counter()
    counted = {each.entry.record.id: each.counted.own for each in priced.judged if each.contract and _is_attended(each)}
    for charge in priced.charges:
        of = charge.record_id or f"{priced.client_id}-{priced.month:%Y-%m}-{charge.contract_id}"
        numbers[of] += 1
        yield Line(id=f"{of}-{numbers[of]}", charge=charge, counted=counted.get(of, ()) if numbers[of] == 1 else ())
    for correction, frozen in opened.corrections:
        yield from _corrected(correction, frozen)


def _is_attended(judged: Judged) -> bool:
    return judged.entry.record.person is not None and judged.entry.record.attended is not None


def _corrected(correction: Correction, frozen: FrozenLine) -> Iterator[Line]:
    wrong = frozen.line.charge
    said = f"{correction.reason} (line {frozen.line.id} of {frozen.month:%Y-%m}, by {correction.by})"
    back = replace(
        wrong,
        rule=f"{CORRECTED}reversed",
        reason=f"taken back: {said}",
        measured=-wrong.measured,
        billed=-wrong.billed,
        drawn=-wrong.drawn,
        amount=-wrong.amount,
    )
    yield Line(id=f"{frozen.line.id}-back", charge=back, reverses=frozen.line.id)
    if correction.instead is not None:
        amount = in_minor_units(correction.instead, wrong.currency)
        instead = replace(wrong, rule=f"{CORRECTED}instead", reason=f"instead: {said}", amount=amount)
        yield Line(id=f"{frozen.line.id}-instead", charge=instead)
