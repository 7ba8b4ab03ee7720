"""How long changes took, for the forecast whether another host still fits into the window."""

from collections import defaultdict
from datetime import timedelta

from sqlalchemy import exists, func, select

from msp_ops.domain.outcome import Outcome
from msp_ops.store.database import Database
from msp_ops.store.schema import host_results, intents, runs

LATEST = 10
_GOOD = [outcome for outcome in Outcome if outcome.is_good]


class Durations:
    """What each host needed before."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def past(self, client_id: str, runbook_id: str) -> dict[str, tuple[timedelta, ...]]:
        """By host, the newest first: its last good results in runs that changed it, at most ten."""
        of_host = (intents.c.run_id == host_results.c.run_id, intents.c.host_id == host_results.c.host_id)
        newest_first = func.row_number().over(partition_by=host_results.c.host_id, order_by=runs.c.opened_at.desc())
        numbered = (
            select(host_results.c.host_id, host_results.c.duration, newest_first.label("number"))
            .join(runs, runs.c.id == host_results.c.run_id)
            .where(runs.c.client_id == client_id, runs.c.runbook_id == runbook_id)
            .where(host_results.c.outcome.in_(_GOOD), exists().where(*of_host))
            .subquery()
        )
        found: dict[str, list[timedelta]] = defaultdict(list)
        with self._database.reading() as connection:
            chosen = select(numbered).where(numbered.c.number <= LATEST).order_by(numbered.c.number)
            for row in connection.execute(chosen):
                found[row.host_id].append(row.duration)
        return {host_id: tuple(spans) for host_id, spans in found.items()}
