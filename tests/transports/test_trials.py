"""A shared password over all processes: their stores are real, the hosts are a lock and a list."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Event, Lock
from time import monotonic

import paramiko
import pytest

from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import Store, open_store
from msp_ops.transports.ssh.trials import Attempt, Trials

PROCESSES = 8


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[list[Store]]:
    """The same one, as that many processes have it."""
    opened = [open_store(f"sqlite:///{tmp_path}/store.db", SystemClock()) for _ in range(PROCESSES)]
    yield opened
    for each in opened:
        each.close()


class Hosts:
    """They take a while to answer, as sshd does, and count who was shown the password."""

    def __init__(self, *, take_it: bool) -> None:
        self.shown: list[str] = []
        self.at_once = self.most_at_once = 0
        self._take_it = take_it
        self._guard = Lock()

    def log_in(self, trials: Trials, who: str) -> None:
        with trials.of(attempt(who)), self._asked(who):
            Event().wait(0.1)
            if not self._take_it:
                raise paramiko.AuthenticationException

    @contextmanager
    def _asked(self, who: str) -> Iterator[None]:
        with self._guard:
            self.shown.append(who)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield
        finally:
            with self._guard:
                self.at_once -= 1


def attempt(who: str, *, shared: bool = True) -> Attempt:
    return Attempt(client="acme", user="svc", reference="env:PASSWORD", who=who, shared=shared)


def at_the_same_moment(act: Callable[[int], object]) -> list[object]:
    together = Barrier(PROCESSES)

    def wait_and_act(number: int) -> object:
        together.wait(10)
        return act(number)

    with ThreadPoolExecutor(PROCESSES) as threads:
        return list(threads.map(wait_and_act, range(PROCESSES)))


def test_a_wrong_password_that_many_processes_try_at_the_same_moment_is_shown_to_two_hosts(stores):
    hosts = Hosts(take_it=False)

    def tries(number: int) -> Exception:
        with pytest.raises((paramiko.AuthenticationException, NotReached)) as refusal:
            hosts.log_in(Trials(stores[number].breaker), f"acme/h{number}")
        return refusal.value

    told = [each for each in at_the_same_moment(tries) if isinstance(each, NotReached)]
    assert len(hosts.shown) == 2
    assert len(told) == PROCESSES - 2
    assert all(each.again and not each.credential_refused for each in told)
    assert "has just been shown to acme/h" in str(told[0])


def test_a_right_password_that_many_processes_try_at_the_same_moment_lets_all_in(stores):
    hosts = Hosts(take_it=True)
    until = monotonic() + 30

    def tries(number: int) -> None:
        trials = Trials(stores[number].breaker)
        while True:
            try:
                return hosts.log_in(trials, f"acme/h{number}")
            except NotReached as refusal:
                if not refusal.again or monotonic() > until:
                    raise
                Event().wait(0.05)

    at_the_same_moment(tries)
    assert len(hosts.shown) == PROCESSES
    assert hosts.most_at_once <= 2


def test_who_has_seen_a_password_taken_does_not_wait_for_those_who_try_it(stores):
    one, *others = stores
    trials, hosts = Trials(one.breaker), Hosts(take_it=True)
    hosts.log_in(trials, "acme/h0")
    for number in (1, 2):
        assert others[number].breaker.claim(attempt("").key, f"acme/h{number}") is None
    hosts.log_in(trials, "acme/h0")
    with pytest.raises(NotReached) as refusal:
        hosts.log_in(Trials(others[3].breaker), "acme/h3")
    assert refusal.value.again


@pytest.mark.parametrize("broken", [LinkLost("gone"), paramiko.BadAuthenticationType("", ["publickey"])], ids=type)
def test_what_is_no_refusal_is_not_counted(stores, broken: Exception):
    for store in stores:
        with pytest.raises(type(broken)), Trials(store.breaker).of(attempt("acme/h1")):
            raise broken
    assert stores[0].breaker.refused_before(attempt("").key) is None


def test_a_key_that_one_host_refuses_twice_is_not_waited_for(stores):
    for _ in range(2):
        with pytest.raises(paramiko.AuthenticationException), Trials(stores[0].breaker).of(attempt("h1", shared=False)):
            raise paramiko.AuthenticationException
    with (
        pytest.raises(NotReached, match="was refused by h1") as refusal,
        Trials(stores[1].breaker).of(attempt("h1", shared=False)),
    ):
        pytest.fail("it was shown")
    assert refusal.value.credential_refused
