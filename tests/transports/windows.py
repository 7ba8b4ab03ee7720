"""A Windows host as the tests have one: the endpoint, and behind it a host that plays PowerShell."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from msp_ops.domain.client import Credential, Host, WinRm
from msp_ops.lab.winrm.command import Handler
from msp_ops.lab.winrm.endpoint import Ways, WinRmEndpoint
from msp_ops.lab.winrm.played import PlayedHost
from msp_ops.lab.winrm.shells import Quotas
from msp_ops.secrets.references import resolver
from msp_ops.transports.base import Breaker, Limits, Target
from msp_ops.transports.ssh.trials import Trials
from msp_ops.transports.winrm.transport import WinRmTransport
from tests.transports.room import room

QUICK = Limits(connect=timedelta(seconds=2), silence=timedelta(seconds=3))
USER, PASSWORD = "ACME\\svc-ops", "pass:wörd"


@dataclass
class Windows:
    """`resolve` answers `env:PASSWORD`."""

    endpoint: WinRmEndpoint
    winrm: WinRm
    password: str = PASSWORD
    host_keys: tuple[str, ...] = ()
    ca_file: str | None = None

    def target(self, who: str = "acme/dc1", **changes: object) -> Target:
        fields = {"id": who.partition("/")[2], "address": "127.0.0.1", "port": self.endpoint.port, **changes}
        host = Host(transport="winrm", winrm=self.winrm, host_keys=self.host_keys, **fields)
        credential = Credential(user=USER, password="env:PASSWORD")
        return Target(who=who, host=host, credential=credential, ca_file=self.ca_file)

    def wire(self, breaker: Breaker | None = None, limits: Limits = QUICK) -> WinRmTransport:
        """As another process has it."""
        resolve = resolver(Path("/"), {"PASSWORD": self.password})
        return WinRmTransport(Path("/"), resolve, Trials(breaker), lambda _: None, limits)

    def left_over(self) -> int:
        return len(self.endpoint.shells.open)


@contextmanager
def windows(
    handler: Handler,
    winrm: WinRm | None = None,
    ways: Ways | None = None,
    quotas: Quotas | None = None,
    password: str = PASSWORD,
) -> Iterator[Windows]:
    with WinRmEndpoint(handler, {USER: password}, ways, quotas) as endpoint:
        yield Windows(endpoint, winrm or WinRm(tls=False), password)


def same(script: bytes) -> bytes:
    return script


@contextmanager
def played(folder: Path, meant: Callable[[bytes], bytes] = same) -> Iterator[tuple[PlayedHost, Callable[[], None]]]:
    """The host, and what restarts it. Its marker is nobody else's, where this user may have it so."""
    if os.geteuid():
        yield PlayedHost(meant=meant), lambda: None
        return
    with room(folder) as inside:
        yield PlayedHost(inside.argv, meant), inside.restart
