"""`stop-all`: the kill switch."""

from typing import Annotated

import typer

from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import Json, Yes, confirm, emit, next_step, say, who_am_i
from msp_ops.cli.words import plain
from msp_ops.domain.actor import Actor
from msp_ops.domain.errors import PlanError


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
    from msp_ops.journeys.stops import order_stop, words_of

    with parts_of(context) as parts:
        standing = parts.store.stops.standing(None)
        if lift:
            lifted = parts.store.stops.lift(who_am_i())
            say("Work may begin again." if lifted else "Nothing was stopped.", "green")
            return
        if standing is None or (now and standing.level != "cancel"):
            if not because:
                raise PlanError("say why: msp-ops stop-all --because '...'; everybody who is stopped reads it")
            confirm("Stop everything, for every client?", yes=yes)
            actor = Actor(kind="person", name=who_am_i(), authenticated_by="the operating system")
            standing = order_stop(parts.store, parts.clock, actor, because, None, "cancel" if now else "finish")
        going_on = [run for run in parts.store.runs.list(open_only=True, limit=None) if run.outcome is None]
    if as_json:
        emit({"stopped": standing, "going_on": [run.id for run in going_on]})
        return
    say(f"Stopped since {standing.at:%Y-%m-%d %H:%M:%S}Z: {words_of(standing)}", "red")
    say(f"Runs with steps that still come to their end: {', '.join(run.id for run in going_on) or 'none'}")
    next_step("msp-ops stop-all --lift")
