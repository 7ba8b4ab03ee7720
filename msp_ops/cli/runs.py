"""`runs`: what was done, how it ended, and what is not known."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

import typer

from msp_ops.cli import exit_codes
from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import Json, Yes, confirm, emit, next_step, out, rows, say, shown, who_am_i
from msp_ops.cli.words import plain
from msp_ops.domain.actor import Actor
from msp_ops.domain.duration import spell_duration
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Intent
from msp_ops.domain.run import HostState, Run, StepResult
from msp_ops.domain.trigger import OnDemand

app = typer.Typer(help="What was done, how it ended, and what is not known.", no_args_is_help=True)
RunId = Annotated[str, typer.Argument(help="A run's id, or its tail.")]


@app.command("list")
def list_runs(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="One client; all without it.")] = "",
    open_only: Annotated[bool, typer.Option("--open", help="Only runs that have no end yet.")] = False,
    unknown: Annotated[bool, typer.Option("--unknown", help="Only runs with a host whose end is not known.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 30,
    as_json: Json = False,
) -> None:
    """Runs, the newest first.

    Example: msp-ops runs list acme
    """
    with parts_of(context) as parts:
        if client:
            parts.workspace.client(client)
        if unknown:
            found = [run for run in parts.store.runs.unresolved() if not client or run.plan.client_id == client]
        else:
            found = parts.store.runs.list(client or None, open_only=open_only, limit=limit)
        asks = parts.store.approvals.open_questions()
    if as_json:
        emit([{**_brief(run), "asks": asks.get(run.id, ())} for run in found])
        return
    rows(("run", "client", "runbook", "why", "began", "hosts", "outcome"), map(_line, found), "no runs yet")
    for run_id in [run.id for run in found if run.id in asks]:
        say(f"Run {run_id} waits for a person's word.", "yellow")
        next_step(f"msp-ops runs approve {run_id}")


def _brief(run: Run) -> dict[str, object]:
    return {
        "id": run.id,
        "client": run.plan.client_id,
        "runbook": run.plan.runbook_id,
        "trigger": run.trigger,
        "actor": run.actor,
        "opened_at": run.opened_at,
        "ended_at": run.ended_at,
        "outcome": run.outcome,
        "hosts": {host.host_id: host.outcome for host in run.hosts},
    }


def _line(run: Run) -> tuple[str, ...]:
    why = run.trigger.ticket or "on demand" if isinstance(run.trigger, OnDemand) else "scheduled"
    good = sum(1 for host in run.hosts if host.outcome is not None and host.outcome.is_good)
    return (
        run.id,
        run.plan.client_id,
        run.plan.runbook_id,
        why,
        f"{run.opened_at:%Y-%m-%d %H:%M}Z",
        f"{good} of {len(run.hosts)} good",
        run.outcome.word if run.outcome is not None else "going on",
    )


@app.command("show")
def show_run(
    context: typer.Context,
    run: RunId,
    output: Annotated[bool, typer.Option("--output", help="Also what the hosts said.")] = False,
    as_json: Json = False,
) -> None:
    """One run: every host, every step, what changed, what was found.

    While it goes on: which hosts wait, and which step each of the others was told last, and when.

    Example: msp-ops runs show 7k3xq --output
    """
    with parts_of(context) as parts:
        found, now = parts.store.runs.read(parts.store.runs.find(run)), parts.clock.now()
        told = _told_last(found, parts.store.runs.last_intents(found.id))
        asks = parts.store.approvals.open_questions(found.id).get(found.id, ())
    if as_json:
        emit({**_brief(found), "plan": found.plan, "states": found.hosts, "told_last": told, "asks": asks})
        return
    out.print(f"[bold]{found.id}[/bold]  {shown(' · '.join(_line(found)[1:]))}")
    out.print(f"Plan {found.plan.digest[:16]}, runbook {found.plan.runbook_digest[:16]}, by {shown(found.actor.name)}")
    if found.outcome is None:
        out.print(_standing(found))
    for step in asks:
        say(f"A person's word is wanted: {step}", "yellow")
        next_step(f"msp-ops runs approve {found.id}")
    for host in found.hosts:
        _show_host(found, host, output=output)
        if host.host_id in told:
            out.print(f"  {shown(_told_words(told[host.host_id], now))}")
    if found.unresolved:
        next_step(f"msp-ops recover {found.id}")
    for host in found.unresolved:
        next_step(f"msp-ops runs resolve {found.id} {host.host_id} --as done|not-done|written-off --because '...'")


def _told_last(run: Run, intents: Mapping[str, Intent]) -> dict[str, Intent]:
    """Of those hosts whose end nobody knows."""
    open_ends = {host.host_id for host in run.hosts if host.outcome in {None, Outcome.UNKNOWN}}
    return {host_id: intent for host_id, intent in intents.items() if host_id in open_ends}


def _told_words(intent: Intent, now: datetime) -> str:
    """Also where the clocks of two machines differ a little."""
    ago = spell_duration(max(now - intent.at, timedelta(0)))
    allowed = spell_duration(intent.parcel.timeout)
    return f"told last: {intent.parcel.step!r}, {ago} ago ({intent.at:%H:%M:%S}Z); it may take {allowed}"


def _standing(run: Run) -> str:
    at_work = sum(host.at_work for host in run.hosts)
    ended = sum(host.outcome is not None for host in run.hosts)
    others = len(run.hosts) - ended - at_work
    return f"Hosts that ended: {ended}, at work: {at_work}, waiting or being looked at: {others}"


def _show_host(run: Run, host: HostState, *, output: bool) -> None:
    where = shown(f"{run.plan.client_id}/{host.host_id}")
    if host.outcome is None:
        out.print(f"\n{where}: [bold]{_going_on(host)}[/bold]")
    else:
        out.print(f"\n{where}: [bold]{host.outcome.word}[/bold]  {shown(host.reason)}")
    for step in host.result.steps if host.result else ():
        _show_step(step, output=output)
    if host.result and host.result.defect:
        for line in host.result.defect.splitlines():
            out.print(f"  ! {shown(line)}")


def _going_on(host: HostState) -> str:
    """The store knows of changes before they happen, and of looks when they are over."""
    return "at work" if host.at_work else "waiting, or being looked at"


def _show_step(step: StepResult, *, output: bool) -> None:
    seconds = step.interval.duration.total_seconds()
    out.print(f"  {step.outcome.word:<11} {shown(step.name)}  {seconds:.1f} s  {shown(step.reason)}")
    for line in step.changed:
        out.print(f"      changed   {shown(line)}")
    for finding in step.findings:
        out.print(f"      {finding.severity:<9} {shown(f'{finding.subject}: {finding.message}')}")
    if output and step.evidence:
        for line in step.evidence.body.decode(errors="replace").removesuffix("\n").split("\n"):
            out.print(f"      | {shown(line)}")
        if step.evidence.cut:
            out.print(f"      ({step.evidence.cut} more bytes were not kept)")


@app.command("resolve")
def resolve_host(
    context: typer.Context,
    run: RunId,
    host: Annotated[str, typer.Argument(help="A host that is unknown in it.")],
    verdict: Annotated[Literal["done", "not-done", "written-off"], typer.Option("--as", help="What is true of it.")],
    because: Annotated[str, typer.Option(callback=plain, help="How you know.")],
    as_json: Json = False,
) -> None:
    """Say how an unknown host really ended, after you looked at it; your name and reason are kept.

    Example: msp-ops runs resolve 7k3xq web1 --as done --because "dpkg.log shows all of it"
    """
    from msp_ops.journeys.recover import ask_before_a_word
    from msp_ops.journeys.resolve import resolve

    with parts_of(context) as parts:
        actor = Actor(kind="person", name=who_am_i(), authenticated_by="the operating system")
        ask_before_a_word(parts, parts.store.runs.find(run), host)
        done = resolve(parts, run, host, verdict, because, actor)
    if as_json:
        emit(_brief(done))
    else:
        say(f"Run {done.id} is now: {done.outcome.word if done.outcome is not None else 'open'}.")
    if done.unresolved:
        raise typer.Exit(exit_codes.UNKNOWN)


@app.command("settle")
def settle_runs(context: typer.Context) -> None:
    """Give the runs of dead processes their end, and what was resolved its price. `msp-ops up` does it by itself.

    Example: msp-ops runs settle
    """
    from msp_ops.journeys.resolve import settle_all

    with parts_of(context) as parts:
        problems = settle_all(parts)
    for problem in problems:
        say(problem, "red")
    if problems:
        raise typer.Exit(exit_codes.SOME_FAILED)
    say("Every run that can have an end has one.", "green")


@app.command("resume")
def resume_run(
    context: typer.Context,
    run: RunId,
    failed: Annotated[bool, typer.Option("--failed", help="Only hosts that failed.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Run what a run left undone: its hosts that did not end well, with the same runbook, parameters and ticket.

    What is unknown is asked of the hosts first; what stays unknown is left out.

    Example: msp-ops runs resume 7k3xq --failed
    """
    from msp_ops.cli.asked import show_and_carry_out
    from msp_ops.domain.clock import Stopwatch
    from msp_ops.journeys.recover import lost_hosts, recover
    from msp_ops.journeys.resume import what_is_left

    actor = Actor(kind="person", name=who_am_i(), authenticated_by="the operating system")
    with parts_of(context) as parts:
        attended = Stopwatch.start(parts.clock)
        run_id = parts.store.runs.find(run)
        for each in recover(parts, lost_hosts(parts, run_id)):
            say(f"{each.where} was unknown; asked now: {each.word}: {each.reason}", "yellow")
        asked = what_is_left(parts, parts.store.runs.read(run_id), actor, attended, only_failed=failed)
        show_and_carry_out(parts, asked, yes=yes, as_json=as_json)


