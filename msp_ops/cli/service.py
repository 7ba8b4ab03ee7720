"""`up`: Prefect's server, a worker and our calendar as one embedded service."""

import signal
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from msp_ops.cli.context import settings_of
from msp_ops.cli.talk import complain, say
from msp_ops.wiring import Settings, open_workspace

if TYPE_CHECKING:
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

    stop = _stop_on_signals()
    told: set[str] = set()
    with Service(_service_settings(settings_of(context)), SystemClock()) as service:
        service.start(say)

        def turn() -> None:
            _turn(settings_of(context), service, told)
            if ready:
                ready.touch()

        serve(turn, EVERY, stop, lambda problem: say(problem, "red"))
        _drain(service)


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


def _drain(service: "Service") -> None:
    say("Stopping: no run begins any more, those that go on may end. Ctrl-C again leaves them.")
    drained = False
    with suppress(KeyboardInterrupt):
        drained = service.drain(DRAIN)
    if not drained:
        say("Some runs had not ended; look: msp-ops runs list --open", "yellow")


def _stop_on_signals() -> Event:
    stop = Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop
