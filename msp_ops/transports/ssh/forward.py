"""Connections through a gateway for a wire that is not SSH: sockets of this process, no port that others could use."""

import socket
import threading
from contextlib import suppress

import paramiko

from msp_ops.transports.base import Limits
from msp_ops.transports.ssh.link import Link

_CHUNK = 65536


class Forward:
    """A gateway that was logged in to. `dial` as often as needed; `close` ends every connection."""

    def __init__(self, link: Link, address: tuple[str, int], limits: Limits) -> None:
        self._link = link
        self._address = address
        self._limits = limits

    def dial(self) -> socket.socket:
        """A connection to the host. Raises OSError: the gateway is gone, does not allow it, or cannot reach it."""
        try:
            seconds = self._limits.connect.total_seconds()
            channel = self._link.open_channel("direct-tcpip", self._address, ("127.0.0.1", 0), timeout=seconds)
        except paramiko.ChannelException as error:
            raise OSError(error.code, f"its gateway cannot reach it: {error.text}") from None
        except (paramiko.SSHException, EOFError) as error:
            raise OSError(0, f"the link to its gateway broke: {error}") from None
        ours, theirs = socket.socketpair()
        for source, sink in ((theirs, channel), (channel, theirs)):
            threading.Thread(target=_pour, args=(source, sink), daemon=True).start()
        return ours

    def close(self) -> None:
        self._link.close()


def _pour(source: socket.socket | paramiko.Channel, sink: socket.socket | paramiko.Channel) -> None:
    """Until one of them ends; then both do."""
    with suppress(OSError, EOFError, paramiko.SSHException):
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)
    for end in (source, sink):
        with suppress(OSError, EOFError, paramiko.SSHException):  # a channel says goodbye on a link that may be gone
            if isinstance(end, socket.socket):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
