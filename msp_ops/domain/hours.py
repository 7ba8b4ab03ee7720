"""When an hour is dear: a client's business hours and holidays, and the classes that a contract's prices know."""

from datetime import date, time
from typing import Literal

from msp_ops.domain.record import record

HourClass = Literal["business", "after-hours", "weekend", "holiday"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@record
class OpenHours:
    """On these days of the week, from `start` up to `end` (not included; 00:00 is the midnight that ends the day).

    By the clock on the wall in the client's zone: what it reads twice is open twice, what it leaves out is not there.
    """

    days: tuple[Weekday, ...]
    start: time
    end: time


@record
class Holidays:
    """The public holidays of a country (ISO 3166 code) and region, with days added and days worked nevertheless."""

    country: str | None = None
    region: str | None = None
    also: tuple[date, ...] = ()
    worked: tuple[date, ...] = ()


@record
class Hours:
    """`holiday` before `weekend` (a day of the week without open hours) before the hour of the day.

    Without open hours every hour is `business`, but on holidays.
    """

    open: tuple[OpenHours, ...] = ()
    holidays: Holidays = Holidays()
