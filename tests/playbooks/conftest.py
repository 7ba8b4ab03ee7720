"""Six hosts for all of these tests, and a surrounding that must not leak into Ansible."""

import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.engine.stopping import Stopping
from msp_ops.playbooks.job import MEMORY, HostEnd, Playbook, PlaybookEvent, PlaybookJob, TaskSaid
from msp_ops.playbooks.run import run_playbook
from msp_ops.secrets.redact import redactor
from msp_ops.secrets.references import resolver
from tests.playbooks.hosts import PASSWORD, SUDO_PASSWORD, hosts

PUBLIC = Path(__file__).parent / "public"


@pytest.fixture(scope="session")
def six(tmp_path_factory):
    with hosts(tmp_path_factory.mktemp("six")) as running:
        yield running


@pytest.fixture
def memory():
    """A folder in memory that nobody else uses meanwhile."""
    folder = Path(tempfile.mkdtemp(dir=MEMORY))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def room(memory):
    """Where the private folders are made."""
    return memory / f"msp-ops-playbooks-{os.getuid()}"


@dataclass
class Played:
    """What came back, in order."""

    said: list[TaskSaid] = field(default_factory=list)
    ends: dict[str, HostEnd] = field(default_factory=dict)

    def outcomes(self) -> dict[str, str]:
        return {host_id: end.outcome.word for host_id, end in self.ends.items()}

    def statuses(self, host_id: str) -> dict[str, str]:
        """The last word of each Ansible task on this host."""
        return {said.task: said.status for said in self.said if said.host_id == host_id and said.status != "item"}


def gather(events: Iterable[PlaybookEvent]) -> Played:
    played = Played()
    for event in events:
        if isinstance(event, HostEnd):
            played.ends[event.host_id] = event
        else:
            played.said.append(event)
    return played


@pytest.fixture(autouse=True)
def _the_users_own(monkeypatch, tmp_path):
    """What people have in their shells; each of it would change or break a run that took it over."""
    (tmp_path / "users.cfg").write_text("[defaults]\nforks = nonsense\ninventory = /nowhere\n")
    monkeypatch.setenv("ANSIBLE_CONFIG", str(tmp_path / "users.cfg"))
    monkeypatch.setenv("ANSIBLE_REMOTE_USER", "somebody-else")
    monkeypatch.setenv("ANSIBLE_STRATEGY", "no_such_strategy")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("ACME_PASSWORD", PASSWORD)
    monkeypatch.setenv("ACME_SUDO", SUDO_PASSWORD)


@pytest.fixture
def begin(tmp_path, memory):
    """Run a playbook: a file of `public/`, or text that becomes one. The events, as they come."""

    def run(what, targets, stopping=None, **changes):
        if isinstance(what, str) and what.startswith("-"):
            (tmp_path / "site.yml").write_text(what)
            what = Playbook(folder=tmp_path, file="site.yml")
        elif isinstance(what, str):
            what = Playbook(folder=PUBLIC / Path(what).parent, file=Path(what).name)
        job = PlaybookJob(
            what=what,
            hosts=tuple(targets),
            groups={},
            variables={"place": str(tmp_path)},
            check=False,
            timeout=timedelta(minutes=2),
            workspace=tmp_path,
            memory=memory,
        )
        redact = redactor([PASSWORD, SUDO_PASSWORD])
        resolve = resolver(tmp_path, os.environ)
        return run_playbook(replace(job, **changes), stopping or Stopping(), resolve, redact)

    return run


@pytest.fixture
def play(begin):
    return lambda *words, **more: gather(begin(*words, **more))
