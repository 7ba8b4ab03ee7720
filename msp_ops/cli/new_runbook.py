"""`runbooks new` and `prove`: what is written beside a runbook."""

from typing import Annotated, get_args

import typer

from msp_ops.cli.context import files_of, parts_of, settings_of
from msp_ops.cli.talk import choose, next_step, say
from msp_ops.domain.contract import Activity
from msp_ops.domain.errors import FileError, PlanError
from msp_ops.domain.runbook import Impact


def new_runbook(
    context: typer.Context,
    runbook: Annotated[str, typer.Argument(help="A short id: lower-case letters, digits and dashes.")],
    activity: Annotated[
        Activity | None, typer.Option(help="What it is for: contracts price by it. Asked for on a terminal.")
    ] = None,
    impact: Annotated[Impact, typer.Option(help="What it does to a host.")] = "changes",
    title: Annotated[str, typer.Option(help="What it does, in a few words.")] = "",
) -> None:
    """Write the first files of a runbook into the workspace: it validates and rehearses green; nothing is overwritten.

    Example: msp-ops runbooks new fix-printer --activity break/fix --title "Bring a printer back"
    """
    from msp_ops.files.new_runbook import create_runbook

    if runbook in files_of(context).library:
        raise FileError(f"there is a runbook '{runbook}' already, and it is not overwritten; choose another id")
    activity = activity or _asked_for(runbook)
    words = title or runbook.replace("-", " ").capitalize()
    folder = create_runbook(settings_of(context).workspace, runbook, title=words, activity=activity, impact=impact)
    say(f"Wrote {folder}: change its words, its scripts and its rehearsal.")
    next_step(f"msp-ops runbooks rehearse {runbook}")


def _asked_for(runbook: str) -> Activity:
    """The activity that a person chooses on a terminal; PlanError where nobody is there to ask."""
    words: tuple[Activity, ...] = get_args(Activity)
    chosen = choose(f"What is {runbook} for? Contracts price by it", words)
    if chosen is None:
        example = f"msp-ops runbooks new {runbook} --activity {words[0]}"
        raise PlanError(f"what is {runbook} for? add --activity and one of {', '.join(words)}, such as: {example}")
    return chosen


def prove_runbook(
    context: typer.Context, run: Annotated[str, typer.Argument(help="The id of a run that succeeded, or its tail.")]
) -> None:
    """Note beside a runbook that a run of it did its work on a real host: gold needs that.

    Example: msp-ops runbooks prove 7k3xq
    """
    from msp_ops.journeys.standing import prove_by_run

    with parts_of(context) as parts:
        path = prove_by_run(parts.workspace, parts.store.runs.read(parts.store.runs.find(run)))
    say(f"Wrote {path}: it counts until the runbook or a script of it is changed.")
    next_step(f"msp-ops runbooks show {path.parent.name}")
