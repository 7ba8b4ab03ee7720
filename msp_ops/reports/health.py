"""Section: how each machine is, and since when we know."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from msp_ops.domain.client import Client, Host, Policy
from msp_ops.domain.finding import Finding, TrackedFinding, at_least
from msp_ops.domain.outcome import Outcome
from msp_ops.reports import signals
from msp_ops.reports.sections import Health, HealthRow, Mark, Meter, Note, Standing
from msp_ops.reports.standings import STANDINGS
from msp_ops.reports.visits import Visit, about
from msp_ops.reports.words import clip, count, plural, short_day

NOT_LOOKED_AT = Standing(
    mark="unknown",
    state="Not looked at",
    why="No health check included it.",
    what_next="We include it in the next one.",
)


def summarise_health(client: Client, visits: Sequence[Visit], open_findings: Iterable[TrackedFinding]) -> Health:
    """`visits` of every kind, oldest first; `open_findings`: those still open when the month ended."""
    by_host: dict[str, list[Finding]] = {host.id: [] for host in client.hosts()}
    for tracked in open_findings:
        if _counts(tracked.finding):
            by_host.setdefault(tracked.host_id, []).append(tracked.finding)
    rows = tuple(
        _row(client, host, [visit for visit in visits if visit.host_id == host.id], by_host[host.id])
        for host in client.hosts()
    )
    return Health(says=_says(rows), rows=rows)


def _counts(finding: Finding) -> bool:
    return signals.is_health(finding.check) and at_least(finding.severity, "warning")


def _row(client: Client, host: Host, visits: Sequence[Visit], findings: Sequence[Finding]) -> HealthRow:
    checks = [visit for visit in visits if visit.activity == "health" and visit.outcome is not Outcome.SKIPPED]
    looked = [visit for visit in checks if visit.looked]
    worst_first = sorted(findings, key=lambda finding: (finding.severity, finding.check, finding.subject))
    return HealthRow(
        machine=clip(host.id, 60),
        about=about(client, host),
        standing=_standing(checks[-1] if checks else None, worst_first),
        seen=f"Last looked at on {short_day(looked[-1].at.astimezone(ZoneInfo(client.timezone)))}" if looked else "",
        storage=storage(visits, client.policy),
        notes=notes(worst_first),
    )


def _standing(last: Visit | None, findings: Sequence[Finding]) -> Standing:
    if last is None:
        return NOT_LOOKED_AT
    if last.outcome is not Outcome.SUCCEEDED:
        return STANDINGS[last.outcome]
    if not findings:
        return Standing(mark="good", state="Healthy")
    if any(finding.severity == "critical" for finding in findings):
        return Standing(mark="bad", state="Needs attention now")
    return Standing(mark="attention", state="Needs attention")


def notes(findings: Iterable[Finding]) -> tuple[Note, ...]:
    """Each finding under a client's name for it."""
    return tuple(Note(title=signals.in_words(finding), words=signals.detail(finding)) for finding in findings)


def storage(visits: Sequence[Visit], policy: Policy) -> Meter | None:
    """The fullest place at the newest measurement; None when nobody measured."""
    measured = [disks for visit in visits if (disks := signals.of_kind(visit.measurements, signals.DISK_USED))]
    if not measured:
        return None
    label, used = max(measured[-1].items(), key=lambda disk: (disk[1], disk[0]))
    percent = int(used.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return Meter(percent=percent, label=label, mark=_fullness(used, policy))


def _fullness(used: Decimal, policy: Policy) -> Mark:
    if used >= policy.disk_critical_percent:
        return "bad"
    return "attention" if used >= policy.disk_warning_percent else "good"


def _says(rows: Sequence[HealthRow]) -> str:
    well = sum(row.standing.mark == "good" for row in rows)
    points = sum(len(row.notes) for row in rows)
    unknown = sum(row.standing.mark == "unknown" for row in rows)
    parts = [f"{well} of {count(len(rows), 'machine')} {plural(well, 'is', 'are')} healthy"]
    parts += [f"{count(points, 'point')} {plural(points, 'is', 'are')} open"] if points else []
    parts += [f"of {count(unknown, 'machine')} we do not know the present state"] if unknown else []
    return "; ".join(parts) + "."
