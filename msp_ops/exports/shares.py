"""Rounding that loses nothing: sums are rounded, and each part gets what its sum has grown by."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

from msp_ops.billing.money import in_minor_units

HOUR = 3600


def whole_steps(spans: Sequence[timedelta], steps_an_hour: int) -> tuple[int, ...]:
    """Each span in steps such as minutes (60 an hour), by running sums: together they are their sum, rounded once.

    A span above zero is at least one step, for the targets refuse no time at all; later spans make up for it.
    """
    sum_of, given, steps = timedelta(0), 0, []
    for span in spans:
        sum_of += span
        due = rounded_steps(sum_of, steps_an_hour) - given
        steps.append(max(due, 1) if span > timedelta(0) else 0)
        given += steps[-1]
    return tuple(steps)


def rounded_steps(span: timedelta, steps_an_hour: int) -> int:
    """Half a step counts as one."""
    seconds = span // timedelta(seconds=1)
    return (seconds * steps_an_hour * 2 + HOUR) // (2 * HOUR)


def hours(steps: int, steps_an_hour: int, places: int = 4) -> Decimal:
    """Steps as decimal hours; exact for hundredths and ten-thousandths."""
    with localcontext(prec=50):
        step = Decimal(1).scaleb(-places)
        return (Decimal(steps) / steps_an_hour).quantize(step, rounding=ROUND_HALF_UP)


def money_shares(amount: Decimal, parts: Sequence[int], currency: str) -> tuple[Decimal, ...]:
    """The amount in proportion to the parts, in minor units; together exactly the amount."""
    whole, so_far, given, shares = sum(parts), 0, Decimal(0), []
    for part in parts:
        so_far += part
        due = in_minor_units(amount * so_far / whole, currency)
        shares.append(due - given)
        given = due
    return tuple(shares)


def unit_price(amount: Decimal, quantity: Decimal, rate: Decimal, currency: str, places: int = 4) -> Decimal | None:
    """What `quantity` must be multiplied with so that the product, rounded as money, is the amount; None: nothing is.

    The rate itself where it does, else the amount by the quantity: a group's price is rounded once, and a share of it
    may be a cent off its own product.
    """
    step = Decimal(1).scaleb(-places)
    with localcontext(prec=50):
        tried = [rate.quantize(step, rounding=ROUND_HALF_UP)]
        tried += [(amount / quantity).quantize(step, rounding=ROUND_HALF_UP)] if quantity else []
        return next((each for each in tried if in_minor_units(each * quantity, currency) == amount), None)
