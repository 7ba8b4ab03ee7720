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
    from msp_ops.journeys.recover import lost_hosts, recover
    from msp_ops.journeys.stops import standing_stop, stop_everything, words_of

    with parts_of(context) as parts:
        standing = parts.store.stops.standing(None)
        if lift:
            lifted = parts.store.stops.lift(who_am_i())
            say("Work may begin again." if lifted else "Nothing was stopped.", "green")
            return
        if standing is None or (now and standing.level != "cancel"):
            because = because or (standing.reason if standing else "")
            if not because:
                raise PlanError("say why: msp-ops stop-all --because '...'; everybody who is stopped reads it")
            confirm("Stop everything, for every client?", yes=yes)
            actor = Actor(kind="person", name=who_am_i(), authenticated_by="the operating system")
            standing = stop_everything(parts.store, parts.clock, actor, because, "cancel" if now else "finish")
        lost = lost_hosts(parts)
        found = list(recover(parts, lost, standing_stop(parts.store))) if now else []
        going_on = [run for run in parts.store.runs.list(open_only=True, limit=None) if run.outcome is None]
    if as_json:
        unknown = [f"{run.plan.client_id}/{host}" for run, host in lost]
        emit({"stopped": standing, "going_on": [run.id for run in going_on], "unknown": unknown, "asked": found})
        return
    say(f"Stopped since {standing.at:%Y-%m-%d %H:%M:%S}Z: {words_of(standing)}", "red")
    say(f"Runs with steps that still come to their end: {', '.join(run.id for run in going_on) or 'none'}")
    for each in found:
        word = "still at work" if each.outcome is None else each.outcome.word
        say(
            f"{each.client_id}/{each.host_id} of run {each.run_id}, left by a dead process: {word}: {each.reason}",
            "yellow",
        )
    if lost and not now:
        places = ", ".join(f"{run.plan.client_id}/{host}" for run, host in lost)
        say(f"Left by a dead process, and perhaps at work: {places}. --now stops them too.", "red")
    next_step("msp-ops stop-all --lift")
