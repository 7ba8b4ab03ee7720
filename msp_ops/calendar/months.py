"""A calendar month as a client counts it."""

from datetime import date, datetime, time, timedelta

from msp_ops.calendar.zones import zone


def first_day(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return first_day(first_day(month) + timedelta(days=31))


def month_span(timezone: str, month: date) -> tuple[datetime, datetime]:
    """From the first midnight of the month to that of the next, in that zone."""
    here = zone(timezone)
    return datetime.combine(first_day(month), time(), here), datetime.combine(next_month(month), time(), here)
