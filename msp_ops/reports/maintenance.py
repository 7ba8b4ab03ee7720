"""The summary of one run: what a client receives when a maintenance is completed."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from msp_ops.domain.client import Client
from msp_ops.domain.finding import Finding, at_least
from msp_ops.domain.msp import Msp
from msp_ops.domain.occurrence import Occurrence
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import Run
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.trigger import OnDemand
from msp_ops.reports import attention, signals
from msp_ops.reports.content import Decision, Fact, MachineRow, RunSummary, Unchecked
from msp_ops.reports.dates import next_dates
from msp_ops.reports.health import notes
from msp_ops.reports.letter import letterhead, proof
from msp_ops.reports.money import summarise_charges
from msp_ops.reports.problems import title_of
from msp_ops.reports.sections import Mark, Note
from msp_ops.reports.standings import STANDINGS
from msp_ops.reports.updates import held
from msp_ops.reports.visits import Visit, Work, about, visits
from msp_ops.reports.words import (
    WEEKDAYS,
    clip,
    clock_time,
    count,
    day,
    full_day,
    listed,
    plural,
    span,
)


def summarise_run(  # a maintenance is made of all of these
    msp: Msp,
    client: Client,
    runbook: Runbook | None,
    run: Run,
    work: Work,
    next_occurrences: Sequence[Occurrence] = (),
) -> RunSummary:
    """`runbook` None: it is no longer in the library."""
    known = {runbook.id: runbook} if runbook else {}
    seen = sorted(visits([run], known, work), key=lambda visit: run.plan.host_ids().index(visit.host_id))
    rows = tuple(_row(client, visit) for visit in seen)
    title = title_of(run, known)
    unchecked = tuple(_unchecked(row) for row in rows if row.standing.mark == "unknown")
    moment = run.ended_at or run.opened_at
    local = moment.astimezone(ZoneInfo(client.timezone))
    return RunSummary(
        letterhead=letterhead(msp, client, "Completion summary", full_day(local), moment),
        verdict=_verdict(title, rows),
        lede=_lede(client, runbook, run, rows),
        facts=_facts(run, seen, rows),
        decisions=_decisions(seen),
        unchecked=unchecked,
        machines=rows,
        charges=summarise_charges(client, work, {run.id: title}),
        next_dates=next_dates(client, _again(client, run, next_occurrences), known),
        proof=proof(client, [run]),
    )


def _again(client: Client, run: Run, upcoming: Sequence[Occurrence]) -> tuple[Occurrence, ...]:
    """The next times of this maintenance; of others a client reads at the end of the month."""
    own = {schedule.id for schedule in client.schedules if schedule.runbook == run.plan.runbook_id}
    return tuple(occurrence for occurrence in upcoming if occurrence.schedule_id in own)


def _row(client: Client, visit: Visit) -> MachineRow:
    hosts = {host.id: host for host in client.hosts()}
    checks = listed([signals.check_words(check) for check in visit.checks], 8) if visit.looked else ""
    return MachineRow(
        machine=clip(visit.host_id, 60),
        about=about(client, hosts[visit.host_id]) if visit.host_id in hosts else "",
        standing=STANDINGS[visit.outcome],
        did=_did(visit),
        notes=(*notes(_open(visit)), *held(visit)),
        checked=f"Checked afterwards: {checks}." if checks else "",
    )


def _did(visit: Visit) -> tuple[Note, ...]:
    """Each change; of an update the package with its versions."""
    changes = []
    for line in visit.changed:
        update = next(iter(signals.updates([line])), None)
        if update is None:
            changes.append(Note(title=clip(line), words=""))
        else:
            versions = f"{update.old} → {update.new}" if update.old else f"{update.new}, new"
            changes.append(Note(title=update.package, words=versions))
    return tuple(changes)


def _open(visit: Visit) -> tuple[Finding, ...]:
    return tuple(finding for finding in visit.findings if at_least(finding.severity, "warning"))


def _unchecked(row: MachineRow) -> Unchecked:
    standing = row.standing
    return Unchecked(machine=row.machine, parts=standing.state, why=standing.why, what_next=standing.what_next)


def _verdict(title: str, rows: Sequence[MachineRow]) -> str:
    done = sum(row.standing.mark == "good" for row in rows)
    where = f"all {done} machines" if done > 1 else "your machine"
    if done == len(rows):
        return f"{title}: done and checked on {where}." if rows else f"{title}: no machine was included."
    rest = listed([f"{row.machine} ({row.standing.state.lower()})" for row in rows if row.standing.mark != "good"])
    return f"{title}: done and checked on {done or 'none'} of {count(len(rows), 'machine')}. The rest: {rest}."


def _lede(client: Client, runbook: Runbook | None, run: Run, rows: Sequence[MachineRow]) -> str:
    """The client's sentence of a runbook claims its success: it names the machines where that is proved."""
    zone = ZoneInfo(client.timezone)
    start = run.opened_at.astimezone(zone)
    until = f" to {clock_time(run.ended_at.astimezone(zone))}" if run.ended_at else ", still going on"
    ticket = run.trigger.ticket if isinstance(run.trigger, OnDemand) else None
    asked = f" You asked for it: {clip(ticket, 60)}." if ticket else ""
    when = f"On {WEEKDAYS[start.weekday()]}, {day(start)}, {start:%H:%M}{until}.{asked}"
    done = [row.machine for row in rows if row.standing.mark == "good"]
    if runbook is None or not done:
        return when
    sentence = clip(runbook.client_sentence, 300)
    return f"{sentence} {when}" if len(done) == len(rows) else f"On {listed(done)}: {sentence} {when}"


def _facts(run: Run, seen: Sequence[Visit], rows: Sequence[MachineRow]) -> tuple[Fact, ...]:
    done = sum(row.standing.mark == "good" for row in rows)
    changes = sum(len(row.did) for row in rows)
    points = sum(len(_open(visit)) for visit in seen)
    mark: Mark = "good" if done == len(rows) and rows else "attention"
    took = (run.ended_at - run.opened_at) if run.ended_at else timedelta(0)
    return (
        Fact(title="Machines", value=str(done), total=f"of {len(rows)}", words="done and checked", mark=mark),
        _count("Changes", changes, f"{plural(changes, 'change was', 'changes were')} made", "none"),
        _count("Points found", points, "need attention" if points != 1 else "needs attention", _mark(points)),
        Fact(title="Time", value=span(took), total="", words="from the first machine to the last", mark="none"),
    )


def _mark(points: int) -> Mark:
    return "attention" if points else "none"


def _count(title: str, number: int, words: str, mark: Mark) -> Fact:
    return Fact(title=title, value=str(number), total="", words=words, mark=mark)


def _decisions(seen: Sequence[Visit]) -> tuple[Decision, ...]:
    """Only what the client alone can answer."""
    restarts = [visit.host_id for visit in seen if any(f.check == signals.RESTART for f in _open(visit))]
    unreached = [visit.host_id for visit in seen if visit.outcome is Outcome.NOT_REACHED]
    return (
        *(attention.restart(clip(host_id, 60)) for host_id in restarts),
        *(attention.reach(clip(host_id, 60)) for host_id in unreached),
    )
