"""One run on demand: plan shown, asked, carried out, told."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from msp_ops.cli import exit_codes
from msp_ops.cli.asked import confirm_asked, show_asked
from msp_ops.cli.carry_out import carry_out
from msp_ops.cli.context import parts_of, settings_of
from msp_ops.cli.plan_view import show_permit, show_plan, show_preview
from msp_ops.cli.talk import emit, next_step, say, who_am_i
from msp_ops.domain.actor import Actor
from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.duration import read_duration
from msp_ops.domain.errors import PlanError
from msp_ops.domain.record import record
from msp_ops.engine.plan import AT_ONCE
from msp_ops.journeys.on_demand import Words, understand
from msp_ops.journeys.requests import save_request
from msp_ops.journeys.run_runbook import Asked, permit_now, preview

if TYPE_CHECKING:
    from msp_ops.journeys.parts import Parts


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
    wait: str
    on_site: bool
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

    def patience(self) -> timedelta:
        """How long to wait for a host that another run holds. PlanError when it is no length of time."""
        try:
            return read_duration(self.wait) if self.wait else timedelta(0)
        except ValueError as mistake:
            raise PlanError(f"--wait {self.wait}: {mistake}") from None


def run_one(options: Options) -> None:
    """Ends the program with the run's exit code when that is not 0."""
    actor = Actor(kind="person", name=who_am_i(), authenticated_by="the operating system")
    with parts_of(options.context) as parts:
        watch = Stopwatch.start(parts.clock)
        asked = understand(parts.workspace, options.words(), actor, watch, only_looks=options.check)
        asked = replace(asked, wait=options.patience(), place="on-site" if options.on_site else "remote")
        if options.check:
            _only_look(parts, asked, options)
            return
        if not options.as_json:
            show_asked(parts, asked)
        if permit_now(parts, asked).granted:
            confirm_asked(asked, options.target, yes=options.yes)
        if options.via_prefect:
            _hand_over(options, parts, actor)
            return
        carry_out(parts, asked, as_json=options.as_json)


def _only_look(parts: "Parts", asked: Asked, options: Options) -> None:
    plan, judged = asked.plan(), permit_now(parts, asked)
    previews = list(preview(parts, asked)) if asked.runbook.can_preview else []
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

    if options.at_once != AT_ONCE or options.wait or options.on_site:
        raise PlanError("--at-once, --wait and --on-site do not travel to a worker; leave them out with --via-prefect")
    with open_prefect(settings_of(options.context)) as api:
        request = save_request(parts, options.words(), actor)
        hand_over(api, request, parts.clock.now())
    say(f"Request {request.id} waits for a worker.")
    next_step(f"msp-ops runs list {request.client_id}")
