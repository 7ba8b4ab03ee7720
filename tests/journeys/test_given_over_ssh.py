"""A secret and a file on their way over a real sshd: seen by nobody, gone at the end, also from the host's memory."""

import os
import threading
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256 as digest_of
from pathlib import Path

import pytest

from msp_ops.domain.client import Client, Site
from msp_ops.domain.outcome import Outcome
from msp_ops.engine.stopping import Stopping
from msp_ops.engine.system_clock import SystemClock
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.given import read_files
from msp_ops.journeys.run_runbook import Asked, run_runbook
from msp_ops.secrets.references import resolver
from msp_ops.store import open_store
from msp_ops.transports.base import Limits
from msp_ops.transports.ssh.login import Keyring
from msp_ops.transports.ssh.transport import SshTransport
from tests.journeys.cast import KIM, TICKET, parts_with
from tests.journeys.test_given import BOOK, VALUE, has_secret
from tests.transports.breaker import MemoryBreaker
from tests.transports.sshd import sshd

pytestmark = [pytest.mark.wire, pytest.mark.skipif(os.geteuid() != 0, reason="only root may look at all processes")]
SAY = """\
printf '%s|' "$password"
printf %s "$password" | sha256sum
sha256sum <"$config"
ls -ln "$config"
set -x
: "$password"
sleep 0.3
"""
EMPTIED = "[ -f script ] && [ ! -s script ] && echo emptied\n"
CONTENT = bytes(range(256)) * 64


class Watcher:
    """Looks at every process's words and surroundings, again and again, and at the folders of parcels."""

    def __init__(self):
        self.told = set()
        self.looks = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self):
        while not self._stop.is_set():
            self.looks += 1
            for path in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")):
                with suppress(OSError):
                    if has_secret(path.read_bytes()):
                        self.told.add((path.name, path.with_name("cmdline").read_bytes()))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


def sha256(content):
    return digest_of(content).hexdigest()


def files_of(server):
    """What lies in the host's own folders; they are mounted for this sshd alone."""
    root = Path(f"/proc/{server.process.pid}/root")
    places = (root / "run/msp-ops", root / "var/lib/msp-ops", *(root / "run").glob("msp-ops-look.*"))
    return [path for place in places for path in place.rglob("*") if path.is_file()]


@pytest.fixture
def server(tmp_path):
    (tmp_path / "sshd").mkdir()
    with sshd(tmp_path / "sshd") as server:
        yield server


def asked_of(server, parts, book):
    target = server.target()
    client = Client(
        id="acme",
        name="Acme",
        timezone="Europe/Berlin",
        currency="EUR",
        sites=(Site(id="here", name="Here", hosts=(target.host,)),),
        contracts=(),
        credentials={"default": target.credential},
    )
    parameters = {"password": "env:NEW_PASSWORD", "config": "site.conf", "note": "none"}
    return Asked(
        client=client,
        runbook=book,
        hosts=(target.host,),
        parameters=parameters,
        trigger=TICKET,
        actor=KIM,
        files=read_files(parts.workspace, book, parameters),
    )


def parts_over_ssh(store, tmp_path):
    resolve = resolver(tmp_path, {"NEW_PASSWORD": VALUE})
    parts = parts_with(store, SystemClock(), {}, books=(BOOK,), root=tmp_path)
    wire = SshTransport(Keyring(tmp_path, resolve, MemoryBreaker()), Limits())
    return replace(parts, wire=wire, resolve=resolve)


def test_a_run_over_ssh_hands_both_over_and_leaves_nothing(server, tmp_path, capfd):
    (tmp_path / "site.conf").write_bytes(CONTENT)
    book = replace(BOOK, scripts={"act.sh": SAY + EMPTIED, "prove.sh": SAY, "undo.sh": SAY})
    with open_store(f"sqlite:///{tmp_path}/store.db", SystemClock()) as store:
        parts = parts_over_ssh(store, tmp_path)
        with Watcher() as watcher:
            run = to_the_end(run_runbook(parts, asked_of(server, parts, book), Stopping()))
        run = store.runs.read(run.id)
    (host,) = run.hosts
    assert host.outcome is Outcome.SUCCEEDED, host.reason
    for step in host.result.steps:
        said = step.evidence.body.decode()
        assert said.startswith("[secret]|")
        assert sha256(VALUE.encode()) in said
        assert sha256(CONTENT) in said
        assert "-rw-------" in said
        assert not has_secret(step.evidence.body)
    assert [b"emptied" in step.evidence.body for step in host.result.steps] == [True, False]
    assert watcher.looks > 2
    assert watcher.told == set()
    assert not any(has_secret(path.read_bytes()) for path in tmp_path.glob("store.db*"))
    assert not [path for path in files_of(server) if has_secret(path.read_bytes()) or path.name.startswith("given-")]
    assert not has_secret("".join(capfd.readouterr()).encode())
