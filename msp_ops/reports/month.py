"""The summary of a month: what a client receives at its end."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from types import MappingProxyType
from zoneinfo import ZoneInfo

from msp_ops.domain.client import Client
from msp_ops.domain.contract import MAINTENANCE, Activity
from msp_ops.domain.finding import TrackedFinding
from msp_ops.domain.growth import Growth
from msp_ops.domain.msp import Msp
from msp_ops.domain.occurrence import Occurrence
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import Run
from msp_ops.domain.runbook import Runbook
from msp_ops.reports import signals
from msp_ops.reports.attention import decisions, first_full, recurring, unchecked
from msp_ops.reports.backups import summarise_backups
from msp_ops.reports.content import MonthSummary
from msp_ops.reports.dates import next_dates
from msp_ops.reports.health import summarise_health
from msp_ops.reports.letter import letterhead, local_day, proof
from msp_ops.reports.money import Otherwise, monthly_fee, summarise_charges
from msp_ops.reports.problems import summarise_problems, title_of
from msp_ops.reports.sections import Backups, Charges, Health, Updates
from msp_ops.reports.updates import summarise_updates
from msp_ops.reports.verdict import facts, lede, verdict
from msp_ops.reports.visits import Visit, Work, visits
from msp_ops.reports.words import month_name


def summarise_month(  # noqa: PLR0913, PLR0917  # a month is made of all of these
    msp: Msp,
    client: Client,
    month: date,
    runs: Sequence[Run],
    runbooks: Mapping[str, Runbook],
    work: Work,
    findings: Sequence[TrackedFinding],
    upcoming: Sequence[Occurrence],
    prepared_at: datetime,
    otherwise: Otherwise = Otherwise(),  # noqa: B008  # a frozen record
    growing: Mapping[str, Sequence[Growth]] = MappingProxyType({}),
) -> MonthSummary:
    """The month of any day in it, of the runs that began then by the client's calendar.

    `work` is what it is charged for, `findings` all that were open at any time in it, `growing` how disks fill.
    """
    first, last = _days(month)
    mine = [run for run in runs if first <= local_day(client, run.opened_at) <= last]
    seen = visits(mine, runbooks, work)
    updates, backups, health = _maintenance(client, first, seen, runbooks, open_at_end(client, last, findings))
    problems = summarise_problems(client, seen, runbooks, work)
    asked = decisions(updates, health, _unreached(client, seen), first_full(growing, local_day(client, prepared_at)))
    asked = (*asked, *(recurring(each, runbooks) for each in otherwise.proposals))
    gaps = unchecked(updates, backups, health, problems)
    return MonthSummary(
        letterhead=letterhead(msp, client, "Monthly summary", month_name(first), prepared_at),
        verdict=verdict(updates, backups, health, problems),
        lede=lede(updates, backups, problems, len(asked), len(gaps)),
        facts=facts(updates, backups, health, problems),
        decisions=asked,
        unchecked=gaps,
        updates=updates,
        backups=backups,
        health=health,
        problems=problems,
        charges=_charges(client, month, work, _titles(mine, runbooks), otherwise),
        next_dates=next_dates(client, upcoming, runbooks),
        proof=proof(client, mine),
    )


def _days(month: date) -> tuple[date, date]:
    """Its first and its last."""
    return month.replace(day=1), month.replace(day=monthrange(month.year, month.month)[1])


def _charges(client: Client, month: date, work: Work, titles: dict[str, str], otherwise: Otherwise) -> Charges:
    return summarise_charges(client, work, titles, monthly_fee(client, *_days(month)), otherwise)


def _maintenance(
    client: Client,
    first: date,
    seen: Sequence[Visit],
    runbooks: Mapping[str, Runbook],
    still_open: Sequence[TrackedFinding],
) -> tuple[Updates | None, Backups | None, Health | None]:
    """The sections of the kinds of care that there are."""
    care = _care(client, seen, runbooks)
    patching, backup = ([visit for visit in seen if visit.activity == kind] for kind in ("patching", "backup"))
    return (
        summarise_updates(client, patching, _restarts(still_open)) if "patching" in care else None,
        summarise_backups(client, backup, first) if "backup" in care else None,
        summarise_health(client, seen, still_open) if "health" in care else None,
    )


def open_at_end(client: Client, last: date, findings: Sequence[TrackedFinding]) -> tuple[TrackedFinding, ...]:
    """What was open when the last day of the month ended at the client's."""
    end = datetime.combine(last, time.max, tzinfo=ZoneInfo(client.timezone))
    return tuple(
        tracked
        for tracked in findings
        if tracked.opened_at <= end and (tracked.closed_at is None or tracked.closed_at > end)
    )


def _care(client: Client, seen: Sequence[Visit], runbooks: Mapping[str, Runbook]) -> frozenset[Activity]:
    """The kinds of maintenance that are planned for the client, or that happened."""
    scheduled = (runbooks[schedule.runbook].activity for schedule in client.schedules if schedule.runbook in runbooks)
    happened = (visit.activity for visit in seen)
    return frozenset(activity for activity in (*scheduled, *happened) if activity in MAINTENANCE)


def _titles(runs: Sequence[Run], runbooks: Mapping[str, Runbook]) -> dict[str, str]:
    return {run.id: title_of(run, runbooks) for run in runs}


def _restarts(still_open: Sequence[TrackedFinding]) -> frozenset[str]:
    return frozenset(tracked.host_id for tracked in still_open if tracked.finding.check == signals.RESTART)


def _unreached(client: Client, seen: Sequence[Visit]) -> tuple[str, ...]:
    """The machines that did not answer at their last turn."""
    last = {visit.host_id: visit.outcome for visit in seen}
    return tuple(host.id for host in client.hosts() if last.get(host.id) is Outcome.NOT_REACHED)
