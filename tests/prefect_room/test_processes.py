"""The parts of the service that need no Prefect: lock, password, and children that never outlive us."""

import json
import os
import signal
import socket
import subprocess
import sys
from datetime import timedelta
from threading import Event

import pytest

from msp_ops.domain.errors import StoreError
from msp_ops.prefect_api.child import Child
from msp_ops.prefect_api.errors import ServiceError
from msp_ops.prefect_api.hold import Hold
from msp_ops.prefect_api.password import ensure_password, read_password
from msp_ops.prefect_api.service import ensure_free, serve
from msp_ops.prefect_api.surroundings import ServiceSettings, server_environment, worker_environment
from msp_ops.prefect_api.waiting import wait_until
from tests.prefect_room.cast import ROOT, SystemClock, is_running

SHORT = timedelta(milliseconds=1)
LONG = timedelta(seconds=10)
SAYS_AND_SLEEPS = "import time; print('here', flush=True); time.sleep(60)"
IS_DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('here', flush=True); time.sleep(60)"
HAS_A_CHILD = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"


def child(tmp_path, code):
    return Child(
        "part", [sys.executable, "-c", code], environment=os.environ, folder=tmp_path, log=tmp_path / "part.log"
    )


def said(tmp_path):
    assert wait_until(lambda: (tmp_path / "part.log").read_text().endswith("\n"), LONG)
    return (tmp_path / "part.log").read_text()


def test_a_child_that_works_is_in_order_and_is_stopped(tmp_path):
    part = child(tmp_path, SAYS_AND_SLEEPS)
    assert said(tmp_path) == "here\n"
    part.check()
    part.stop(LONG)
    assert not is_running(part.pid)


def test_a_child_that_does_not_listen_is_killed_with_what_it_started(tmp_path):
    part = child(tmp_path, f"{IS_DEAF.replace('; time.sleep(60)', '')}; {HAS_A_CHILD}")
    assert wait_until(lambda: said(tmp_path).count("\n") == 2, LONG)
    grandchild = int(said(tmp_path).split()[1])
    part.stop(timedelta(seconds=0.3))
    assert wait_until(lambda: not is_running(grandchild), LONG)
    assert not is_running(part.pid)


def test_a_child_that_ended_is_told_with_its_last_words(tmp_path):
    part = child(tmp_path, "print('the port is taken')")

    def ended():
        try:
            part.check()
        except ServiceError as error:
            assert "the port is taken" in str(error)  # noqa: PT017  # polled until it is so
            return True
        return False

    assert wait_until(ended, LONG)
    part.stop(LONG)


def test_a_child_can_be_interrupted_although_we_were_started_with_interrupts_ignored(tmp_path):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        part = child(tmp_path, "import signal; print(signal.getsignal(2) is signal.default_int_handler)")
        assert said(tmp_path) == "True\n"
    finally:
        signal.signal(signal.SIGINT, before)
    part.stop(LONG)


def test_a_child_does_not_outlive_a_parent_that_was_killed(tmp_path):
    log = tmp_path / "part.log"
    parent = f"""
import os, sys, time
from pathlib import Path
from msp_ops.prefect_api.child import Child
part = Child("part", [sys.executable, "-c", {SAYS_AND_SLEEPS!r}], environment=os.environ,
             folder=Path({str(tmp_path)!r}), log=Path({str(log)!r}))
print(part.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        pid = int(holder.stdout.readline())
        assert wait_until(log.exists, LONG)
        assert said(tmp_path) == "here\n"
        holder.kill()
    assert wait_until(lambda: not is_running(pid), LONG)


def test_a_second_service_is_refused_and_hears_who_has_it(tmp_path):
    first, second = Hold(tmp_path / "lock", SystemClock()), Hold(tmp_path / "lock", SystemClock())
    assert first.take() is None
    with pytest.raises(ServiceError, match=rf"already running here: process {os.getpid()} of \w+ since \d{{4}}-"):
        second.take()
    first.release()
    assert second.take() is None
    second.release()


def test_a_service_that_died_leaves_its_name_but_not_its_lock(tmp_path):
    (tmp_path / "lock").write_text(json.dumps({"pid": 4711, "user": "ops", "since": "2026-11-28 21:00:00Z"}))
    hold = Hold(tmp_path / "lock", SystemClock())
    assert hold.take() == "process 4711 of ops since 2026-11-28 21:00:00Z"
    hold.release()


def test_the_password_is_made_once_and_for_one_reader(tmp_path):
    file = tmp_path / "password"
    made = ensure_password(file)
    assert (file.stat().st_mode & 0o777, ensure_password(file)) == (0o600, made)
    assert len(made) > 40


def test_a_password_that_others_can_read_is_refused(tmp_path):
    file = tmp_path / "password"
    ensure_password(file)
    file.chmod(0o640)
    with pytest.raises(ServiceError, match=r"has mode 0640, .*chmod 600"):
        read_password(file)


def test_a_missing_password_says_what_makes_it(tmp_path):
    with pytest.raises(ServiceError, match="msp-ops up makes it"):
        read_password(tmp_path / "password")


def test_a_taken_port_is_told_before_anything_starts():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServiceError, match=rf"port {port} of 127.0.0.1 cannot be used"):
            ensure_free(port)


def test_the_server_sees_none_of_our_secrets_and_the_worker_no_password_of_the_server(tmp_path, monkeypatch):
    monkeypatch.setenv("ACME_ROOT_PASSWORD", "hunter2")
    monkeypatch.setenv("PREFECT_API_URL", "http://elsewhere/api")
    settings = ServiceSettings(state=tmp_path, root=ROOT, port=4242, environment={"MSP_OPS_WORKSPACE": "/srv/ws"})
    server, worker = server_environment(settings, "u:p"), worker_environment(settings, "u:p")
    assert "ACME_ROOT_PASSWORD" not in server
    assert "PREFECT_SERVER_API_AUTH_STRING" not in worker
    assert worker["MSP_OPS_WORKSPACE"] == "/srv/ws"
    for environment in (server, worker):
        assert environment["PREFECT_API_URL"] == "http://127.0.0.1:4242/api"
        assert (environment["DO_NOT_TRACK"], environment["PREFECT_SERVER_ANALYTICS_ENABLED"]) == ("1", "false")


def test_the_calendar_goes_on_after_an_error_that_a_person_can_mend():
    stop, reports, ticks = Event(), [], []

    def tick():
        ticks.append(1)
        if len(ticks) == 3:
            stop.set()
        raise StoreError("the store is locked")

    serve(tick, SHORT, stop, reports.append)
    assert reports == ["the store is locked"] * 3


@pytest.mark.parametrize("fatal", [ServiceError("the worker ended"), ZeroDivisionError()])
def test_the_calendar_ends_when_a_part_is_gone_or_the_program_is_wrong(fatal):
    def tick():
        raise fatal

    with pytest.raises(type(fatal)):
        serve(tick, SHORT, Event(), print)
