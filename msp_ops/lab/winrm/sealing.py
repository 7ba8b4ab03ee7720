"""Message encryption of WinRM: MS-WSMV 2.2.9.1.1, with the keys of the connection's own login."""

import re
import struct

from spnego import ContextProxy

_BOUNDARY = b"--Encrypted Boundary"
_PROTOCOL = "application/HTTP-SPNEGO-session-encrypted"
CONTENT_TYPE = f'multipart/encrypted;protocol="{_PROTOCOL}";boundary="Encrypted Boundary"'


def unseal(body: bytes, context: ContextProxy) -> bytes:
    """Raises ValueError, struct.error, SpnegoError: it was sealed for another connection, or is damaged."""
    head, _, rest = body.partition(b"Content-Type: application/octet-stream\r\n")
    told = re.search(rb"Length=(\d+)", head)
    data = rest[: rest.rindex(_BOUNDARY + b"--")]
    (length,) = struct.unpack("<I", data[:4])
    clear = context.unwrap_winrm(data[4 : 4 + length], data[4 + length :])
    if told is None or int(told[1]) != len(clear):
        raise ValueError("its length is not the one that was told")
    return clear


def seal(clear: bytes, context: ContextProxy) -> bytes:
    sealed = context.wrap_winrm(clear)
    length = len(clear) + sealed.padding_length
    return (
        _BOUNDARY
        + f"\r\n\tContent-Type: {_PROTOCOL}\r\n\tOriginalContent: type=application/soap+xml;".encode()
        + f"charset=UTF-8;Length={length}\r\n".encode()
        + _BOUNDARY
        + b"\r\n\tContent-Type: application/octet-stream\r\n"
        + struct.pack("<I", len(sealed.header))
        + sealed.header
        + sealed.data
        + _BOUNDARY
        + b"--\r\n"
    )
