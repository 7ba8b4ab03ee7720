"""`up`: Prefect's server, a worker and our calendar as one embedded service."""

import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from types import FrameType
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from msp_ops.cli.context import settings_of
from msp_ops.cli.memory import keep_what_is_loaded
from msp_ops.cli.talk import complain, say
from msp_ops.domain.errors import MspOpsError
from msp_ops.wiring import Settings, open_workspace

if TYPE_CHECKING:
    from msp_ops.journeys.parts import Parts
    from msp_ops.prefect_api.service import Service
    from msp_ops.prefect_api.surroundings import ServiceSettings

EVERY = timedelta(seconds=15)
DRAIN = timedelta(seconds=60)


def up(
    context: typer.Context,
    ready: Annotated[Path | None, typer.Option(help="Write this file when runs can be handed over.")] = None,
) -> None:
    """Run the schedules: Prefect server on loopback, a worker and the calendar, until Ctrl-C.

    Example: msp-ops up
    """
    from msp_ops.engine.system_clock import SystemClock
    from msp_ops.prefect_api.service import Service, serve

    end = _End()
    told: set[str] = set()
    _beside(_recover, "recovery", settings_of(context), end.asked)
    _beside(_send, "outbox", settings_of(context), end.asked)
    with Service(_service_settings(settings_of(context)), SystemClock()) as service:
        service.start(say)
        keep_what_is_loaded()

        def turn() -> None:
            _turn(settings_of(context), service, told)
            if ready:
                ready.touch()

        serve(turn, EVERY, end.asked, lambda problem: say(problem, "red"))
        if end.may_take_time:
            _drain(service)
        else:
            say("Leaving: what runs on the hosts runs on, and is asked for when msp-ops is back.")


def _service_settings(settings: Settings) -> "ServiceSettings":
    from msp_ops.files.library import shipped_folder
    from msp_ops.prefect_api.surroundings import ServiceSettings

    return ServiceSettings(
        state=settings.state,
        root=shipped_folder("flows").parent,
        port=urlsplit(settings.prefect_url).port or 4215,
        environment={"MSP_OPS_WORKSPACE": str(settings.workspace), "MSP_OPS_STORE": settings.store_url},
    )


def _turn(settings: Settings, service: "Service", told: set[str]) -> None:
    """One turn of the calendar; the files are read anew, so that an edit counts within seconds."""
    from msp_ops.files.library import shipped_folder
    from msp_ops.journeys.resolve import settle_all
    from msp_ops.journeys.schedules import sync

    service.check()
    with open_workspace(settings) as parts, service.api() as api:
        for mistake in parts.workspace.mistakes.values():
            if str(mistake) not in told:
                complain(mistake, "Left out until it is mended")
        told.update(map(str, parts.workspace.mistakes.values()))
        for problem in settle_all(parts):
            if problem not in told:
                say(problem, "red")
            told.add(problem)
        for missed in sync(parts, api, shipped_folder("flows").parent):
            moment = f"{missed.planned_at:%Y-%m-%d %H:%M}Z"
            say(f"Missed: {missed.client_id} {missed.schedule_id} of {moment}: nobody took it", "red")
        _seal(parts, told)


def _seal(parts: "Parts", told: set[str]) -> None:
    """The ledger's daily seal; why there is none is said once, and holds up no schedule."""
    from msp_ops.journeys.seal import seal_daily

    try:
        sealed = seal_daily(parts)
    except MspOpsError as problem:
        if str(problem) not in told:
            complain(problem, "The ledger was not sealed today")
        told.add(str(problem))
        return
    if sealed is not None:
        say(f"Sealed the ledger: {sealed.file}; send it out")


def _drain(service: "Service") -> None:
    say("Stopping: no run begins any more, those that go on may end. Ctrl-C again leaves them.")
    drained = False
    with suppress(KeyboardInterrupt):
        drained = service.drain(DRAIN)
    if not drained:
        say("Some runs had not ended; look: msp-ops runs list --open", "yellow")


class _End:
    """Ctrl-C: runs may come to their end, Ctrl-C again leaves them. SIGTERM: leave within seconds."""

    def __init__(self) -> None:
        self.asked = Event()
        self.may_take_time = True
        signal.signal(signal.SIGINT, self._on_interrupt)
        signal.signal(signal.SIGTERM, self._on_end)

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked.is_set():
            raise KeyboardInterrupt
        self.asked.set()

    def _on_end(self, _number: int, _frame: FrameType | None) -> None:
        self.may_take_time = False
        if self.asked.is_set():
            raise KeyboardInterrupt
        self.asked.set()


Turn = Callable[["Parts", Event], None]


def _beside(made: Callable[[], Turn], name: str, settings: Settings, end: Event) -> None:
    """In a thread of its own: a silent host, or a mail server, delays no schedule, and holds no end."""
    Thread(target=_turns, args=(made, name, settings, end), name=name, daemon=True).start()


def _turns(made: Callable[[], Turn], name: str, settings: Settings, end: Event) -> None:
    turn = made()
    while not end.wait(EVERY.total_seconds()):
        try:
            with open_workspace(settings) as parts:
                turn(parts, end)
        except MspOpsError as problem:
            say(f"The {name} waits: {problem}", "red")
        except Exception:  # noqa: BLE001  # the edge of a thread: nobody else would say it, and the next turn may do better
            for line in traceback.format_exc().splitlines():
                say(f"  {line}")
            say(f"This is a defect in msp-ops: the {name} goes on with the next turn", "red")


def _recover() -> Turn:
    """Lost hosts are asked how they ended."""
    from msp_ops.journeys.recover import Rounds
    from msp_ops.journeys.stops import standing_stop

    rounds = Rounds()

    def turn(parts: "Parts", _end: Event) -> None:
        for each in rounds.turn(parts, standing_stop(parts.store)):
            if each.is_known:
                say(f"Found out: {each.where} of run {each.run_id}: {each.word}: {each.reason}")

    return turn


def _send() -> Turn:
    """What is due leaves the outbox; what needs a person is said once."""
    from msp_ops.cli.outbox import tell_dead, tell_tried
    from msp_ops.journeys.outbox import send_due
    from msp_ops.wiring import senders_of

    told: set[str] = set()

    def turn(parts: "Parts", end: Event) -> None:
        for each in send_due(parts.store, senders_of(parts), end.is_set):
            tell_tried(each)
        tell_dead(parts, told)

    return turn
