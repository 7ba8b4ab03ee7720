"""What a client reads, written from the store alone: no host is touched, the same input gives the same bytes."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from msp_ops.billing.unpriced import VOID
from msp_ops.calendar.months import month_span
from msp_ops.calendar.occurrences import occurrences
from msp_ops.domain.client import Client
from msp_ops.domain.errors import MspOpsError, NotPermitted
from msp_ops.domain.occurrence import Occurrence, OccurrenceState
from msp_ops.domain.work import WorkRecord
from msp_ops.files.folder import replace_file
from msp_ops.journeys.disk_growth import disk_growth
from msp_ops.journeys.otherwise import otherwise_of
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.statements import balances_of, statement_of, work_of
from msp_ops.prefect_api.desired import SUMMARIES
from msp_ops.reports.maintenance import summarise_run
from msp_ops.reports.money import CARE, Otherwise, care_of
from msp_ops.reports.month import summarise_month
from msp_ops.reports.pages import render_month_summary, render_run_summary, render_statement
from msp_ops.reports.statement import Done, statement_page
from msp_ops.reports.visits import Work

NEXT = timedelta(days=45)


def write_run_summary(parts: Parts, run_id: str) -> Path:
    """The completion summary of one maintenance; the file that was written."""
    run = parts.store.runs.read(parts.store.runs.find(run_id))
    client = parts.workspace.client(run.plan.client_id)
    work = [each for each in parts.store.work.list(client.id) if each[0].run_id == run.id]
    moment = run.ended_at or run.opened_at
    runbook = parts.workspace.library.get(run.plan.runbook_id)
    summary = summarise_run(parts.workspace.msp, client, runbook, run, work, coming(client, moment))
    return _write(parts, f"{client.id}-{run.plan.runbook_id}-{run.id}.html", render_run_summary(summary))


def write_month_summary(parts: Parts, client_id: str, month: date) -> Path:
    """The month's summary; the file that was written."""
    client = parts.workspace.client(client_id)
    since, until = month_span(client.timezone, month)
    work, otherwise = _books(parts, client, month)
    prepared_at = min(parts.clock.now(), until)
    summary = summarise_month(
        parts.workspace.msp,
        client,
        month,
        parts.store.runs.list(client.id, since=since, until=until, limit=None, depth="steps"),
        parts.workspace.library,
        work,
        parts.store.findings.list(client.id, open_only=False, since=since, until=until),
        coming(client, prepared_at),
        prepared_at,
        otherwise,
        disk_growth(parts, client, tuple(client.hosts()), prepared_at),
    )
    return _write(parts, f"{client.id}-{month:%Y-%m}.html", render_month_summary(summary))


def _books(parts: Parts, client: Client, month: date) -> tuple[Work, Otherwise]:
    """What the month costs and would have cost; of one that was never closed before a later one, what was said then."""
    try:
        statement = statement_of(parts, client.id, month)
    except NotPermitted:
        return parts.store.work.list(client.id, *month_span(client.timezone, month)), Otherwise()
    shown = [each for each in work_of(parts, statement) if not any(charge.rule == VOID for charge in each[1])]
    return shown, otherwise_of(parts, client, statement)


def write_statement(parts: Parts, client_id: str, month: date) -> Path:
    """The statement of a month, a draft while it is open; the file that was written."""
    client = parts.workspace.client(client_id)
    statement = statement_of(parts, client.id, month)
    done = {work.id: Done(record=work, title=_title(parts, work)) for work, _ in work_of(parts, statement)}
    page = statement_page(
        parts.workspace.msp, client, statement, done, balances_of(parts, statement), parts.clock.now()
    )
    return _write(parts, f"{client.id}-{statement.month:%Y-%m}-statement.html", render_statement(page))


def _title(parts: Parts, work: WorkRecord) -> str:
    """What was done: the note of who worked, else the runbook's title as it is now."""
    if work.run_id is None:
        return work.note or CARE[work.activity]
    runbook_id = parts.store.runs.read(work.run_id, "ends").plan.runbook_id
    return care_of(parts.workspace.library.get(runbook_id), runbook_id)


def summarise_due(parts: Parts, occurrence_id: str) -> Path:
    """The calendar's monthly turn: last month's summary of the occurrence's client."""
    if parts.store.occurrences.read(occurrence_id).schedule_id != SUMMARIES:
        raise NotPermitted(f"the occurrence {occurrence_id} is no time for summaries")
    occurrence = parts.store.occurrences.claim(occurrence_id, "summaries")
    try:
        client = parts.workspace.client(occurrence.client_id)
        planned_on = occurrence.planned_at.astimezone(ZoneInfo(client.timezone)).date()
        path = write_month_summary(parts, client.id, planned_on.replace(day=1) - timedelta(days=1))
    except MspOpsError as problem:
        parts.store.occurrences.finish(occurrence.id, OccurrenceState.SKIPPED, str(problem))
        raise
    parts.store.occurrences.finish(occurrence.id, OccurrenceState.RAN, path.name)
    return path


def coming(client: Client, moment: datetime) -> list[Occurrence]:
    """What is planned after that moment, the earliest first."""
    found = [occurrences(schedule, client, moment, moment + NEXT) for schedule in client.schedules]
    return sorted((each for few in found for each in few), key=lambda each: each.planned_at)


def _write(parts: Parts, name: str, html: str) -> Path:
    parts.summaries.mkdir(parents=True, exist_ok=True)
    path = parts.summaries / name
    replace_file(path, html)
    return path
