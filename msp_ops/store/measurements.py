"""Figures over time: what trends and forecasts are made of."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select

from msp_ops.domain.finding import Measurement
from msp_ops.store.database import Database
from msp_ops.store.schema import measurements

Series = dict[str, dict[str, list[Measurement]]]  # by host, by subject


class Measurements:
    """What was measured on each host."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def series(self, client_id: str, kind: str, since: datetime, until: datetime) -> Series:
        """The figures named `kind:subject` of one client in a period (`until` not included), the oldest first."""
        chosen = (
            select(measurements)
            .where(measurements.c.client_id == client_id)
            .where(measurements.c.name.startswith(f"{kind}:", autoescape=True))
            .where(measurements.c.at >= since, measurements.c.at < until)
            .order_by(measurements.c.at)
        )
        found: Series = defaultdict(lambda: defaultdict(list))
        with self._database.reading() as connection:
            for row in connection.execute(chosen):
                figure = Measurement(name=row.name, value=row.value, unit=row.unit, at=row.at)
                found[row.host_id][row.name.partition(":")[2]].append(figure)
        return found
