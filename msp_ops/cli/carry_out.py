"""A run in front of a person: shown while it goes, stopped by Ctrl-C, told at its end."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import typer

from msp_ops.billing.words import time_words
from msp_ops.cli import exit_codes
from msp_ops.cli.progress import as_json_lines, as_lines
from msp_ops.cli.talk import next_step, say, who_am_i
from msp_ops.domain.run import Run
from msp_ops.engine.events import RunEnded, RunLeft
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.run_runbook import Asked, run_runbook

if TYPE_CHECKING:
    from msp_ops.journeys.parts import Parts

FINISH = "Stopping: running steps come to their end, nothing new begins. Ctrl-C again stops them on the hosts."
CANCEL = "Cancelling on the hosts, which takes up to a minute. Ctrl-C again leaves at once."


def carry_out(parts: "Parts", asked: Asked, *, as_json: bool) -> None:
    """Ends the program with the run's exit code when that is not 0."""
    stopping = Stopping()
    show = as_json_lines if as_json else as_lines
    last: RunEnded | RunLeft | None = None
    signals = _Signals(stopping)
    with signals.heard(), closing(run_runbook(parts, asked, stopping)) as events:
        for event in show(events, asked.client.id):
            last = event if isinstance(event, RunEnded | RunLeft) else last
    if last is None:
        raise AssertionError("a run's last event is its end")
    if not as_json:
        _tell_end(parts, last, stopping)
    code = exit_codes.of_run(last.run)
    if isinstance(last, RunLeft) or (signals.told and code in {exit_codes.OK, exit_codes.NOT_PERMITTED}):
        code = exit_codes.INTERRUPTED
    if code:
        raise typer.Exit(code)


def _tell_end(parts: "Parts", last: RunEnded | RunLeft, stopping: Stopping) -> None:
    run = last.run
    if isinstance(last, RunLeft):
        say("Left. What was begun goes on on the hosts; msp-ops up asks them by itself, or you do:", "yellow")
        next_step(f"msp-ops recover {run.id}")
        return
    if stopping.cancels and run.unresolved:
        say(f"Not stopped, and perhaps still at work: {', '.join(host.host_id for host in run.unresolved)}", "red")
    _tell_time(parts, run)
    next_step(f"msp-ops runs show {run.id}")


def _tell_time(parts: "Parts", run: Run) -> None:
    for record_, charges in parts.store.work.list(run.plan.client_id):
        if record_.run_id == run.id:
            if not charges:
                say("Time: its price waits until it is known how the work ended")
            for charge in charges:
                say(f"Time: {time_words(charge.measured)}. {charge.amount} {charge.currency}: {charge.reason}")


class _Signals:
    """Ctrl-C once: finish the running steps. Twice: cancel them on the hosts. Three times, or SIGTERM: leave."""

    def __init__(self, stopping: Stopping) -> None:
        self.told = False
        me = who_am_i()
        self._stopping = stopping
        self._harder: Iterator[tuple[Callable[[str], None], str, str]] = iter(
            (
                (stopping.finish, f"stopped by {me}", FINISH),
                (stopping.cancel, f"cancelled by {me}", CANCEL),
                (stopping.leave, f"left by {me}", "Leaving."),
            )
        )

    @contextmanager
    def heard(self) -> Iterator[None]:
        handlers = {signal.SIGINT: self._on_interrupt, signal.SIGTERM: self._on_end, signal.SIGHUP: self._on_end}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        order = next(self._harder, None)
        if order is None:
            os._exit(exit_codes.INTERRUPTED)  # the store is durable as it is
        self._tell(*order)

    def _on_end(self, number: int, _frame: FrameType | None) -> None:
        self._tell(self._stopping.leave, signal.Signals(number).name, "Leaving: what runs on the hosts runs on.")

    def _tell(self, order: Callable[[str], None], why: str, words: str) -> None:
        """The order first: a terminal that was closed takes no words."""
        self.told = True
        order(why)
        say(words, "yellow")
