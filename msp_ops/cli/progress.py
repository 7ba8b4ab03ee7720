"""A run while it goes: marks that differ by word, one line a step, and a bar on a terminal."""

from collections.abc import Iterable, Iterator

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from msp_ops.cli.talk import Voice, emit, err, out, say, shown
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import HostResult, Run, StepResult
from msp_ops.engine.events import (
    Event,
    HostBegan,
    HostEnded,
    HostEvent,
    HostLeft,
    HostRecovered,
    Intended,
    NotRecorded,
    RunEnded,
    RunLeft,
    RunOpened,
    Said,
    StepEnded,
    Waiting,
)
from msp_ops.journeys.run_runbook import READABLE

MARKS = {
    Outcome.SKIPPED: "[dim]SKIP[/dim]",
    Outcome.SUCCEEDED: "[green]ok[/green]",
    Outcome.DEFERRED: "[yellow]DEFERRED[/yellow]",
    Outcome.UNVERIFIED: "[yellow]UNVERIFIED[/yellow]",
    Outcome.BLOCKED: "[red]BLOCKED[/red]",
    Outcome.NOT_REACHED: "[red]NOT REACHED[/red]",
    Outcome.FAILED: "[bold red]FAIL[/bold red]",
    Outcome.UNKNOWN: "[bold magenta]UNKNOWN[/bold magenta]",
}


def as_json_lines(events: Iterable[Event], _client_id: str) -> Iterator[Event]:
    """Each event as one line of JSON with its name."""
    for event in events:
        emit({"event": type(event).__name__, "value": event})
        yield event


def as_lines(events: Iterable[Event], client_id: str) -> Iterator[Event]:
    """For people: every step and word of a few hosts, of many only what is not simply well."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        bar, many = progress.add_task("hosts", total=None), False
        for event in events:
            if not (many and _is_detail(event)):
                _show(event, client_id)
            match event:
                case RunOpened(host_ids=host_ids):
                    many = len(host_ids) > READABLE
                    progress.update(bar, total=len(host_ids))
                case HostEnded() | NotRecorded():
                    progress.advance(bar)
                case _:
                    pass
            yield event


def _is_detail(event: Event) -> bool:
    match event:
        case StepEnded(result=result):
            return result.outcome.is_good and not result.changed
        case Said() | Waiting():
            return True
        case _:
            return False


def _show(event: Event, client_id: str) -> None:
    match event:
        case HostRecovered(run_id=run_id):
            asked_now = f"run {run_id} had left it unknown; asked now: {event.word}: {event.reason}"
            say(f"{event.where}: {asked_now}", "yellow")
        case RunOpened(run_id=run_id):
            err.put(f"Run [bold]{run_id}[/bold]")
        case RunEnded(run=run) | RunLeft(run=run):
            _show_end(run)
        case _:
            _show_of_host(event, client_id)


def _show_of_host(event: HostEvent, client_id: str) -> None:
    match event:
        case HostBegan() | Intended() | HostLeft():
            pass
        case Waiting(host_id=host_id, why=why):
            err.put(f"  {shown(host_id)} [yellow]…[/yellow] {shown(why)}")
        case Said(host_id=host_id, line=line):
            _show_said(host_id, line)
        case StepEnded(host_id=host_id, result=result):
            _show_step(host_id, result)
        case HostEnded(result=result):
            _show_host(client_id, result)
        case NotRecorded(result=result, why=why):
            say(f"{client_id}/{result.host_id}: {result.outcome.word}, and that could not be saved: {why}", "red")


def _show_said(host_id: str, line: str) -> None:
    if not line.startswith("msp: "):
        err.put(f"  [dim]{shown(host_id)} | {shown(line)}[/dim]")


def _show_step(host_id: str, result: StepResult) -> None:
    mark = "[cyan]CHG[/cyan]" if result.changed and result.outcome.is_good else MARKS[result.outcome]
    seconds = result.interval.duration.total_seconds()
    err.put(f"  {shown(host_id)} {mark} {shown(result.name)} {seconds:.1f} s {shown(result.reason)}".rstrip())
    for line in result.changed:
        err.put(f"      {shown(line)}")


def _show_host(client_id: str, result: HostResult) -> None:
    name = shown(f"{client_id}/{result.host_id}")
    critical = any(finding.severity == "critical" for finding in result.findings())
    mark = "[red]CRITICAL[/red]" if critical and result.outcome.is_good else MARKS[result.outcome]
    _results().put(f"{name}: {mark} {shown(result.reason)}".rstrip())
    for finding in result.findings():
        if finding.severity != "info":
            _results().put(f"  {finding.severity}: {shown(f'{finding.subject}: {finding.message}')}")


def _results() -> Voice:
    """Results are data; where both streams are one terminal they go past the bar, not through it."""
    return err if out.is_terminal and err.is_terminal else out


def _show_end(run: Run) -> None:
    good = sum(1 for host in run.hosts if host.outcome is not None and host.outcome.is_good)
    word = run.outcome.word if run.outcome is not None else "going on"
    _results().put(f"{run.plan.runbook_id}: {word}, {good} of {len(run.hosts)} hosts good")
