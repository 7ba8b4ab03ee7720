"""`stop-all`: the kill switch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import Json, Yes, confirm, emit, next_step, say, who_am_i
from msp_ops.cli.words import plain
from msp_ops.domain.actor import Actor
from msp_ops.domain.errors import PlanError
from msp_ops.domain.stop import StopOrder

if TYPE_CHECKING:
    from msp_ops.journeys.parts import Parts


def stop_all(
    context: typer.Context,
    because: Annotated[str, typer.Option(callback=plain, help="Why: everybody who is stopped reads it.")] = "",
    now: Annotated[bool, typer.Option("--now", help="Running steps are stopped on their hosts too.")] = False,
    lift: Annotated[bool, typer.Option("--lift", help="Work may begin again.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """The kill switch: within seconds nothing new begins, on any host of any client, by whomever.

    Running steps come to their end (with --now they are stopped on their hosts). It stands until it is lifted.

    Example: msp-ops stop-all --because "a patch breaks web servers"
    """
    from msp_ops.journeys.recover import lost_hosts, recover
    from msp_ops.journeys.stops import standing_stop

    with parts_of(context) as parts:
        if lift:
            lifted = parts.store.stops.lift(who_am_i())
            say("Work may begin again." if lifted else "Nothing was stopped.", "green")
            return
        standing = _ordered(parts, because, now=now, yes=yes)
        lost = [f"{run.plan.client_id}/{host}" for run, host in lost_hosts(parts)]
        asked = list(recover(parts, lost_hosts(parts), standing_stop(parts.store))) if now else []
        going_on = [run.id for run in parts.store.runs.list(open_only=True, limit=None) if run.outcome is None]
    if as_json:
        emit({"stopped": standing, "going_on": going_on, "unknown": lost, "asked": asked})
        return
    _tell(standing, going_on)
    for each in asked:
        say(f"{each.where} of run {each.run_id}, left by a dead process: {each.word}: {each.reason}", "yellow")
    if lost and not now:
        say(f"Left by a dead process, and perhaps at work: {', '.join(lost)}. --now stops them too.", "red")
    next_step("msp-ops stop-all --lift")


def _ordered(parts: "Parts", because: str, *, now: bool, yes: bool) -> StopOrder:
    """The order that stands, made or made harder where that is needed. PlanError when nobody says why."""
    from msp_ops.journeys.stops import stop_everything

    standing = parts.store.stops.standing(None)
    if standing is not None and (standing.level == "cancel" or not now):
        return standing
    because = because or (standing.reason if standing else "")
    if not because:
        raise PlanError("say why: msp-ops stop-all --because '...'; everybody who is stopped reads it")
    confirm("Stop everything, for every client?", yes=yes)
    actor = Actor(kind="person", name=who_am_i(), authenticated_by="the operating system")
    return stop_everything(parts.store, parts.clock, actor, because, "cancel" if now else "finish")


def _tell(standing: StopOrder, going_on: Sequence[str]) -> None:
    from msp_ops.journeys.stops import words_of

    say(f"Stopped since {standing.at:%Y-%m-%d %H:%M:%S}Z: {words_of(standing)}", "red")
    say(f"Runs with steps that still come to their end: {', '.join(going_on) or 'none'}")
