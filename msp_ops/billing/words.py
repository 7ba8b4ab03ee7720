"""Time and money as people read them."""

from datetime import timedelta
from decimal import Decimal

from msp_ops.billing.money import digits, in_minor_units
from msp_ops.domain.contract import Rounding
from msp_ops.domain.hours import HourClass

_CLASSES: dict[HourClass, str] = {
    "business": "in business hours",
    "after-hours": "after hours",
    "weekend": "at the weekend",
    "holiday": "on a holiday",
}


def time_words(span: timedelta) -> str:
    """`1 h 45 min`, `40 s`, `0 min`: exact to the second, so that a bill can be followed by hand."""
    seconds = abs(span) // timedelta(seconds=1)
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    words = " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"
    return f"-{words}" if span < timedelta(0) else words


def money_words(amount: Decimal, currency: str) -> str:
    """`EUR 71.25`, `EUR 1,250.00`, `JPY 1,250`."""
    return f"{currency} {in_minor_units(amount, currency):,.{digits(currency)}f}"


def rate_words(hourly_rate: Decimal, currency: str) -> str:
    """`95.00 EUR/h`; never rounded, a rate may be finer than the currency."""
    places = max(digits(currency), -int(hourly_rate.normalize().as_tuple().exponent))
    return f"{hourly_rate:,.{places}f} {currency}/h"


def rounding_words(rounding: Rounding) -> str:
    """`15-minute steps, at least 30 min, 10 min of grace`."""
    step = rounding.increment
    minutes, rest = divmod(step, timedelta(minutes=1))
    words = [f"{time_words(step)} steps" if rest else f"{minutes}-minute steps"] if step else ["to the second"]
    if rounding.minimum:
        words.append(f"at least {time_words(rounding.minimum)}")
    if rounding.grace:
        words.append(f"{time_words(rounding.grace)} of grace")
    return ", ".join(words)


def class_words(hour_class: HourClass) -> str:
    """`after hours`, as it stands behind a time or a price."""
    return _CLASSES[hour_class]


def number_words(number: Decimal) -> str:
    """`20`, `7.5`: without zeros at its end."""
    return f"{number.normalize():f}"
