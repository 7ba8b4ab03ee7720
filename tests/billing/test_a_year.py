"""A year of three persons' work for clients in four zones, counted again minute by minute by the wall clock."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from msp_ops.billing.entry import Entry
from msp_ops.billing.month import price_month
from msp_ops.calendar.zones import zone
from msp_ops.domain.contract import Rounding
from msp_ops.domain.hours import WEEKDAYS, Holidays, Hours, OpenHours
from tests.billing.cast import client, hourly, interval, work

MINUTE, STEP = timedelta(minutes=1), 15
PLACES = {
    "acme": "Europe/Berlin",
    "borealis": "America/New_York",
    "cobalt": "Australia/Lord_Howe",
    "delta": "Asia/Tokyo",
}
HOLIDAYS = (date(2026, 1, 1), date(2026, 3, 29), date(2026, 11, 2), date(2026, 12, 25))
HOURS = Hours(open=(OpenHours(days=WEEKDAYS[:5], start=time(8), end=time(17, 30)),), holidays=Holidays(also=HOLIDAYS))
TIMES = {"business": Decimal(1), "after-hours": Decimal("1.5"), "weekend": Decimal(2), "holiday": Decimal("2.5")}
RATE = Decimal("97.30")
CLIENTS = {
    name: replace(
        client([replace(hourly(Rounding(increment=STEP * MINUTE), str(RATE)), multipliers=TIMES)], timezone=place),
        id=name,
        hours=HOURS,
    )
    for name, place in PLACES.items()
}


def a_year(chance):
    """Work at any hour, often two things at once, through every clock change and month end."""
    begin = datetime(2026, 1, 1, 12, tzinfo=UTC)
    for number in range(900):
        start = begin + chance.randrange(363 * 24 * 60) * MINUTE
        length = chance.choice([1, 5, 15, 44, 90, 200, 700])
        span = interval(length * MINUTE, start)
        name, person = chance.choice(list(CLIENTS)), chance.choice(["kim", "sam", "lee"])
        made = replace(
            work(), id=f"w{number:03}", client_id=name, person=person, ticket="T-1", machine=span, attended=span
        )
        yield Entry(record=made, succeeded=chance.random() < 0.9)


def of_wall(moment, place):
    local = moment.astimezone(zone(place))
    if local.date() in HOLIDAYS:
        return "holiday"
    if local.weekday() > 4:
        return "weekend"
    return "business" if time(8) <= local.time() < time(17, 30) else "after-hours"


def counted_by_hand(entries):
    """Minutes by record and class: each minute of a person belongs to whichever record began first."""
    taken, found = set(), {}
    for each in sorted(entries, key=lambda one: (one.record.attended.started_at, one.record.id)):
        work_, classes = each.record, []
        for number in range(work_.attended.duration // MINUTE if each.succeeded else 0):
            at = work_.attended.started_at + number * MINUTE
            if (work_.person, at) not in taken:
                taken.add((work_.person, at))
                classes.append(of_wall(at, PLACES[work_.client_id]))
        found[work_.id] = classes
    return found


def owed_by_hand(classes):
    """Up to a quarter of an hour, what is added in the class of the last minute; rounded to the cent once."""
    billed = Counter(classes)
    if classes:
        billed[classes[-1]] += -len(classes) % STEP
    exact = sum((RATE * TIMES[name] * minutes for name, minutes in billed.items()), Decimal(0)) / 60
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP), +billed


def months_of(entries, name):
    """Each month's entries of the client, by the wall of its own zone."""
    months = {}
    for each in entries:
        if each.record.client_id == name:
            begun = each.record.attended.started_at.astimezone(zone(PLACES[name])).date()
            months.setdefault(begun.replace(day=1), []).append(each)
    return months


def test_a_year_over_four_zones_is_what_the_wall_clocks_say_to_the_minute_and_cent():
    entries = list(a_year(random.Random(20261123)))  # noqa: S311  # the same year each time
    by_hand = counted_by_hand(entries)
    total, expected = Decimal(0), Decimal(0)
    for name, a_client in CLIENTS.items():
        for month, mine in months_of(entries, name).items():
            priced = price_month(a_client, month, mine, entries)
            total += priced.total
            for each in mine:
                amount, billed = owed_by_hand(by_hand[each.record.id])
                charges = [one for one in priced.charges_of(each.record.id) if one.billed]
                assert {one.hour_class: one.billed // MINUTE for one in charges} == billed
                assert sum((one.amount for one in charges), Decimal(0)) == amount
                expected += amount
    assert total == expected > 100_000
