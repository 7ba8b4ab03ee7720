"""A parcel on a machine that systemd runs: its unit, its restart, its disk."""

import os
import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.domain.client import Credential, Host
from msp_ops.domain.errors import MspOpsError, NotReached
from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.lab.hosts import LOGIN, SAMPLE
from msp_ops.secrets.references import resolver
from msp_ops.transports.base import Ended, Gone, Interrupted, Limits, Running, Target
from msp_ops.transports.ssh.login import Keyring
from msp_ops.transports.ssh.transport import SshTransport
from tests.transports.breaker import MemoryBreaker

pytestmark = pytest.mark.lab
LEASE = Lease(store="lab", token=3)
NAME = "acme-web1"


class Machine:
    """One practice host: through the wire, and around it as root."""

    def __init__(self, lab, keyring):
        self._lab = lab
        self._keyring = keyring

    def target(self, **changes):
        address = next(host.address for host in SAMPLE if host.name == NAME)
        host = Host(id="web1", address=address, host_keys=(self._lab.pins()[NAME],))
        credential = Credential(user=LOGIN, key=f"file:{self._lab.folder.login_key}", **changes)
        return Target(who="acme/web1", host=host, credential=credential)

    def session(self, **changes):
        return SshTransport(self._keyring, Limits()).connect(self.target(**changes))

    def root(self, command):
        return self._lab.inside(NAME, ["sh", "-c", command]).stdout.strip()

    def begin(self, script, minutes=5, run_as="root"):
        what = Parcel(id=f"t-{uuid.uuid4().hex[:8]}", step="s", run_as=run_as, timeout=timedelta(minutes=minutes))
        with self.session() as session:
            session.deliver(what, script.encode())
            session.commit(what, LEASE)
        return what

    def collect(self, what):
        with self.session() as session:
            return session.collect(what)

    def ended(self, what, seconds=40):
        return self.when(lambda: not isinstance(standing := self.collect(what), Running) and standing, seconds)

    def when(self, found, seconds=40):
        deadline = time.monotonic() + seconds
        while True:
            try:
                if answer := found():
                    return answer
            except MspOpsError:
                pass  # it may be starting anew
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.1)


@pytest.fixture
def keyring():
    return Keyring(Path("/"), resolver(Path("/"), os.environ))


@pytest.fixture
def machine(inside_lab, keyring):
    found = Machine(inside_lab, keyring)
    yield found
    found.root("touch /tmp/go; systemctl kill -s KILL 'msp-ops-*' 2>/dev/null; rm -rf /tmp/go /tmp/up /run/msp-ops/t-*")


WAITS = "touch /tmp/up; while [ ! -e /tmp/go ]; do sleep 0.1; done; echo went; exit 3\n"


def test_what_runs_has_a_unit_of_its_own_and_leaves_what_it_started(machine):
    what = machine.begin(WAITS.replace("touch", "sleep 987 & touch", 1))
    machine.when(lambda: machine.root("ls /tmp/up"))
    unit = f"systemctl show -p KillMode -p Restart -p OOMPolicy -p ActiveState msp-ops-{what.id}"
    shown = set(machine.root(unit).split())
    assert shown == {"KillMode=process", "Restart=no", "OOMPolicy=continue", "ActiveState=active"}
    machine.root("touch /tmp/go")
    assert machine.ended(what).answer.exit_code == 3
    assert machine.root("pgrep -fx 'sleep 987'")
    machine.root("pkill -fx 'sleep 987'")


def test_a_unit_that_is_killed_is_an_interrupted_change(machine):
    what = machine.begin(WAITS)
    machine.when(lambda: machine.root("ls /tmp/up"))
    machine.root(f"systemctl kill -s KILL msp-ops-{what.id}")
    assert machine.ended(what) == Interrupted(why="killed")


def test_a_script_outlives_its_supervisor_and_bars_the_next(machine):
    what = machine.begin(WAITS)
    machine.when(lambda: machine.root("ls /tmp/up"))
    machine.root(f"kill -KILL $(cut -d' ' -f1 /run/msp-ops/{what.id}/pid)")
    machine.when(lambda: machine.root(f"systemctl is-active msp-ops-{what.id}") != "active")
    assert isinstance(machine.collect(what), Running)
    assert machine.ended(machine.begin("true\n")).answer.exit_code == 75
    with machine.session() as session:
        assert session.cancel(what).cancelled
    assert machine.ended(machine.begin("true\n")).answer.exit_code == 0


