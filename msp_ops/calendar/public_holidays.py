"""The public holidays of a country and region, by the pinned library `holidays`, which is loaded when one is asked for.

Its countries and regions are also kept in `holiday_places.json`, so that a file can be read without loading it.
"""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources

from msp_ops.domain.hours import Holidays

RULES = "holidays 0.109"
"""Whose rules these are: another version may know other days, and so make other prices."""


@cache
def holiday_places() -> Mapping[str, tuple[str, ...]]:
    """The countries that have rules, as ISO 3166 codes, and the regions of each."""
    text = resources.files("msp_ops.calendar").joinpath("holiday_places.json").read_text(encoding="utf-8")
    return {country: tuple(regions) for country, regions in json.loads(text).items()}


def is_holiday(day: date, holidays: Holidays) -> bool:
    """The days of the country and region, those added, without those worked nevertheless."""
    if day in holidays.worked:
        return False
    return day in holidays.also or (
        holidays.country is not None and day in _public(holidays.country, holidays.region, day.year)
    )


@cache
def _public(country: str, region: str | None, year: int) -> frozenset[date]:
    from holidays import country_holidays  # noqa: PLC0415  # 0.4 s, and most commands ask for no holiday

    # one year at a time: what is asked before must not change what is answered
    return frozenset(country_holidays(country, subdiv=region, years=year, expand=False))
