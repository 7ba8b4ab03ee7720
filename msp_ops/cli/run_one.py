"""One run on demand: plan shown, asked, carried out, told."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event as Signal
from types import FrameType
from typing import TYPE_CHECKING

import typer

from msp_ops.billing.words import time_words
from msp_ops.cli import exit_codes
from msp_ops.cli.context import parts_of, settings_of
from msp_ops.cli.plan_view import show_permit, show_plan, show_preview
from msp_ops.cli.progress import as_json_lines, as_lines
from msp_ops.cli.talk import confirm, emit, next_step, say, who_am_i
from msp_ops.domain.actor import Actor
from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import PlanError
from msp_ops.domain.record import record
from msp_ops.domain.run import Run
from msp_ops.engine.events import RunEnded
from msp_ops.engine.plan import AT_ONCE
from msp_ops.journeys.on_demand import Words, understand
from msp_ops.journeys.requests import save_request
from msp_ops.journeys.run_runbook import Asked, permit_now, preview, run_runbook

if TYPE_CHECKING:
    from msp_ops.journeys.parts import Parts

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@record
class Options:
    """What was typed."""

    context: typer.Context
    runbook: str
    target: str
    parameters: dict[str, str]
    ticket: str
    reason: str
    check: bool
    at_once: int
    via_prefect: bool
    as_json: bool
    yes: bool

    def words(self) -> Words:
        return Words(
            runbook=self.runbook,
            target=self.target,
            parameters=self.parameters,
            ticket=self.ticket or None,
            reason=self.reason,
            at_once=self.at_once,
        )


def run_one(options: Options) -> None:
    """Ends the program with the run's exit code when that is not 0."""
    actor = Actor(kind="person", name=who_am_i(), authenticated_by="the operating system")
    with parts_of(options.context) as parts:
        asked = understand(parts.workspace, options.words(), actor, Stopwatch.start(parts.clock))
        if options.check:
            _only_look(parts, asked, options)
            return
        if not options.as_json:
            show_plan(asked.plan(), asked.runbook)
            show_permit(permit_now(parts, asked))
        if asked.runbook.changes and permit_now(parts, asked).granted:
            confirm(f"Run {asked.runbook.id} on {options.target}?", yes=options.yes)
        if options.via_prefect:
            _hand_over(options, parts, actor)
            return
        told_to_stop = Signal()
        run = _carry_out(parts, asked, options, told_to_stop)
    if not options.as_json:
        next_step(f"msp-ops runs show {run.id}")
    code = exit_codes.of_run(run)
    if told_to_stop.is_set() and code in {exit_codes.OK, exit_codes.NOT_PERMITTED}:
        code = exit_codes.INTERRUPTED
    if code:
        raise typer.Exit(code)


def _carry_out(parts: "Parts", asked: Asked, options: Options, told_to_stop: Signal) -> Run:
    stop = Signal()
    show = as_json_lines if options.as_json else as_lines
    run: Run | None = None
    with _signals_stop(stop, told_to_stop), closing(run_runbook(parts, asked, stop)) as events:
        for event in show(events, asked.client.id):
            run = event.run if isinstance(event, RunEnded) else run
    if run is None:
        raise AssertionError("a run's last event is its end")
    if not options.as_json:
        _tell_time(parts, run)
    return run


def _tell_time(parts: "Parts", run: Run) -> None:
    for record_, charges in parts.store.work.list(run.plan.client_id):
        if record_.run_id == run.id:
            if not charges:
                say("Time: its price waits until it is known how the work ended")
            for charge in charges:
                say(f"Time: {time_words(charge.measured)}. {charge.amount} {charge.currency}: {charge.reason}")


@contextmanager
def _signals_stop(stop: Signal, told_to_stop: Signal) -> Iterator[None]:
    """Once: no further host begins, running ones finish. Twice: leave now; the store knows what was begun."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if told_to_stop.is_set():
            say("Left at once. What was begun goes on on the hosts; look: msp-ops runs list --open", "yellow")
            os._exit(exit_codes.INTERRUPTED)  # the hosts' threads would be waited for; the store is durable as it is
        told_to_stop.set()
        stop.set()
        say("Stopping: no further host begins. Ctrl-C again leaves at once.", "yellow")

    before = {number: signal.signal(number, on_signal) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _only_look(parts: "Parts", asked: Asked, options: Options) -> None:
    plan, judged = asked.plan(), permit_now(parts, asked)
    previews = list(preview(parts, asked)) if asked.runbook.preview else []
    if options.as_json:
        emit({"plan": plan, "digest": plan.digest, "permit": judged, "granted": judged.granted, "previews": previews})
    else:
        show_plan(plan, asked.runbook)
        show_permit(judged)
        for each in previews:
            show_preview(asked.client.id, each)
        say("Nothing was done.")
    if not judged.granted:
        raise typer.Exit(exit_codes.NOT_PERMITTED)
    if not all(each.reached for each in previews):
        raise typer.Exit(exit_codes.NOT_REACHED)


def _hand_over(options: Options, parts: "Parts", actor: Actor) -> None:
    from msp_ops.journeys.hand_over import hand_over
    from msp_ops.wiring import open_prefect

    if options.at_once != AT_ONCE:
        raise PlanError("--at-once does not travel to a worker; leave it out with --via-prefect")
    with open_prefect(settings_of(options.context)) as api:
        request = save_request(parts, options.words(), actor)
        hand_over(api, request, parts.clock.now())
    say(f"Request {request.id} waits for a worker.")
    next_step(f"msp-ops runs list {request.client_id}")
