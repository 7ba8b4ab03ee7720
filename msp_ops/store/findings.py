"""Findings over time: one opens when a check first sees it and closes when the same check no longer does."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update

from msp_ops.domain.finding import EVERYTHING, Finding, TrackedFinding
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import StepResult
from msp_ops.store.bulk import insert_all
from msp_ops.store.columns import visible
from msp_ops.store.database import Database
from msp_ops.store.rows import AnyRow
from msp_ops.store.schema import findings

_Row = dict[str, Any]
_CHANGES = ("severity", "message", "last_seen_at", "last_seen_by", "closed_at")
_still_open = select(findings).where(
    findings.c.client_id == bindparam("of_client"),
    findings.c.host_id == bindparam("of_host"),
    findings.c.closed_at.is_(None),
)
_change = (
    update(findings)
    .where(findings.c.id == bindparam("new_id"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGES})
)


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


def track(connection: Connection, place: AnyRow, steps: Iterable[StepResult]) -> None:
    """In the order of the steps: what the fix cured, the verification closes."""
    of_host = {"of_client": place.client_id, "of_host": place.host_id}
    known = [dict(row._mapping) for row in connection.execute(_still_open, of_host)]  # noqa: SLF001  # SQLAlchemy's name for it
    book = _Book(place, [{**row} for row in known])
    for step in steps:
        book.enter(step)
    changed = [now for before, now in zip(known, book.known, strict=True) if now != before]
    if changed:
        connection.execute(_change, [{f"new_{name}": row[name] for name in ("id", *_CHANGES)} for row in changed])
    insert_all(connection, findings, book.added)


class _Book:
    """The open findings of one host while its steps are read; rows are dicts, so that a later step changes them."""

    def __init__(self, place: AnyRow, known: list[_Row]) -> None:
        self.known = known
        self.added: list[_Row] = []
        self._place = place
        self._open = {(row["check"], row["subject"]): row for row in known}

    def enter(self, step: StepResult) -> None:
        for finding in step.findings:
            self._see(finding, step.interval.ended_at)
        if EVERYTHING in step.unjudged or not self._open:
            return
        looked, spared = _looked(step), {visible(subject) for subject in step.unjudged}
        seen = {_key(finding) for finding in step.findings}
        gone = [key for key in self._open if key[0] in looked and key[1] not in spared and key not in seen]
        for key in gone:
            self._open.pop(key)["closed_at"] = step.interval.ended_at

    def _see(self, finding: Finding, at: datetime) -> None:
        row = self._open.get(_key(finding)) or self._opened(finding, at)
        row |= {
            "severity": finding.severity,
            "message": finding.message,
            "last_seen_at": at,
            "last_seen_by": self._place.id,
        }

    def _opened(self, finding: Finding, at: datetime) -> _Row:
        row: _Row = {
            "client_id": self._place.client_id,
            "host_id": self._place.host_id,
            "check": finding.check,
            "subject": finding.subject,
            "opened_at": at,
            "opened_by": self._place.id,
            "closed_at": None,
        }
        self.added.append(row)
        self._open[_key(finding)] = row
        return row


def _key(finding: Finding) -> tuple[str, str]:
    """As it is read back: a host chose the subject."""
    return visible(finding.check), visible(finding.subject)


def _looked(step: StepResult) -> set[str]:
    """The checks whose silence means something: of a failed step, only those that reported have surely looked.

    A skipped step names its checks only where they have nothing left to look at: an endpoint that was removed. An
    unverified one that names what it leaves unjudged has judged the rest.
    """
    reported = {finding.check for finding in step.findings}
    match step.outcome:
        case Outcome.SUCCEEDED | Outcome.SKIPPED:
            return set(step.checks)
        case Outcome.UNVERIFIED if step.unjudged:
            return set(step.checks)
        case Outcome.FAILED:
            return set(step.checks) & reported
        case _:
            return set()


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
