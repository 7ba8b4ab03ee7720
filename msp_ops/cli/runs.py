"""`runs`: what was done, how it ended, and what is not known."""

from typing import Annotated, Literal

import typer

from msp_ops.cli import exit_codes
from msp_ops.cli.context import parts_of
from msp_ops.cli.run_view import brief, line, show, told_last
from msp_ops.cli.talk import Json, Yes, confirm, emit, next_step, rows, say, who_am_i
from msp_ops.cli.words import plain
from msp_ops.domain.actor import Actor

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
        emit([{**brief(run), "asks": asks.get(run.id, ())} for run in found])
        return
    rows(("run", "client", "runbook", "why", "began", "hosts", "outcome"), map(line, found), "no runs yet")
    for run_id in [run.id for run in found if run.id in asks]:
        say(f"Run {run_id} waits for a person's word.", "yellow")
        next_step(f"msp-ops runs approve {run_id}")


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
        told = told_last(found, parts.store.runs.last_intents(found.id))
        asks = parts.store.approvals.open_questions(found.id).get(found.id, ())
    if as_json:
        emit({**brief(found), "plan": found.plan, "states": found.hosts, "told_last": told, "asks": asks})
        return
    show(found, told, asks, now, output=output)


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
        emit(brief(done))
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
        asked = what_to_undo(parts, parts.store.runs.find(run), actor, attended, hosts or ())
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
