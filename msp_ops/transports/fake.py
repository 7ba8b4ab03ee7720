"""Hosts that answer from what they were given: rehearsals and tests. It keeps the rules of the real wires."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Literal, Self

from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.domain.parcel import Lease, Parcel, RunAs
from msp_ops.transports.base import Answer, Collected, Ended, Gone, NeverCommitted, Running, Target

Moment = Literal["connect", "ask", "deliver", "commit", "after commit", "follow", "collect", "forget"]
Reply = Callable[[str], Answer]


def silent(_script: str) -> Answer:
    """Says nothing and is content."""
    return Answer(exit_code=0, output=b"")


@dataclass(slots=True)
class FakeHost:
    """One host's answers. `cut_at`: the link breaks there, once. `ran` counts what each parcel really did."""

    looked: Reply = silent
    changed: Reply = silent
    cut_at: Moment | None = None
    asked: list[str] = field(default_factory=list)
    ran: dict[str, int] = field(default_factory=dict)
    delivered: dict[str, bytes] = field(default_factory=dict)
    ended: dict[str, Collected] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)

    def breaks(self, moment: Moment) -> None:
        """Break the link if this is the moment."""
        if self.cut_at == moment:
            self.cut_at = None
            raise LinkLost(f"the link broke at {moment}")


class FakeTransport:
    """See `transports.base.Transport`. A host that it was not given cannot be reached."""

    def __init__(self, hosts: Mapping[str, FakeHost]) -> None:
        self._hosts = hosts

    def connect(self, target: Target) -> "FakeSession":
        host = self._hosts.get(target.host.id)
        if host is None or host.cut_at == "connect":
            raise NotReached(f"{target.host.id} cannot be reached")
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

    def commit(self, parcel: Parcel, lease: Lease) -> None:  # noqa: ARG002  # only one run is ever rehearsed on it
        self._host.breaks("commit")
        if parcel.id in self._host.delivered and parcel.id not in self._host.withdrawn | self._host.ran.keys():
            self._host.ran[parcel.id] = self._host.ran.get(parcel.id, 0) + 1
            self._host.ended[parcel.id] = Ended(answer=self._host.changed(self._host.delivered[parcel.id].decode()))
        self._host.breaks("after commit")

    def follow(self, parcel: Parcel, from_byte: int = 0, at_most: timedelta | None = None) -> Iterator[bytes]:  # noqa: ARG002  # it has ended
        self._host.breaks("follow")
        ended = self._host.ended[parcel.id]
        if isinstance(ended, Ended):
            yield ended.answer.output[from_byte:]

    def collect(self, parcel: Parcel) -> Collected:
        self._host.breaks("collect")
        if parcel.id in self._host.ran:
            return self._host.ended.get(parcel.id, Running())
        return NeverCommitted() if parcel.id in self._host.delivered else Gone()

    def withdraw(self, parcel: Parcel) -> Collected:
        self._host.withdrawn.add(parcel.id)
        return self.collect(parcel)

    def cancel(self, parcel: Parcel) -> Collected:
        return self.withdraw(parcel)

    def forget(self, parcel: Parcel) -> None:
        self._host.breaks("forget")
        self._host.delivered.pop(parcel.id, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
