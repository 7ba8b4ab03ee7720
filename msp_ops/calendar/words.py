"""Times as people say them. Names of days are our own: a machine's locale must not change a client's text."""

from datetime import datetime, time, timedelta

from msp_ops.calendar.occurrences import window_of
from msp_ops.calendar.rules import Parts, rule_parts
from msp_ops.calendar.zones import zone
from msp_ops.domain.client import Client
from msp_ops.domain.schedule import Schedule, Window

_DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def place(zone_name: str) -> str:
    """`America/New_York` as `New York`."""
    return zone_name.rpartition("/")[2].replace("_", " ")


def moment_words(at: datetime, zone_name: str) -> str:
    """`Sat 12 Dec 2026 22:00 Berlin`."""
    local = at.astimezone(zone(zone_name))
    day = tuple(_DAYS.values())[local.weekday()][:3]
    return f"{day} {local.day} {_MONTHS[local.month - 1]} {local.year} {local:%H:%M} {place(zone_name)}"


def describe(schedule: Schedule, client: Client) -> str:
    """`2nd Saturday 22:00-02:00 Berlin`, or without a window `every day 06:00 Berlin`."""
    window = window_of(schedule, client)
    if window is not None:
        return describe_window(window, client.timezone)
    start = "" if schedule.start is None else f" {schedule.start:%H:%M}"
    return f"{rule_words(schedule.rrule or '')}{start} {place(client.timezone)}"


def describe_window(window: Window, zone_name: str) -> str:
    """`2nd Saturday 22:00-02:00 Berlin`; the end is that of an ordinary day."""
    return f"{rule_words(window.rrule)} {_span_words(window.start, window.duration)} {place(zone_name)}"


def rule_words(rule: str) -> str:
    """The usual rules in words; the others as they are written."""
    parts = rule_parts(rule)
    names = set(parts) - {"FREQ", "INTERVAL"}
    every = parts.get("INTERVAL", "1")
    match parts["FREQ"], sorted(names):
        case "DAILY", []:
            return "every day" if every == "1" else f"every {every} days"
        case "WEEKLY", ["BYDAY"]:
            return _week_words(parts, every)
        case "MONTHLY", ["BYDAY"] if every == "1":
            return _month_words(parts["BYDAY"].split(","))
        case "MONTHLY", ["BYMONTHDAY"] if every == "1":
            return _listed([_numbered(int(day), " day") for day in parts["BYMONTHDAY"].split(",")]) + " of the month"
        case _:
            return rule


def _week_words(parts: Parts, every: str) -> str:
    days = parts["BYDAY"]
    if days == "MO,TU,WE,TH,FR":
        return "Monday to Friday" if every == "1" else f"every {every} weeks from Monday to Friday"
    named = _listed([_DAYS[day] for day in days.split(",")])
    return f"every {named}" if every == "1" else f"every {every} weeks on {named}"


def _month_words(days: list[str]) -> str:
    """`1st and 3rd Saturday`; days of several names are told one by one."""
    if len({day[-2:] for day in days}) == 1:
        return f"{_listed([_which(day) for day in days])} {_DAYS[days[0][-2:]]}"
    return _listed([f"{_which(day)} {_DAYS[day[-2:]]}" for day in days])


def _which(day: str) -> str:
    return _numbered(int(day[:-2])) if day[:-2] else "every"


def _numbered(number: int, last: str = "") -> str:
    """`2nd`; from the end `last`, `2nd last`; `last` is what follows that word only."""
    if number < 0:
        return ("last" if number == -1 else f"{_numbered(-number)} last") + last
    ending = "th" if number in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _span_words(start: time, duration: timedelta) -> str:
    if duration >= timedelta(days=1):
        return f"{start:%H:%M} for {duration / timedelta(hours=1):g} h"
    end = datetime(2001, 1, 1, start.hour, start.minute) + duration  # noqa: DTZ001  # a wall clock without a day
    return f"{start:%H:%M}\N{EN DASH}{end:%H:%M}"
