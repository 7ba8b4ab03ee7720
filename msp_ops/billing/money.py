"""Exact money: an amount is a whole number of its currency's minor units, rounded once and half up."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

# ISO 4217, the currencies whose minor unit is not a hundredth
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_DIGITS = dict.fromkeys(_WHOLE.split(), 0) | dict.fromkeys(_THOUSANDTHS.split(), 3)


def digits(currency: str) -> int:
    """How many decimal places an amount of that currency has."""
    return _DIGITS.get(currency, 2)


def in_minor_units(amount: Decimal, currency: str) -> Decimal:
    """Rounded half up, as an invoice is: Decimal's own default would make 0.125 into 0.12."""
    with localcontext(prec=50):
        return amount.quantize(Decimal(1).scaleb(-digits(currency)), rounding=ROUND_HALF_UP)


def cost(span: timedelta, hourly_rate: Decimal, currency: str) -> Decimal:
    """What a span of whole seconds costs at a rate by the hour."""
    return next(running_costs([(span, hourly_rate)], currency))


def running_costs(spans: Iterable[tuple[timedelta, Decimal]], currency: str) -> Iterator[Decimal]:
    """What each span and all before it cost together: added up exactly, then rounded."""
    owed = Decimal(0)
    for span, hourly_rate in spans:
        with localcontext(prec=50):
            owed += hourly_rate * (span // timedelta(seconds=1))
            together = owed / 3600
        yield in_minor_units(together, currency)
