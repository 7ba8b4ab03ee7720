"""One question to one DNS server: enough to see which addresses it gives for a name.

By UDP; by TCP when its answer is too long for a datagram (RFC 7766).
"""

import io
import secrets
import socket
import struct
from datetime import timedelta
from ipaddress import ip_address
from typing import IO

from msp_ops.domain.record import record
from msp_ops.outside.base import TroubleError
from msp_ops.outside.wire import LONGEST_CONNECT, OURS, Deadline, Timed, in_words

TYPES = {1: 4, 28: 16}  # A and AAAA, with the length of an address
RCODES = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
TRIES, PATIENCE = 2, timedelta(seconds=2)  # a datagram may be lost
HEAD = struct.Struct("!6H")
LENGTH = struct.Struct("!H")
LONGEST_LABEL, LONGEST_NAME = 63, 253  # RFC 1035


@record
class Said:
    """A server's answer; `code` is empty when it gave what it has. `cut`: there is more than a datagram holds."""

    addresses: tuple[str, ...] = ()
    code: str = ""
    cut: bool = False


class SilentError(Exception):
    """No answer came; `ours`: this machine has no way to the server."""

    def __init__(self, words: str, *, ours: bool = False) -> None:
        super().__init__(words)
        self.ours = ours


def ask_server(server: str, port: int, name: str, deadline: Deadline) -> Said:
    """A and AAAA together. Raises SilentError, TroubleError when it cannot be a name."""
    labels = name.rstrip(".").split(".")
    if len(name) > LONGEST_NAME or not all(0 < len(label) <= LONGEST_LABEL for label in labels):
        raise TroubleError(f"{name} cannot be a name")
    found: list[str] = []
    for kind in TYPES:
        said = _ask(server, port, name, kind, deadline)
        if said.code:
            return said
        found += said.addresses
    return Said(addresses=tuple(dict.fromkeys(found)))


def _ask(server: str, port: int, name: str, kind: int, deadline: Deadline) -> Said:
    try:
        said = _by_datagram(server, port, name, kind, deadline)
        return _by_connection(server, port, name, kind, deadline) if said.cut else said
    except TimeoutError:
        raise SilentError("does not answer") from None
    except ConnectionRefusedError:
        raise SilentError("nobody listens there") from None
    except OSError as error:
        raise SilentError(str(error.strerror), ours=error.errno in OURS) from None


def _by_datagram(server: str, port: int, name: str, kind: int, deadline: Deadline) -> Said:
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as wire:
        wire.connect((server, port))
        for _ in range(TRIES):
            number = secrets.randbelow(65536)
            wire.send(question(number, name, kind))
            if said := _heard(wire, number, name, kind, deadline):
                return said
    raise TimeoutError


def _by_connection(server: str, port: int, name: str, kind: int, deadline: Deadline) -> Said:
    """Raises SilentError when there is no whole answer by this way either: nothing is known then."""
    number = secrets.randbelow(65536)
    asked = question(number, name, kind)
    try:
        with socket.create_connection((server, port), timeout=min(LONGEST_CONNECT, deadline.left())) as wire:
            wire.sendall(LENGTH.pack(len(asked)) + asked)
            stream: IO[bytes] = io.BufferedReader(Timed(wire, deadline, LENGTH.size + 0xFFFF))
            said = read_answer(_packet(stream), number, name, kind)
    except OSError as error:
        words = f"its answer is too long for a datagram, and by TCP it {in_words(error)}"
        raise SilentError(words, ours=error.errno in OURS) from None
    if said is None or said.cut:
        raise SilentError("its answer is too long for a datagram, and by TCP makes no sense")
    return said


def _packet(stream: IO[bytes]) -> bytes:
    """Empty when it broke off."""
    head = stream.read(LENGTH.size)
    return stream.read(*LENGTH.unpack(head)) if len(head) == LENGTH.size else b""


def _heard(wire: socket.socket, number: int, name: str, kind: int, deadline: Deadline) -> Said | None:
    """Until one comes that answers this question; None when none does."""
    patience = Deadline(limit=PATIENCE)
    try:
        while True:
            wire.settimeout(min(patience.left(), deadline.left()))
            if said := read_answer(wire.recv(4096), number, name, kind):
                return said
    except TimeoutError:
        deadline.left()
        return None


def question(number: int, name: str, kind: int) -> bytes:
    """A packet that asks for recursion, RFC 1035."""
    return HEAD.pack(number, 0x0100, 1, 0, 0, 0) + _asked(name, kind)


def _asked(name: str, kind: int) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.rstrip(".").split("."))
    return labels + b"\0" + struct.pack("!2H", kind, 1)


def read_answer(packet: bytes, number: int, name: str, kind: int) -> Said | None:
    """None for a packet that does not answer this question, or that cannot be read."""
    asked = _asked(name, kind)
    if len(packet) < HEAD.size + len(asked):
        return None
    echoed, flags, questions, answers, _, _ = HEAD.unpack_from(packet)
    body = packet[HEAD.size : HEAD.size + len(asked)]
    if echoed != number or not flags & 0x8000 or questions != 1 or body.lower() != asked.lower():
        return None
    if flags & 0x0200:
        return Said(cut=True)
    if code := flags & 0x000F:
        return Said(code=RCODES.get(code, f"code {code}"))
    try:
        return Said(addresses=tuple(_addresses(packet, HEAD.size + len(asked), answers, kind)))
    except (IndexError, struct.error, ValueError):
        return None


def _addresses(packet: bytes, at: int, answers: int, kind: int) -> list[str]:
    found = []
    for _ in range(answers):
        at = _behind_name(packet, at)
        of, _, _, length = struct.unpack_from("!2HIH", packet, at)
        at += 10
        data = packet[at : at + length]
        if of == kind and length == TYPES[kind]:
            found.append(str(ip_address(data)))
        at += length
    return found


def _behind_name(packet: bytes, at: int) -> int:
    """Where a name ends; a pointer is its end, so that nothing is followed in circles."""
    while True:
        length = packet[at]
        if length >= 0xC0:
            return at + 2
        at += 1 + length
        if not length:
            return at
