"""What is sent to Windows says that it is PowerShell. Nothing else is sent, whoever forgot to ask where it goes."""

from collections.abc import Generator
from datetime import timedelta
from types import TracebackType
from typing import Literal, Self

from msp_ops.domain.errors import NotReached
from msp_ops.domain.parcel import Lease, Parcel, RunAs
from msp_ops.transports.base import Answer, Collected, Session, Target, Transport

MARK = b"# msp-ops: PowerShell\n"


class OnlyPowerShell:
    """A transport whose sessions refuse a script without the mark: POSIX sh means something else to PowerShell."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def connect(self, target: Target) -> "SpokenSession":
        return SpokenSession(self._transport.connect(target), target.who)


class SpokenSession:
    """See `transports.base.Session`. `shell`: who has to write a script asks for it."""

    shell: Literal["powershell"] = "powershell"

    def __init__(self, session: Session, who: str) -> None:
        self._session = session
        self._who = who

    def ask(self, script: bytes, run_as: RunAs, timeout: timedelta) -> Answer:
        self._check(script)
        return self._session.ask(script, run_as, timeout)

    def deliver(self, parcel: Parcel, script: bytes) -> None:
        self._check(script)
        self._session.deliver(parcel, script)

    def commit(self, parcel: Parcel, lease: Lease) -> None:
        self._session.commit(parcel, lease)

    def follow(
        self, parcel: Parcel, from_byte: int = 0, at_most: timedelta | None = None
    ) -> Generator[bytes, None, None]:
        return self._session.follow(parcel, from_byte, at_most)

    def collect(self, parcel: Parcel) -> Collected:
        return self._session.collect(parcel)

    def withdraw(self, parcel: Parcel) -> Collected:
        return self._session.withdraw(parcel)

    def cancel(self, parcel: Parcel) -> Collected:
        return self._session.cancel(parcel)

    def forget(self, parcel: Parcel) -> None:
        self._session.forget(parcel)

    def _check(self, script: bytes) -> None:
        if not script.startswith(MARK):
            raise NotReached(f"{self._who} is a Windows host, and this is written in POSIX sh: it was not sent there")

    def __enter__(self) -> Self:
        self._session.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.__exit__(kind, error, trace)
