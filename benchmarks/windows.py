"""What a question to a Windows host costs beside pywinrm's own `Session`: requests, and CPU of the client alone."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import winrm

from benchmarks.measure import Goal, spread
from benchmarks.windows_host import PASSWORD, SAID, USER
from msp_ops.domain.client import Credential, Host, WinRm
from msp_ops.transports.base import Target
from msp_ops.transports.ssh.trials import Trials
from msp_ops.transports.winrm.transport import WinRmTransport

QUESTIONS, HOSTS, EACH = 100, 50, 10
Ask = Callable[[int, int], None]


@dataclass(frozen=True)
class Asked:
    """Of all questions together; `left` shells were not deleted."""

    cpu: float
    wall: float
    requests: int
    left: int


def time_windows(rounds: int) -> Sequence[Goal]:
    """In turn, against the same endpoint in a process of its own."""
    with _endpoint() as (port, counts):
        contestants: dict[str, Ask] = {"msp-ops": _ours(port), "Session": _session(port)}
        one: dict[str, list[Asked]] = {name: [] for name in contestants}
        many: dict[str, list[Asked]] = {name: [] for name in contestants}
        for ask in contestants.values():
            ask(0, 2)
        for _ in range(rounds):
            for name, ask in contestants.items():
                one[name].append(_measure(lambda ask=ask: ask(1, QUESTIONS), counts))
                many[name].append(_measure(lambda ask=ask: _at_once(ask), counts))
    print(f"\n(i) Windows: NTLM with message encryption on loopback, {rounds} rounds; CPU ms and requests a question")
    for what, told, number in (("one host", one, QUESTIONS), (f"{HOSTS} at once", many, HOSTS * EACH)):
        for name, asked in told.items():
            _tell(f"{what}, {name}", asked, number)
    return [
        Goal("(i) requests beside Session's, one host", _ratio(one, "requests"), 0.5),
        Goal("(i) CPU beside Session's, one host", _ratio(one, "cpu"), 0.5),
        Goal(f"(i) CPU beside Session's, {HOSTS} hosts at once", _ratio(many, "cpu"), 0.5),
        Goal("(i) shells left over", max(each.left for told in (one, many) for each in told["msp-ops"]), 0.5),
    ]


def _ours(port: int) -> Ask:
    wire = WinRmTransport(Path("/"), lambda _: PASSWORD, Trials(None), lambda _: None)

    def ask(number: int, times: int) -> None:
        host = Host(id=f"h{number}", address="127.0.0.1", port=port, transport="winrm", winrm=WinRm(tls=False))
        target = Target(who=f"acme/h{number}", host=host, credential=Credential(user=USER, password="env:P"))  # noqa: S106
        with wire.connect(target) as session:
            for _ in range(times):
                assert session.ask(b"Get-Date\n", "login", timedelta(seconds=60)).output == SAID

    return ask


def _session(port: int) -> Ask:
    def ask(_number: int, times: int) -> None:
        settings = {"transport": "ntlm", "message_encryption": "always", "ca_trust_path": None, "proxy": None}
        session = winrm.Session(f"http://127.0.0.1:{port}/wsman", auth=(USER, PASSWORD), **settings)
        for _ in range(times):
            assert session.run_ps("Get-Date").std_out == SAID

    return ask


def _at_once(ask: Ask) -> None:
    with ThreadPoolExecutor(HOSTS) as pool:
        list(pool.map(lambda number: ask(number, EACH), range(HOSTS)))


def _measure(act: Callable[[], None], counts: Callable[[], list[int]]) -> Asked:
    before, cpu, wall = counts(), time.process_time(), time.monotonic()
    act()
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    after = counts()
    return Asked(cpu=cpu, wall=wall, requests=after[0] - before[0], left=after[2])


def _tell(what: str, asked: Sequence[Asked], number: int) -> None:
    cpu = spread([each.cpu for each in asked]).shown(1000 / number)
    requests = spread([each.requests / number for each in asked]).shown()
    print(f"{what:28}{cpu:>22}{requests:>10}   wall s {spread([each.wall for each in asked]).shown()}", flush=True)


def _ratio(told: dict[str, list[Asked]], what: str) -> float:
    ours, theirs = ([getattr(each, what) for each in told[name]] for name in ("msp-ops", "Session"))
    return spread(ours).median / spread(theirs).median


@contextmanager
def _endpoint() -> Iterator[tuple[int, Callable[[], list[int]]]]:
    argv = [sys.executable, "-m", "benchmarks.windows_host"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        port, asked, said = int(process.stdout.readline()), process.stdin, process.stdout

        def counts() -> list[int]:
            asked.write("\n")
            asked.flush()
            return [int(word) for word in said.readline().split()]

        yield port, counts
