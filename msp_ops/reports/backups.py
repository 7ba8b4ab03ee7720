"""Section: every backup on every day: proved, failed, not checked, or none planned."""

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
from msp_ops.reports.words import clip, count, listed, short_day

SAYS: dict[CellState, str] = {
    "proved": "proved",
    "read": "proved by reading its data back",
    "repeated": "failed first, proved later that day",
    "failed": "failed",
    "unchecked": "not checked",
    "none": "none planned",
}


def summarise_backups(client: Client, visits: Sequence[Visit], month: date) -> Backups:
    """`visits` of backup checks only, oldest first; days are the client's."""
    rows = tuple(
        _row(host.id, name, mine, month, ZoneInfo(client.timezone))
        for host in client.hosts()
        if (mine := [visit for visit in visits if visit.host_id == host.id])
        for name in _names(mine)
    )
    return Backups(says=_says(rows), rows=rows)


def _names(visits: Sequence[Visit]) -> tuple[str, ...]:
    """The backups that a host was seen to have; one without a name when none was ever seen."""
    seen = {name for visit in visits for name in _levels(visit)}
    blamed = {clip(finding.subject, 60) for visit in visits for finding in _failures(visit)}
    return tuple(sorted(seen | blamed)) or ("",)


def _levels(visit: Visit) -> dict[str, BackupLevel | None]:
    """The backups that this visit measured, with how far each was proved."""
    aged = dict.fromkeys(signals.of_kind(visit.measurements, signals.BACKUP_AGE), None)
    levels = signals.of_kind(visit.measurements, signals.BACKUP_LEVEL)
    return aged | {name: signals.level(value) for name, value in levels.items()}


def _failures(visit: Visit) -> tuple[Finding, ...]:
    return tuple(
        finding
        for finding in visit.findings
        if signals.is_backup(finding.check) and at_least(finding.severity, "warning")
    )


def _row(host_id: str, name: str, visits: Sequence[Visit], month: date, zone: ZoneInfo) -> BackupRow:
    days = monthrange(month.year, month.month)[1]
    cells = tuple(
        _cell(date(month.year, month.month, day), name, [v for v in visits if v.at.astimezone(zone).day == day])
        for day in range(1, days + 1)
    )
    levels = [
        level for visit in visits if _state(visit, name) in {"proved", "read"} and (level := _levels(visit)[name])
    ]
    return BackupRow(
        machine=clip(host_id, 60),
        name=name,
        cells=cells,
        level=max(levels).words if levels else "",
    )


def _cell(on: date, name: str, visits: Sequence[Visit]) -> Cell:
    state, reason = _of_day(name, visits)
    detail = f": {reason}" if reason else ""
    return Cell(day=on.day, state=state, words=f"{short_day(on)} {SAYS[state]}{detail}")


def _of_day(name: str, visits: Sequence[Visit]) -> tuple[CellState, str]:
    """The last answer of the day counts; a failure before it is not forgotten."""
    if not visits:
        return "none", ""
    known = [state for visit in visits if (state := _state(visit, name)) != "unchecked"]
    if not known:
        return "unchecked", STANDINGS[visits[-1].outcome].why
    if known[-1] == "failed":
        messages = [clip(finding.message) for visit in visits for finding in _failures(visit)]
        return "failed", messages[-1] if messages else ""
    return ("repeated" if "failed" in known else known[-1]), ""


def _state(visit: Visit, name: str) -> CellState:
    if not visit.looked:
        return "unchecked"
    if any(clip(finding.subject, 60) == name for finding in _failures(visit)):
        return "failed"
    if name in (levels := _levels(visit)):
        return "read" if levels[name] is BackupLevel.DATA_READ else "proved"
    if name:
        return "unchecked"
    return "proved" if visit.outcome is Outcome.SUCCEEDED else "failed"


def _says(rows: Sequence[BackupRow]) -> str:
    planned, proved = sum(row.planned for row in rows), sum(row.proved for row in rows)
    if not planned:
        return "No backup was checked."
    failed, unchecked = (sum(row.number(state) for row in rows) for state in ("failed", "unchecked"))
    parts = [f"{proved} of {count(planned, 'backup check')} proved that a good copy exists"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{unchecked} could not be made"] if unchecked else []
    return f"{listed(parts)}. {_read_back(rows)}"


def _read_back(rows: Sequence[BackupRow]) -> str:
    read = sum(row.number("read") for row in rows)
    if not read:
        return "No data was read back, so none of them is proved as far as it could be."
    return f"{count(read, 'time')} we read the data itself back, the strongest proof."
