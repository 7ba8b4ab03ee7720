"""A TCP connection with one deadline for all of it: names, addresses, each byte that comes."""

import errno
import io
import socket
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from typing_extensions import override

from msp_ops.domain.record import record
from msp_ops.outside.base import TroubleError, UntoldError

Resolver = Callable[..., list[Any]]  # as socket.getaddrinfo
LONGEST_CONNECT = 5.0  # seconds for one address: the next one may answer
NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
# our own network is at fault: nothing is known of the other side
OURS = {
    *(errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EACCES, errno.EPERM),
    *(errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM),
}


class Deadline:
    """A moment after which nobody waits any more, however slowly bytes drip."""

    def __init__(self, limit: timedelta) -> None:
        self.limit = limit.total_seconds()
        self._began = time.monotonic()

    def left(self) -> float:
        """Seconds, above zero; TimeoutError when there are none."""
        left = self._began + self.limit - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def took(self) -> float:
        """Milliseconds since the start."""
        return (time.monotonic() - self._began) * 1000


@record
class Place:
    """Where to connect to; `name` is what a certificate must bear."""

    name: str
    address: str
    port: int


@record
class Connected:
    """An open socket, and the address that answered."""

    socket: socket.socket
    address: str


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def resolve(name: str, ask: Resolver = socket.getaddrinfo) -> list[str]:
    """Addresses by this machine's own resolver, IPv6 and IPv4. Raises TroubleError, UntoldError."""
    if is_address(name):
        return [name]
    try:
        found = ask(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in NO_SUCH_NAME:
            raise TroubleError(f"the name {name} does not exist, or has no address") from None
        raise UntoldError(f"nobody could be asked for the name {name}: {error.strerror}") from None
    except UnicodeError:
        raise TroubleError(f"{name} cannot be a name") from None
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def connect(place: Place, deadline: Deadline) -> Connected:
    """To the first address that answers. Raises TroubleError, UntoldError."""
    problems = []
    for address in resolve(place.address):
        try:
            made = socket.create_connection((address, place.port), timeout=min(LONGEST_CONNECT, deadline.left()))
        except OSError as error:
            problems.append((address, error))
        else:
            return Connected(socket=made, address=address)
    raise _worst(place, problems)


def _worst(place: Place, problems: Sequence[tuple[str, OSError]]) -> TroubleError | UntoldError:
    theirs = [(address, error) for address, error in problems if error.errno not in OURS]
    if not theirs:
        why = ", ".join(f"{address}: {error.strerror}" for address, error in problems)
        return UntoldError(f"this machine has no way there ({why})")
    return TroubleError("; ".join(f"{address} port {place.port} {in_words(error)}" for address, error in theirs))


def in_words(error: OSError) -> str:
    """As it follows the name of what was asked."""
    match error:
        case ConnectionRefusedError():
            return "refuses connections"
        case TimeoutError():
            return "does not answer in time"
        case ConnectionResetError() | BrokenPipeError():
            return "breaks the connection off"
        case _:
            return f"cannot be reached: {error.strerror or error}"


class Timed(io.RawIOBase):
    """What a socket brings, until the deadline and not more than `most` bytes: then it seems to end."""

    def __init__(self, wire: socket.socket, deadline: Deadline, most: int) -> None:
        self._wire = wire
        self._deadline = deadline
        self._left = most

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # as RawIOBase is called
        self._wire.settimeout(self._deadline.left())
        came = self._wire.recv_into(buffer, min(len(buffer), self._left)) if self._left else 0
        self._left -= came
        return came
