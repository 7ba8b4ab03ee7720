"""Section: every backup on every day: proved, no good copy, not checked, or none planned."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from msp_ops.domain.client import Client
from msp_ops.domain.finding import Finding, at_least
from msp_ops.domain.outcome import Outcome
from msp_ops.reports import signals
from msp_ops.reports.sections import BackupRow, Backups, Cell, CellState
from msp_ops.reports.signals import BackupLevel
from msp_ops.reports.standings import STANDINGS
from msp_ops.reports.visits import Visit
from msp_ops.reports.words import capital, clip, count, listed, short_day

SAYS: dict[CellState, str] = {
    "proved": "proved",
    "read": "proved, with data read back",
    "repeated": "no good copy at first, proved later that day",
    "failed": "no good copy",
    "unchecked": "not checked",
    "none": "none planned",
}


def summarise_backups(client: Client, visits: Sequence[Visit], month: date) -> Backups:
    """`visits` of backup checks only, oldest first; days are the client's."""
    series: dict[tuple[str, str, str], list[Visit]] = {}
    for visit in visits:
        plan = visit.run.plan
        series.setdefault((visit.host_id, plan.runbook_id, signals.backup_place(plan.parameters)), []).append(visit)
    alone = [key[:2] for key in series]
    rows = tuple(
        _row(client, mine, _name(mine, place if alone.count((host_id, runbook_id)) > 1 else ""), month)
        for (host_id, runbook_id, place), mine in sorted(series.items())
    )
    return Backups(says=_says(rows), rows=rows)


def _name(visits: Sequence[Visit], place: str) -> str:
    """What is backed up; where to, only when there are several."""
    checks = dict.fromkeys(check for visit in visits for check in visit.checks if signals.is_backup(check))
    named = listed([signals.check_words(check) for check in checks]) or visits[0].run.plan.runbook_id.replace("-", " ")
    return capital(clip(f"{named}: {place}" if place else named))


def _row(client: Client, visits: Sequence[Visit], name: str, month: date) -> BackupRow:
    zone = ZoneInfo(client.timezone)
    by_day: dict[int, list[Visit]] = {}
    for visit in visits:
        by_day.setdefault(visit.at.astimezone(zone).day, []).append(visit)
    days = range(1, monthrange(month.year, month.month)[1] + 1)
    proved = [visit for visit in visits if _state(visit) in {"proved", "read"}]
    levels = [level for visit in proved if (level := _level(visit)) is not None]
    return BackupRow(
        machine=clip(visits[0].host_id, 60),
        name=name,
        cells=tuple(_cell(month.replace(day=day), by_day.get(day, [])) for day in days),
        level=max(levels).words if levels else "",
    )


def _level(visit: Visit) -> BackupLevel | None:
    found = signals.of_kind(visit.measurements, signals.BACKUP_LEVEL).values()
    return signals.level(min(found)) if found else None


def _bad(visit: Visit) -> tuple[Finding, ...]:
    return tuple(
        finding
        for finding in visit.findings
        if signals.is_backup(finding.check) and at_least(finding.severity, "warning")
    )


def _state(visit: Visit) -> CellState:
    """Proved only when a backup check ran and found nothing to say against it."""
    if not visit.looked:
        return "unchecked"
    if _bad(visit) or visit.outcome is Outcome.FAILED:
        return "failed"
    if not any(signals.is_backup(check) for check in visit.checks):
        return "unchecked"
    return "read" if _level(visit) is BackupLevel.DATA_READ else "proved"


def _cell(on: date, visits: Sequence[Visit]) -> Cell:
    state, reason = _of_day(visits)
    return Cell(day=on.day, when=short_day(on), state=state, says=SAYS[state], reason=reason)


def _of_day(visits: Sequence[Visit]) -> tuple[CellState, str]:
    """The last answer of the day counts; a bad one before it is not forgotten."""
    if not visits:
        return "none", ""
    known = [visit for visit in visits if _state(visit) != "unchecked"]
    if not known:
        return "unchecked", STANDINGS[visits[-1].outcome].why
    last = _state(known[-1])
    if last == "failed":
        return last, " ".join(signals.detail(finding) + "." for finding in _bad(known[-1]))
    return ("repeated" if any(_state(visit) == "failed" for visit in known) else last), ""


def _says(rows: Sequence[BackupRow]) -> str:
    planned, proved = sum(row.planned for row in rows), sum(row.proved for row in rows)
    if not planned:
        return "No backup was checked."
    failed, unchecked = (sum(row.number(state) for row in rows) for state in ("failed", "unchecked"))
    parts = [f"{proved} of {count(planned, 'backup check')} proved a good copy"]
    parts += [f"{failed} found none"] if failed else []
    parts += [f"{unchecked} could not be made"] if unchecked else []
    read = sum(row.number("read") for row in rows)
    if not read:
        return f"{listed(parts)}. No data was read back, so a damaged copy could still hide."
    return f"{listed(parts)}. {capital(count(read, 'time'))} we also read data back, the strongest proof."