def test_a_unit_of_which_anything_still_works_bars_the_next(machine):
    what = machine.begin("setsid env -i sh -c 'touch /tmp/up; while [ ! -e /tmp/go ]; do sleep 0.1; done'\n")
    machine.when(lambda: machine.root("ls /tmp/up"))
    machine.root(
        f"cd /run/msp-ops/{what.id}; read -r supervisor _ <pid; read -r leader _ <began; "
        "kill -KILL $supervisor $(pgrep -s $leader)"
    )
    machine.when(lambda: machine.root(f"systemctl is-active msp-ops-{what.id}") != "active")
    assert isinstance(machine.collect(what), Running)
    assert machine.ended(machine.begin("true\n")).answer.exit_code == 75
    machine.root("touch /tmp/go")
    assert machine.ended(what) == Interrupted(why="killed")
    assert machine.ended(machine.begin("true\n")).answer.exit_code == 0


def test_cancel_reaches_every_process_of_the_unit(machine):
    what = machine.begin(
        "(trap '' TERM; setsid env -i sleep 985) & setsid env -i sleep 986 & touch /tmp/up; sleep 984\n"
    )
    machine.when(lambda: machine.root("ls /tmp/up"))
    with machine.session() as session:
        ended = session.cancel(what)
    assert (ended.cancelled, ended.timed_out) == (True, False)
    assert machine.root("pgrep -fx 'sleep 98[4-6]'") == ""
    machine.when(lambda: machine.root(f"systemctl is-active msp-ops-{what.id}") != "active")


def test_a_machine_that_restarts_lets_a_short_script_end(machine):
    what = machine.begin("touch /tmp/up; sleep 6; echo went; exit 3\n")
    machine.when(lambda: machine.root("ls /tmp/up"))
    restart(machine)
    ended = machine.ended(what)
    assert isinstance(ended, Ended)
    assert (ended.answer.exit_code, ended.answer.output) == (3, b"went\n")


def test_a_machine_that_loses_power_in_the_middle_says_so(machine):
    what = machine.begin(WAITS)
    login = machine.begin("sleep 600\n", run_as="login")
    machine.when(lambda: machine.root("ls /tmp/up"))
    restart(machine, "--force --force")
    assert machine.collect(what) == Interrupted(why="restarted")
    assert machine.collect(login) in {Gone(), Interrupted(why="restarted")}
    with machine.session() as session:
        session.forget(what)
    assert machine.collect(what) == Gone()


def restart(machine, how=""):
    before = machine.root("cat /proc/sys/kernel/random/boot_id")
    machine.root(f"systemctl reboot {how}")
    machine.when(lambda: machine.root("cat /proc/sys/kernel/random/boot_id") not in {"", before}, 90)
    machine.when(lambda: machine.session().__exit__(None, None, None) is None, 60)


def test_a_full_disk_can_still_be_repaired(machine, lab):
    lab.fault(NAME, "disk-full")
    try:
        what = machine.begin("df / | tail -n 1\n")
        assert b"%" in machine.ended(what).answer.output
    finally:
        lab.clear(NAME, "disk-full")


def test_a_refused_sudo_password_is_given_to_nobody_again(machine, lab, monkeypatch):
    monkeypatch.setenv("SUDO_PASSWORD", "certainly-wrong")
    breaker = MemoryBreaker(at_most=1)
    lab.fault(NAME, "sudo-password")
    try:
        for _ in range(2):  # two processes
            machine._keyring = Keyring(Path("/"), resolver(Path("/"), os.environ), breaker)
            for _ in range(2):
                with machine.session(sudo_password="env:SUDO_PASSWORD") as session:
                    with pytest.raises(NotReached) as caught:
                        session.ask(b"id -u\n", "root", timedelta(seconds=10))
                    assert caught.value.credential_refused
        assert len(breaker.refusals) == 1
        assert machine.root("journalctl -t sudo --no-pager | grep -c 'sudo:auth): authentication failure'") == "1"
    finally:
        lab.clear(NAME, "sudo-password")
