"""Days on which nothing is changed."""

from collections.abc import Iterable
from datetime import datetime

from msp_ops.calendar.zones import zone
from msp_ops.domain.schedule import Freeze


def frozen_by(freezes: Iterable[Freeze], zone_name: str, at: datetime) -> Freeze | None:
    """The first freeze whose days, in that zone, include the moment."""
    day = at.astimezone(zone(zone_name)).date()
    return next((freeze for freeze in freezes if freeze.first_day <= day <= freeze.last_day), None)
