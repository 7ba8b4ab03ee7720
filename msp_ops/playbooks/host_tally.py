"""What one host said, and what that proves."""

import hashlib
from dataclasses import dataclass, field

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import Evidence
from msp_ops.playbooks.job import Status

_SHORT = 300
_ANOTHER_KEY = ("Host key verification failed", "because Host Key checking is enabled")
# OpenSSH before anybody is logged in: nothing was done on the host.
_NEVER_LOGGED_IN = (
    *_ANOTHER_KEY,
    "Permission denied (",
    "ssh: connect to host",
    "during banner exchange",
    "Could not resolve hostname",
    "kex_exchange_identification",
    "stdio forwarding failed",
    "Invalid/incorrect password",
    "can be reached over SSH.",  # half a module was sent: Python compiles the whole of it before it runs any
)
_ONLY_LOOK = {"setup", "gather_facts", "ansible.builtin.setup", "ansible.builtin.gather_facts"}


@dataclass
class HostTally:
    """`answered`: some task came to an end on it. `in_flight`: the task that has begun and not ended."""

    room: int
    lines: list[bytes] = field(default_factory=list)
    cut: int = 0
    changed: dict[str, None] = field(default_factory=dict)
    plays: set[int] = field(default_factory=set)
    answered: bool = False
    in_flight: str | None = None
    failure: str | None = None
    lost: str | None = None
    lost_looking: bool = False

    def hear(self, status: Status, task: str, action: str, text: str) -> None:
        """One answer, already redacted."""
        match status:
            case "started":
                self.in_flight = task
                return
            case "item" | "retried":
                pass
            case "unreachable":
                self.in_flight, self.lost = None, f"{task}: {text}"
                self.lost_looking = action in _ONLY_LOOK
            case _:
                self.in_flight = None
                self.answered = self.answered or status != "skipped"
        if status == "changed":
            self.changed[task] = None
        if status == "failed":
            self.failure = f"{task}: {_brief(text) or 'it failed without a word'}"
        self._keep(f"{status} [{task}] {text}".rstrip() + "\n")

    @property
    def lost_first(self) -> bool:
        """Whether no task of it ever came to an end."""
        return self.lost is not None and not self.answered

    def lost_means(self, check: bool) -> tuple[Outcome, str]:
        """A link that broke is no proof that nothing was done, unless nobody was logged in yet."""
        said = _brief(self.lost or "")
        proved = self.lost_looking or any(proof in (self.lost or "") for proof in _NEVER_LOGGED_IN)
        if check or (proved and not self.answered):
            return Outcome.NOT_REACHED, said
        return Outcome.UNKNOWN, f"the link was lost in the middle of {said}"

    def cut_means(self, why: str, *, check: bool, killed: bool) -> tuple[Outcome, str]:
        """Ansible did not come to its end."""
        if self.lost is not None:
            return self.lost_means(check)
        if not self.plays:
            return Outcome.DEFERRED, f"{why}, before anything began here"
        if check:
            return Outcome.UNVERIFIED, f"{why}; nothing was changed"
        if self.in_flight is None and not killed:
            return Outcome.FAILED, self.failure or f"{why}; what follows was not done here"
        return Outcome.UNKNOWN, f"{why}, in the middle of '{self.in_flight or 'the playbook'}'"

    def evidence(self) -> Evidence:
        body = b"".join(self.lines)
        return Evidence(digest=hashlib.sha256(body).hexdigest(), body=body, cut=self.cut)

    def _keep(self, line: str) -> None:
        said = line.encode(errors="replace")
        kept = said[: self.room]
        self.room -= len(kept)
        self.cut += len(said) - len(kept)
        self.lines.append(kept)


def _brief(text: str) -> str:
    """One line; of OpenSSH's shouting only what it means."""
    if any(sign in text for sign in _ANOTHER_KEY):
        return "it shows another host key than the pinned one; nothing was sent"
    return " ".join(text.split())[:_SHORT]
