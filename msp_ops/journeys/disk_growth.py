"""When will which disk be full? Read from the store alone: no host is asked."""

from collections.abc import Sequence
from datetime import datetime

from msp_ops.domain.client import Client, Host
from msp_ops.domain.growth import PAST, Growth, growth
from msp_ops.journeys.parts import Parts

FREE = "disk_free"  # `disk_free:/var`, as the check `disk` measures it


def disk_growth(parts: Parts, client: Client, hosts: Sequence[Host], now: datetime) -> dict[str, tuple[Growth, ...]]:
    """By host, its places by name; a host of which nobody measured a disk has none."""
    measured = parts.store.measurements.series(client.id, FREE, now - PAST, now)
    return {
        host.id: tuple(growth(place, figures, now) for place, figures in sorted(measured.get(host.id, {}).items()))
        for host in hosts
    }
