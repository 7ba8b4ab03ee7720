"""What every wire offers. `tests/transports/conformance.py` holds each of them to it.

A script that changes a host travels as a Parcel: delivered whole (length and SHA-256 checked on the host, freely
repeated), committed at most once (the host itself refuses a second time), then followed, collected and forgotten.
Between commit and collect neither this process nor the link is needed. A read-only script is simply asked.
"""

from collections.abc import Generator
from datetime import timedelta
from types import TracebackType
from typing import Literal, Protocol, Self

from msp_ops.domain.barred import Barred
from msp_ops.domain.client import Credential, Gateway, Host
from msp_ops.domain.parcel import Lease, Parcel, RunAs
from msp_ops.domain.record import record


@record
class Limits:
    """How long each part may take; `silence` is when a dead link must have been noticed (promise 5: 15 s)."""

    connect: timedelta = timedelta(seconds=10)
    banner: timedelta = timedelta(seconds=10)
    login: timedelta = timedelta(seconds=15)
    silence: timedelta = timedelta(seconds=10)
    output_bytes: int = 1024 * 1024


@record
class Target:
    """Everything needed to reach one host; the credential's secrets are still references.

    `who` is what a person calls it: `acme/web1`. `ca_file`: authorities of the client's own, a path in the workspace.
    """

    who: str
    host: Host
    credential: Credential
    gateway: Gateway | None = None
    gateway_credential: Credential | None = None
    ca_file: str | None = None


@record
class Answer:
    """What a host said. `exit_code` None: nobody knows it, which is never success. `cut`: bytes left out."""

    exit_code: int | None
    output: bytes
    cut: int = 0


@record
class Ended:
    """The script ended on the host.

    `timed_out`: the host's own supervisor had to stop it; `cancelled`: somebody asked the host to. `took`: as the
    host measured it, None when it could not.
    """

    answer: Answer
    timed_out: bool = False
    cancelled: bool = False
    took: timedelta | None = None


@record
class Running:
    """Committed and still at work. `silent_for`: since the supervisor's last sign of life on the host (every 5 s)."""

    silent_for: timedelta | None = None


@record
class NeverCommitted:
    """Delivered at most: nothing ran."""


@record
class Interrupted:
    """It began, and came to no end: the host was restarted meanwhile, or somebody killed it there."""

    why: Literal["restarted", "killed"]


@record
class Gone:
    """The host has no trace of the parcel, or one that proves nothing: cannot be told."""


Collected = Ended | Running | NeverCommitted | Interrupted | Gone


class Session(Protocol):
    """One open way to one host. Raises LinkLost when the wire breaks, within `Limits.silence` plus 5 s."""

    def ask(self, script: bytes, run_as: RunAs, timeout: timedelta) -> Answer:
        """Run a read-only script in one round trip. Half a script never runs."""
        ...

    def deliver(self, parcel: Parcel, script: bytes) -> None:
        """Put the script on the host, whole and checked. May be repeated freely before the commit."""
        ...

    def commit(self, parcel: Parcel, lease: Lease) -> None:
        """Start it, at most once; a second commit of the same parcel changes nothing.

        The host refuses it (it ends with 75, and nothing ran) when it has seen a younger lease of the same store, or
        when another parcel is at work there.
        """
        ...

    def follow(
        self, parcel: Parcel, from_byte: int = 0, at_most: timedelta | None = None
    ) -> Generator[bytes, None, None]:
        """Its output as it comes, until it ends, or for that long: the host itself ends it then.

        An empty piece is a sign of life: a follower that has to look up sees one every few seconds.
        """
        ...

    def collect(self, parcel: Parcel) -> Collected:
        """How it stands, asked of the host."""
        ...

    def withdraw(self, parcel: Parcel) -> Collected:
        """As `collect`, and what has not begun never will, whoever still tries: the same atomic step decides.

        Of a parcel that the host does not know nothing is made: it stays Gone.
        """
        ...

    def cancel(self, parcel: Parcel) -> Collected:
        """As `withdraw`, and what still runs is stopped on the host with everything that it started: within 20 s.

        Running is what even that did not stop.
        """
        ...

    def forget(self, parcel: Parcel) -> None:
        """Remove every trace of it from the host; what still runs is left alone."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Breaker(Protocol):
    """What all processes know of refused credentials: at most two refusals per credential and hour.

    The key tells credentials apart and is never made of a secret's value.
    """

    def refused_before(self, credential_key: str) -> Barred | None:
        """Why it must not be tried now; None when it may."""
        ...

    def claim(self, credential_key: str, who: str) -> Barred | None:
        """As `refused_before`; None also counts as a refusal by `who` from now on, until it is released.

        A process that dies before that leaves one refusal for an hour.
        """
        ...

    def release(self, credential_key: str, who: str) -> None:
        """What was claimed for `who` was not refused."""
        ...

    def note_refusal(self, credential_key: str, who: str) -> None:
        """`who`, as `acme/web1`, refused it just now."""
        ...


class Transport(Protocol):
    """Opens sessions. Raises NotReached, with the reason in words, when it cannot."""

    def connect(self, target: Target) -> Session: ...
