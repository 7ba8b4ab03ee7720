"""Hosts that answer from what they were given: rehearsals and tests. It keeps the rules of the real wires."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Literal, Self

from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.domain.parcel import Lease, Parcel, RunAs
from msp_ops.transports.base import Answer, Collected, Ended, Gone, NeverCommitted, Running, Target

Moment = Literal[
    "connect", "ask", "deliver", "commit", "after commit", "follow", "collect", "withdraw", "cancel", "forget"
]
Reply = Callable[[str], Answer]
BLOCKED = 75


def silent(_script: str) -> Answer:
    """Says nothing and is content."""
    return Answer(exit_code=0, output=b"")


@dataclass(slots=True)
class FakeHost:
    """One host's answers. `ran` counts what each parcel really did.

    `cut_at`: the link breaks there, once. `down_for`: so many connects fail first. `busy_for`: so many times a parcel
    is found running before it has ended. `ends_as`: how every parcel ends, in place of what `changed` says.
    `blocked_by`: why it refuses every commit.
    """

    looked: Reply = silent
    changed: Reply = silent
    cut_at: Moment | None = None
    down_for: int = 0
    busy_for: int = 0
    ends_as: Collected | None = None
    blocked_by: str = ""
    asked: list[str] = field(default_factory=list)
    ran: dict[str, int] = field(default_factory=dict)
    delivered: dict[str, bytes] = field(default_factory=dict)
    ended: dict[str, Collected] = field(default_factory=dict)
    busy: dict[str, int] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    fences: dict[str, int] = field(default_factory=dict)

    def breaks(self, moment: Moment) -> None:
        """Break the link if this is the moment."""
        if self.cut_at == moment:
            self.cut_at = None
            raise LinkLost(f"the link broke at {moment}")

    def begin(self, parcel_id: str, lease: Lease) -> None:
        """Run it, or refuse it as the supervisor does."""
        if why := self._refusal(lease):
            self.ended[parcel_id] = Ended(answer=Answer(exit_code=BLOCKED, output=f"msp: why {why}\n".encode()))
            return
        self.fences[lease.store] = lease.token
        self.ran[parcel_id] = self.ran.get(parcel_id, 0) + 1
        self.busy[parcel_id] = self.busy_for
        self.ended[parcel_id] = self.ends_as or Ended(answer=self.changed(self.delivered[parcel_id].decode()))

    def _refusal(self, lease: Lease) -> str:
        if any(self.busy.values()):
            return "another run of msp-ops is changing this host"
        if lease.token < self.fences.get(lease.store, 0):
            return "a younger run of msp-ops holds this host"
        return self.blocked_by

    def standing(self, parcel_id: str) -> Collected:
        """How it stands; asking makes time pass."""
        if self.busy.get(parcel_id):
            self.busy[parcel_id] -= 1
            return Running()
        if parcel_id in self.ended:
            return self.ended[parcel_id]
        return NeverCommitted() if parcel_id in self.delivered else Gone()


class FakeTransport:
    """See `transports.base.Transport`. A host that it was not given cannot be reached."""

    def __init__(self, hosts: Mapping[str, FakeHost]) -> None:
        self._hosts = hosts

    def connect(self, target: Target) -> "FakeSession":
        host = self._hosts.get(target.host.id)
        if host is None:
            raise NotReached(f"{target.host.id} cannot be reached")
        if host.cut_at == "connect" or host.down_for:
            host.down_for = max(0, host.down_for - 1)
            raise NotReached(f"{target.host.id} cannot be reached", again=True)
        return FakeSession(host)


class FakeSession:
    """See `transports.base.Session`."""

    def __init__(self, host: FakeHost) -> None:
        self._host = host

    def ask(self, script: bytes, run_as: RunAs, timeout: timedelta) -> Answer:  # noqa: ARG002  # a fake is in no hurry
        self._host.breaks("ask")
        self._host.asked.append(script.decode())
        return self._host.looked(script.decode())

    def deliver(self, parcel: Parcel, script: bytes) -> None:
        self._host.breaks("deliver")
        self._host.delivered[parcel.id] = script

    def commit(self, parcel: Parcel, lease: Lease) -> None:
        self._host.breaks("commit")
        if parcel.id not in self._host.delivered:
            raise LinkLost("the host could not take the script: nothing was delivered")
        if parcel.id not in self._host.withdrawn | self._host.ended.keys():
            self._host.begin(parcel.id, lease)
        self._host.breaks("after commit")

    def follow(
        self, parcel: Parcel, from_byte: int = 0, at_most: timedelta | None = None
    ) -> Generator[bytes, None, None]:
        self._host.breaks("follow")
        if at_most is None:
            self._host.busy.pop(parcel.id, None)
        ended = self._host.ended.get(parcel.id)
        if isinstance(ended, Ended) and not self._host.busy.get(parcel.id):
            yield ended.answer.output[from_byte:]

    def collect(self, parcel: Parcel) -> Collected:
        self._host.breaks("collect")
        return self._host.standing(parcel.id)

    def withdraw(self, parcel: Parcel) -> Collected:
        self._host.breaks("withdraw")
        return self._close(parcel)

    def cancel(self, parcel: Parcel) -> Collected:
        self._host.breaks("cancel")
        if self._host.busy.pop(parcel.id, 0):
            self._host.ended[parcel.id] = Ended(answer=Answer(exit_code=143, output=b""), cancelled=True)
        return self._close(parcel)

    def forget(self, parcel: Parcel) -> None:
        self._host.breaks("forget")
        if not self._host.busy.get(parcel.id):
            self._host.delivered.pop(parcel.id, None)
            self._host.ended.pop(parcel.id, None)
            self._host.withdrawn.discard(parcel.id)

    def _close(self, parcel: Parcel) -> Collected:
        if parcel.id in self._host.delivered:
            self._host.withdrawn.add(parcel.id)
        return self._host.standing(parcel.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
