"""What the demo does, in its order. Every line that begins with `$` is a command that was really run."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from msp_ops.cli.demo_workspace import write_workspace
from msp_ops.cli.talk import err, out, say, shown
from msp_ops.domain.errors import MspOpsError
from msp_ops.domain.occurrence import Occurrence
from msp_ops.engine.system_clock import SystemClock
from msp_ops.journeys.parts import Parts
from msp_ops.lab.lab import Lab
from msp_ops.wiring import open_workspace, read_settings

SERVICE_STARTS = timedelta(seconds=120)
RUNS_END = timedelta(seconds=240)
SERVICE_ENDS = timedelta(seconds=40)
TICKET = "T-1001"


class Story:
    """Told once: hosts, schedules by Prefect, a fix on demand, time and price, summaries."""

    def __init__(self, lab: Lab, into: Path) -> None:
        self._lab = lab
        self._into = into
        self._clock = SystemClock()
        self._pause = Event()

    def tell(self, *, keep: bool) -> None:
        """Leaves the workspace with its summaries; the hosts only with `keep`. MspOpsError when a chapter fails."""
        if not self._lab.is_up():
            self._lab.up()
        try:
            self._chapters()
        finally:
            if keep:
                say("The practice hosts stay; end them with: msp-ops lab down", "dim")
            else:
                self._lab.down()

    def _chapters(self) -> None:
        begins_at = _whole_minute_after(self._clock.now() + timedelta(seconds=45))
        write_workspace(self._lab, self._into, begins_at)
        self._title("Two clients, five machines, and their schedules")
        self._run("hosts", "check", "acme/web1")
        self._run("schedules", "list")
        self._title("Prefect server, worker and calendar as one service")
        with self._service():
            self._break_and_fix()
            self._title(f"The schedules begin at {begins_at:%H:%M} UTC")
            self._wait_for_schedules()
        self._accounts()

    def _break_and_fix(self) -> None:
        self._title(f"{TICKET}: the web page of borealis/app1 is down; a technician starts the same kind of runbook")
        self._lab.fault("borealis-app1", "service-broken")
        fix = ("run", "fix-service", "borealis/app1", "--service", "lab-web", "-t", TICKET, "--yes")
        self._run(*fix)

    def _accounts(self) -> None:
        self._title("What was found, what it took, what it costs")
        self._run("runs", "list")
        self._run("findings", "list")
        for client in ("acme", "borealis"):
            self._run("work", "list", client)
        self._title("What the clients read")
        month = f"{self._clock.now():%Y-%m}"
        for client in ("acme", "borealis"):
            self._run("summaries", "month", client, month)
        patched = next(run for run in self._ask("runs", "list", "acme", "--json") if run["runbook"] == "patch-linux")
        self._run("summaries", "run", patched["id"])

    @contextmanager
    def _service(self) -> Iterator[None]:
        ready = self._into / ".state" / "ready"
        ready.unlink(missing_ok=True)
        argv = self._argv("up", "--ready", str(ready))
        self._show("up")
        log = self._into / "service.log"
        with log.open("wb") as file, subprocess.Popen(argv, stdout=file, stderr=file, env=self._environment()) as up:
            try:
                self._until(lambda: ready.exists() or up.poll() is not None, SERVICE_STARTS, f"no service; see {log}")
                yield
            finally:
                up.send_signal(signal.SIGTERM)
                try:
                    up.wait(SERVICE_ENDS.total_seconds())
                except subprocess.TimeoutExpired:
                    up.kill()
        say("The service stopped cleanly." if up.returncode == 0 else f"The service ended with {up.returncode}.")

    def _wait_for_schedules(self) -> None:
        """Until every occurrence of this minute has its end; each run is told when it has ended."""
        told: set[str] = set()
        with open_workspace(read_settings(self._into)) as parts:

            def all_ended() -> bool:
                now = parts.clock.now()
                today = parts.store.occurrences.list(since=now - RUNS_END * 2, until=now + timedelta(minutes=5))
                for occurrence in today:
                    if not occurrence.state.is_open and occurrence.id not in told:
                        told.add(occurrence.id)
                        self._tell(parts, occurrence)
                return bool(today) and not any(each.state.is_open for each in today)

            self._until(all_ended, RUNS_END, f"the scheduled runs did not end; look at {self._into / 'service.log'}")

    def _tell(self, parts: Parts, occurrence: Occurrence) -> None:
        word = f"{occurrence.state}: {occurrence.reason}"
        hosts = ""
        if occurrence.run_id:
            run = parts.store.runs.read(occurrence.run_id)
            word = run.outcome.word if run.outcome is not None else "going on"
            hosts = ", ".join(f"{host.host_id} {host.outcome.word if host.outcome else '?'}" for host in run.hosts)
        out.print(f"  {occurrence.client_id} {occurrence.schedule_id}: [bold]{shown(word)}[/bold]  {hosts}")

    def _until(self, condition: Callable[[], bool], limit: timedelta, otherwise: str) -> None:
        deadline = self._clock.elapsed() + limit
        while not condition():
            if self._clock.elapsed() > deadline:
                raise MspOpsError(otherwise)
            self._pause.wait(0.5)

    def _run(self, *words: str) -> None:
        self._show(*words)
        done = subprocess.run(self._argv(*words), env=self._environment(), check=False)
        if done.returncode not in {0, 1}:
            raise MspOpsError(f"`msp-ops {' '.join(words)}` ended with {done.returncode}")

    def _ask(self, *words: str) -> Any:  # noqa: ANN401  # JSON
        done = subprocess.run(self._argv(*words), env=self._environment(), check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    def _argv(self, *words: str) -> list[str]:
        return self._lab.exec_argv([sys.executable, "-m", "msp_ops", *words])

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "MSP_OPS_WORKSPACE": str(self._into)}

    def _title(self, text: str) -> None:
        err.print(f"\n[bold]{text}[/bold]")

    def _show(self, *words: str) -> None:
        err.print(f"[cyan]$ msp-ops {' '.join(words)}[/cyan]", highlight=False)


def _whole_minute_after(moment: datetime) -> datetime:
    return (moment + timedelta(minutes=1)).replace(second=0, microsecond=0)
