"""Findings over time: one opens when a check first sees it and closes when the same check no longer does."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Update, insert, or_, select, update

from msp_ops.domain.finding import EVERYTHING, Finding, TrackedFinding
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import StepResult
from msp_ops.store.database import Database
from msp_ops.store.rows import AnyRow
from msp_ops.store.schema import findings


class Findings:
    """What is wrong, or was."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(
        self,
        client_id: str | None = None,
        *,
        open_only: bool = True,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[TrackedFinding]:
        """The oldest first; with a period, those that were open at some time in it (`until` not included)."""
        chosen = select(findings).order_by(findings.c.opened_at, findings.c.id)
        if client_id is not None:
            chosen = chosen.where(findings.c.client_id == client_id)
        if open_only:
            chosen = chosen.where(findings.c.closed_at.is_(None))
        if since is not None:
            chosen = chosen.where(or_(findings.c.closed_at.is_(None), findings.c.closed_at >= since))
        if until is not None:
            chosen = chosen.where(findings.c.opened_at < until)
        with self._database.reading() as connection:
            return [_tracked(row) for row in connection.execute(chosen)]


def track(connection: Connection, run: AnyRow, host_id: str, steps: Iterable[StepResult]) -> None:
    """In the order of the steps: what the fix cured, the verification closes."""
    open_checks = _open_checks(connection, run, host_id)
    for step in steps:
        for finding in step.findings:
            _see(connection, run, host_id, finding, step.interval.ended_at)
            open_checks.add(finding.check)
        for check in _looked(step) & open_checks:
            _close_the_rest(connection, run, host_id, check, step)


def _open_checks(connection: Connection, run: AnyRow, host_id: str) -> set[str]:
    """Those that found something here before: only they can have something to close."""
    of_host = (findings.c.client_id == run.client_id, findings.c.host_id == host_id, findings.c.closed_at.is_(None))
    return set(connection.scalars(select(findings.c.check).where(*of_host).distinct()))


def _looked(step: StepResult) -> set[str]:
    """The checks whose silence means something: of a failed step, only those that reported have surely looked."""
    reported = {finding.check for finding in step.findings}
    match step.outcome:
        case Outcome.SUCCEEDED:
            return set(step.checks)
        case Outcome.FAILED:
            return set(step.checks) & reported
        case _:
            return set()


def _see(connection: Connection, run: AnyRow, host_id: str, finding: Finding, at: datetime) -> None:
    seen = {"severity": finding.severity, "message": finding.message, "last_seen_at": at, "last_seen_by": run.id}
    still_open = _open(run, host_id, finding.check).where(findings.c.subject == finding.subject)
    if connection.execute(still_open.values(**seen)).rowcount == 0:
        names = {"client_id": run.client_id, "host_id": host_id, "check": finding.check, "subject": finding.subject}
        connection.execute(insert(findings).values(**names, **seen, opened_at=at, opened_by=run.id))


def _close_the_rest(connection: Connection, run: AnyRow, host_id: str, check: str, step: StepResult) -> None:
    if EVERYTHING in step.unjudged:
        return
    subjects = {finding.subject for finding in step.findings if finding.check == check} | set(step.unjudged)
    gone = _open(run, host_id, check).where(findings.c.subject.not_in(subjects))
    connection.execute(gone.values(closed_at=step.interval.ended_at))


def _open(run: AnyRow, host_id: str, check: str) -> Update:
    return update(findings).where(
        findings.c.client_id == run.client_id,
        findings.c.host_id == host_id,
        findings.c.check == check,
        findings.c.closed_at.is_(None),
    )


def _tracked(row: AnyRow) -> TrackedFinding:
    return TrackedFinding(
        client_id=row.client_id,
        host_id=row.host_id,
        finding=Finding(check=row.check, subject=row.subject, severity=row.severity, message=row.message),
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        last_seen_at=row.last_seen_at,
        last_seen_by=row.last_seen_by,
        closed_at=row.closed_at,
    )
