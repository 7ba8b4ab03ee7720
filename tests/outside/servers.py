"""Real servers on loopback, each on a port of its own."""

import contextlib
import socket
import ssl
import struct
import threading
from contextlib import contextmanager


@contextmanager
def served(handle, family=socket.AF_INET, address="127.0.0.1", kind=socket.SOCK_STREAM, port=0):
    """The port (that one, or any) at which `handle` gets each connection (or, of datagrams, the socket itself)."""
    with socket.socket(family, kind) as door:
        door.bind((address, port))
        over = threading.Event()
        if kind == socket.SOCK_STREAM:
            door.listen()
        door.settimeout(0.05)
        thread = threading.Thread(target=_serve, args=(door, handle, over), daemon=True)
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            over.set()
            thread.join(5)


def _serve(door, handle, over):
    while not over.is_set():
        try:
            if door.type == socket.SOCK_DGRAM:
                handle(door)
                continue
            wire, _ = door.accept()
        except TimeoutError:
            continue
        with contextlib.suppress(OSError), wire:
            wire.settimeout(5)
            handle(wire)


def stay_silent(wire):
    """Let it go at once."""


def with_tls(pem, handle=stay_silent, *, limit=None, seen=None):
    """`limit`: the highest version that is spoken; `seen`: gets the names that clients ask for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    if limit:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = limit
    if seen is not None:
        context.sni_callback = lambda _, name, __: seen.append(name)

    def speak(wire):
        with context.wrap_socket(wire, server_side=True) as safe:
            handle(safe)

    return speak


def pages(answers, requests=None):
    """HTTP: by path, a status line's rest, headers and body; `requests` gets each request as it came."""

    def speak(wire):
        asked = b""
        while b"\r\n\r\n" not in asked and (more := wire.recv(4096)):
            asked += more
        if requests is not None:
            requests.append(asked.decode())
        path = asked.split(b" ")[1].decode() if asked.count(b" ") > 1 else ""
        status, headers, body = answers.get(path, ("404 Not Found", {}, b"no such page"))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        wire.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body)

    return speak


def names(addresses, code=0, *, mute=False, cut=False):
    """DNS by UDP: `addresses` for every name, A and AAAA; `cut`: none of them, and a word that there are more."""

    def speak(door):
        asked, who = door.recvfrom(4096)
        if not mute:
            door.sendto(_told(asked, [] if cut else addresses, code | (0x0200 if cut else 0)), who)

    return speak


def names_by_tcp(addresses, code=0, *, most=None):
    """The same by TCP; `most`: so many bytes of the answer, then it breaks off."""

    def speak(wire):
        (length,) = struct.unpack("!H", wire.recv(2, socket.MSG_WAITALL))
        told = _told(wire.recv(length, socket.MSG_WAITALL), addresses, code)
        wire.sendall((struct.pack("!H", len(told)) + told)[:most])

    return speak


def _told(asked, addresses, flags):
    end = asked.index(b"\0", 12) + 5
    kind = struct.unpack("!H", asked[end - 4 : end - 2])[0]
    family = {1: socket.AF_INET, 28: socket.AF_INET6}[kind]
    fitting = [socket.inet_pton(family, each) for each in addresses if (":" in each) == (kind == 28)]
    records = [b"\xc0\x0c" + struct.pack("!2HIH", kind, 1, 60, len(data)) + data for data in fitting]
    alias = b"\xc0\x0c" + struct.pack("!2HIH", 5, 1, 60, 4) + b"\x01a\xc0\x0c"
    head = asked[:2] + struct.pack("!5H", 0x8180 | flags, 1, len(records) + 1, 0, 0)
    return head + asked[12:end] + alias + b"".join(records)


def free_port():
    """Where nobody listens."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]