@app.command("undo")
def undo_run(
    context: typer.Context,
    run: RunId,
    hosts: Annotated[list[str] | None, typer.Argument(help="Only these of its hosts.")] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take back what a run changed: the undo of its runbook, on the hosts that it changed. It is a run of its own.

    Example: msp-ops runs undo 7k3xq web1
    """
    from msp_ops.cli.asked import show_and_carry_out
    from msp_ops.domain.clock import Stopwatch
    from msp_ops.journeys.undo import what_to_undo

    actor = Actor(kind="person", name=who_am_i(), authenticated_by="the operating system")
    with parts_of(context) as parts:
        attended = Stopwatch.start(parts.clock)
        undone = parts.store.runs.read(parts.store.runs.find(run))
        asked = what_to_undo(parts, undone, actor, attended, hosts or ())
        show_and_carry_out(parts, asked, yes=yes, as_json=as_json)


@app.command("approve")
def approve_run(
    context: typer.Context,
    run: RunId,
    deny: Annotated[bool, typer.Option("--deny", help="Say no: what was changed is undone, where it can be.")] = False,
    because: Annotated[str, typer.Option(callback=plain, help="Why: the run's reasons quote it.")] = "",
    yes: Yes = False,
) -> None:
    """Give your word on a step that waits for it, once for all hosts of the run.

    Example: msp-ops runs approve 7k3xq --because "backup of 03:00 was restored"
    """
    from msp_ops.cli.plan_view import show_plan
    from msp_ops.journeys.approve import awaited, give_word

    actor = Actor(kind="person", name=who_am_i(), authenticated_by="the operating system")
    with parts_of(context) as parts:
        waiting = parts.store.runs.read(parts.store.runs.find(run))
        step = awaited(parts, waiting)
        runbook = waiting.plan.as_run(parts.workspace.version(waiting.plan.runbook_id, waiting.plan.runbook_digest))
        show_plan(waiting.plan, runbook)
        say(f"Run {waiting.id} of {waiting.actor.name} asks: {step.question}")
        confirm(f"{'Deny' if deny else 'Approve'} it?", yes=yes)
        word = give_word(parts, waiting, step, actor, because, granted=not deny)
    say(word.told(), "yellow" if deny else "green")
    next_step(f"msp-ops runs show {waiting.id}")


@app.command("cancel")
def cancel_run(
    context: typer.Context,
    run: RunId,
    because: Annotated[str, typer.Option(callback=plain, help="Why: the run's reasons quote it.")] = "",
    now: Annotated[bool, typer.Option("--now", help="Running steps are stopped on their hosts too.")] = False,
) -> None:
    """Stop a run, whoever started it: running steps come to their end, nothing new begins.

    With --now running steps are stopped on the hosts, also those of a run whose process is dead.

    Example: msp-ops runs cancel 7k3xq --because "wrong client"
    """
    from msp_ops.journeys.stops import cancel_run as cancel

    with parts_of(context) as parts:
        actor = Actor(kind="person", name=who_am_i(), authenticated_by="the operating system")
        run_id = parts.store.runs.find(run)
        for word in cancel(parts, run_id, actor, because, "cancel" if now else "finish"):
            say(word)
    next_step(f"msp-ops runs show {run_id}")
