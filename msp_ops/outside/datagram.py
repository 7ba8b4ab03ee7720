"""One question to one DNS server by UDP: enough to see which addresses it gives for a name."""

import secrets
import socket
import struct
from datetime import timedelta
from ipaddress import ip_address

from msp_ops.domain.record import record
from msp_ops.outside.wire import OURS, Deadline

TYPES = {1: 4, 28: 16}  # A and AAAA, with the length of an address
RCODES = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
TRIES, PATIENCE = 2, timedelta(seconds=2)  # a datagram may be lost
HEAD = struct.Struct("!6H")


@record
class Said:
    """A server's answer; `code` is empty when it gave what it has."""

    addresses: tuple[str, ...] = ()
    code: str = ""


class SilentError(Exception):
    """No answer came; `ours`: this machine has no way to the server."""

    def __init__(self, words: str, *, ours: bool = False) -> None:
        super().__init__(words)
        self.ours = ours


def ask_server(server: str, port: int, name: str, deadline: Deadline) -> Said:
    """A and AAAA together. Raises SilentError."""
    found: list[str] = []
    for kind in TYPES:
        said = _ask(server, port, name, kind, deadline)
        if said.code:
            return said
        found += said.addresses
    return Said(addresses=tuple(dict.fromkeys(found)))


def _ask(server: str, port: int, name: str, kind: int, deadline: Deadline) -> Said:
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as wire:
            wire.connect((server, port))
            for _ in range(TRIES):
                number = secrets.randbelow(65536)
                wire.send(question(number, name, kind))
                if said := _heard(wire, number, name, kind, deadline):
                    return said
    except TimeoutError:
        pass
    except ConnectionRefusedError:
        raise SilentError("nobody listens there") from None
    except OSError as error:
        raise SilentError(str(error.strerror), ours=error.errno in OURS) from None
    raise SilentError("does not answer")


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
        return Said(code="its answer is too long for a datagram")
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
