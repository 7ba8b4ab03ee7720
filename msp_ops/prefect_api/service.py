"""`msp-ops up`: Prefect's server on loopback and one worker, as processes of ours that end with us."""

import socket
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Event
from typing import Self

from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import MspOpsError
from msp_ops.prefect_api.api import PrefectApi
from msp_ops.prefect_api.child import Child
from msp_ops.prefect_api.errors import ServiceError
from msp_ops.prefect_api.hold import Hold
from msp_ops.prefect_api.password import ensure_password, read_password
from msp_ops.prefect_api.pool import POOL
from msp_ops.prefect_api.surroundings import ServiceSettings, server_environment, worker_environment
from msp_ops.prefect_api.sync import settle_orphans
from msp_ops.prefect_api.waiting import wait_until

SERVER_START = timedelta(seconds=120)  # the first one migrates a database: 9 s, on a busy machine 40 s
WORKER_START = timedelta(seconds=60)
END = timedelta(seconds=15)

Progress = Callable[[str], None]


class Service:
    """Use it as a context: whatever happens inside, its processes are ended. Start it from the main thread."""

    def __init__(self, settings: ServiceSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._hold = Hold(settings.state / "service.lock", clock)
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.stop()

    def start(self, progress: Progress) -> None:
        """Returns when runs can be handed over. ServiceError says what is in the way."""
        settings = self._settings
        settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (before := self._hold.take()) is not None:
            progress(f"the service before this one ended without a goodbye ({before})")
        progress("starting Prefect's server")
        auth = ensure_password(settings.password_file)
        with self.api() as api:
            self._start_server(auth, api)
            for name in settle_orphans(api):
                progress(f"settled a run that the last service left behind: {name}")
            progress("starting Prefect's worker")
            self._start_worker(auth, api)
        progress(f"Prefect is ready at {settings.address}; its password is in {settings.password_file}")

    def api(self) -> PrefectApi:
        """A client of the server that this service runs."""
        return PrefectApi(self._settings.url, read_password(self._settings.password_file))

    def check(self) -> None:
        """ServiceError when a part has ended by itself."""
        for child in self._children:
            child.check()

    def drain(self, limit: timedelta) -> bool:
        """Takes no more runs and waits for those that go on; whether all ended in time."""
        with self.api() as api:
            api.pause_pool()
            return wait_until(lambda: not api.runs("RUNNING", "PENDING"), limit, every=timedelta(seconds=1))

    def stop(self) -> None:
        """The worker first, so that the server still hears how its runs ended."""
        while self._children:
            self._children.pop().stop(END)
        self._hold.release()

    def _start_server(self, auth: str, api: PrefectApi) -> None:
        port = self._settings.port
        ensure_free(port)
        environment = server_environment(self._settings, auth)
        self._start("server", environment, "server", "start", "--host", "127.0.0.1", "--port", str(port))
        self._wait(api.answers, SERVER_START)
        api.ensure_pool(self._settings.root)

    def _start_worker(self, auth: str, api: PrefectApi) -> None:
        since, environment = self._clock.now(), worker_environment(self._settings, auth)
        pool = ("--pool", POOL, "--type", "process", "--no-create-pool-if-not-found", "--install-policy", "never")
        limits = ("--name", "embedded", "--limit", str(self._settings.at_once))
        self._start("worker", environment, "worker", "start", *pool, *limits)
        self._wait(lambda: api.worker_was_seen(since), WORKER_START)

    def _start(self, name: str, environment: Mapping[str, str], *words: str) -> None:
        program = (sys.executable, "-m", "prefect", *words)
        log = self._settings.state / f"prefect-{name}.log"
        child = Child(name, program, environment=environment, folder=self._settings.root, log=log)
        self._children.append(child)

    def _wait(self, condition: Callable[[], bool], limit: timedelta) -> None:
        def ready() -> bool:
            self.check()
            return condition()

        if not wait_until(ready, limit):
            child = self._children[-1]
            raise ServiceError(
                f"Prefect's {child.name} was not ready after {limit.seconds} s; "
                f"look at {child.log}; on a very busy machine try again"
            )


def ensure_free(port: int) -> None:
    """ServiceError when something listens there; a Prefect of somebody else would answer us."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            raise ServiceError(
                f"port {port} of 127.0.0.1 cannot be used ({error.strerror}); end what listens there "
                f"(ss -ltnp 'sport = {port}' shows it), or give msp-ops another port"
            ) from error


def serve(tick: Callable[[], None], every: timedelta, stop: Event, report: Progress) -> None:
    """Calls `tick` until `stop` is set. What a person can act on is reported and tried again.

    A part of the service that ended (ServiceError) and a defect end the loop: whoever started it starts it again.
    """
    while not stop.is_set():
        try:
            tick()
        except ServiceError:
            raise
        except MspOpsError as error:
            report(str(error))
        stop.wait(every.total_seconds())
