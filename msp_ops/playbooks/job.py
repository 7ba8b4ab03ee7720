"""What is asked of Ansible, and what comes back."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal, Protocol

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.record import record
from msp_ops.domain.run import Evidence
from msp_ops.transports.base import Target

Value = str | int | bool
MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own in it, mode 0700


@record
class Playbook:
    """A file of a runbook's folder; roles/, group_vars/, collections/ and plugins beside it work as they are.

    `of_collection`: `file` is the full name of a collection's playbook. `vault_password`: the reference of the one that
    opens what ansible-vault encrypted.
    """

    folder: Path
    file: str
    of_collection: bool = False
    tags: tuple[str, ...] = ()
    skip_tags: tuple[str, ...] = ()
    vault_password: str | None = None

    @property
    def title(self) -> str:
        return self.file


@record
class ModuleCall:
    """One module of a collection, by its full name, such as `ansible.builtin.service`.

    `arguments` are filled with the job's variables where they say `{{ name }}`; none of it is a template. `folder`: of
    the runbook, whose own collections count.
    """

    folder: Path
    name: str
    arguments: Mapping[str, object]
    become: bool = True

    @property
    def title(self) -> str:
        return self.name


@record
class PlaybookJob:
    """One playbook for exactly these hosts.

    `groups`: names that plays may use in `hosts:`, each with ids of hosts; one without hosts is known, and empty.
    `variables` reach the plays as they are, never as templates; `lock-wait` is `lock_wait` there. `check`: nothing is
    changed, and `changed` means "would change". `workspace`: where relative `file:` references begin. `memory` is a
    folder of a file system that is never written to a disk. `silence`: when our process, stopped or frozen, says
    nothing for that long, the playbook is ended: by then others may take the host for free. `agent_socket`: of the
    SSH agent, for credentials with `agent`.
    """

    what: Playbook | ModuleCall
    hosts: tuple[Target, ...]
    groups: Mapping[str, tuple[str, ...]]
    variables: Mapping[str, Value]
    check: bool
    timeout: timedelta
    workspace: Path
    memory: Path = MEMORY
    agent_socket: str | None = None
    at_once: int = 10
    silence: timedelta = timedelta(seconds=60)
    output_bytes: int = 64 * 1024

    def host_ids(self) -> tuple[str, ...]:
        return tuple(target.host.id for target in self.hosts)


Status = Literal["started", "ok", "changed", "failed", "ignored", "unreachable", "skipped", "retried", "item"]


@record
class TaskSaid:
    """One host about one Ansible task, as it happens.

    `ignored`: it failed, and the playbook goes on as if it had not. A `failed` one may still be rescued. `item`: one
    turn of a loop; the task's own answer follows.
    """

    host_id: str
    play: str
    task: str
    status: Status
    text: str


@record
class HostEnd:
    """How the playbook ended on one host. `changed`: the Ansible tasks that changed it, or would.

    SKIPPED here means that the playbook did nothing on the host: it is missing from what was asked, and no success.
    """

    host_id: str
    outcome: Outcome
    reason: str
    changed: tuple[str, ...]
    evidence: Evidence

    @property
    def is_good(self) -> bool:
        """Not what `Outcome.is_good` says: a host that no play touched is missing."""
        return self.outcome is Outcome.SUCCEEDED


PlaybookEvent = TaskSaid | HostEnd


class Stopping(Protocol):
    """What a run is told from outside; `engine.stopping.Stopping` is one.

    Both words end the playbook at once: it cannot run on without this process.
    """

    @property
    def why(self) -> str: ...

    @property
    def cancels(self) -> bool: ...

    @property
    def leaves(self) -> bool: ...
