"""`recover`: what became of hosts that a run left unknown, asked of the hosts."""

from collections.abc import Sequence
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from msp_ops.cli import exit_codes
from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import Json, emit, next_step, out, say, shown

if TYPE_CHECKING:
    from msp_ops.engine.events import HostRecovered

ASK_EVERY = 10.0  # seconds, with --wait


def recover(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="One run, by its id or tail; all without it.")] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Ask again until no step is at work any more.")] = False,
    as_json: Json = False,
) -> None:
    """Ask the hosts that are unknown after a crash, a lost link or a restart how their step ended.

    What ended is collected and verified, what never began is withdrawn, what still runs is left to run. Nothing is
    ever done twice. `msp-ops up` does the same by itself. Ends with the code of the worst host that was asked.

    Example: msp-ops recover 7k3xq
    """
    from msp_ops.journeys.recover import lost_hosts
    from msp_ops.journeys.recover import recover as ask
    from msp_ops.journeys.resolve import settle_all

    with parts_of(context) as parts:
        run_id = parts.store.runs.find(run) if run else None
        found: dict[tuple[str, str], HostRecovered] = {}
        while True:
            told = list(ask(parts, lost_hosts(parts, run_id)))
            if not as_json:
                _show(told)
            found |= {(each.run_id, each.host_id): each for each in told}
            if not wait or not any(each.outcome is None for each in told):
                break
            Event().wait(ASK_EVERY)
        problems = settle_all(parts)
    if as_json:
        emit([*found.values()])
    for problem in problems:
        say(problem, "red")
    unknown = [each for each in told if not each.is_known]
    if unknown and not as_json:
        next_step(f"msp-ops runs show {unknown[0].run_id}")
    code = exit_codes.of_hosts([each.outcome for each in found.values()])
    raise typer.Exit(code or (exit_codes.SOME_FAILED if problems else exit_codes.OK))


def _show(told: Sequence["HostRecovered"]) -> None:
    for each in told:
        out.print(f"{each.run_id} {shown(each.where)}: [bold]{each.word}[/bold]  {shown(each.reason)}")
    if not told:
        say("No host is unknown.", "green")
