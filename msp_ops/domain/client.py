"""Whom we look after: clients, their sites and hosts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from msp_ops.domain.contract import Contract
from msp_ops.domain.endpoint import Endpoint
from msp_ops.domain.expiry import ExpiryDate
from msp_ops.domain.hours import Hours
from msp_ops.domain.record import added, record
from msp_ops.domain.rollout import Rollout
from msp_ops.domain.schedule import Freeze, Schedule, Window


@record
class Credential:
    """How to log in; every secret is a reference, resolved at the last moment.

    `certificate`: `file:PATH` of one that opens a Windows host together with its `key`.
    """

    user: str
    key: str | None = None
    password: str | None = None
    agent: bool = False
    passphrase: str | None = None
    sudo_password: str | None = None
    certificate: str | None = added(None)


@record
class Gateway:
    """An SSH jump host in front of a site."""

    address: str
    port: int = 22
    credential: str
    host_keys: tuple[str, ...] = ()


@record
class WinRm:
    """How a Windows host is spoken to. Without `tls`, NTLM or Kerberos must encrypt every message.

    The certificate is good when it is pinned, else when an authority of the client or of the system vouches for it.
    """

    tls: bool = True
    auth: Literal["ntlm", "kerberos", "certificate", "basic"] = "ntlm"

    @property
    def usual_port(self) -> int:
        return 5986 if self.tls else 5985


@record
class Host:
    """One machine. `host_keys` are its pinned public keys as `type base64`; without one SSH does not reach it.

    Rings are changed in order, the lowest first. Of a `group`, hosts that serve together, never two are down.
    `endpoints`: what of it must answer to a look from outside.
    """

    id: str
    address: str
    port: int = 22
    transport: Literal["ssh", "winrm"] = "ssh"
    credential: str = "default"
    roles: tuple[str, ...] = ()
    ring: int = 1
    group: str | None = None
    endpoints: tuple[Endpoint, ...] = ()
    host_keys: tuple[str, ...] = ()
    winrm: WinRm = added(WinRm())


@record
class Site:
    """A place with machines, and the way in."""

    id: str
    name: str
    gateway: Gateway | None = None
    hosts: tuple[Host, ...] = ()


@record
class Recipient:
    """Who receives the client's summaries."""

    name: str
    email: str


@record
class Policy:
    """Thresholds the client agreed to; a check compares with these."""

    disk_warning_percent: int = 85
    disk_critical_percent: int = 95
    backup_max_age: timedelta = timedelta(hours=26)
    certificate_warning: timedelta = timedelta(days=21)
    expiry_warning: timedelta = timedelta(days=60)
    clock_skew_max: timedelta = timedelta(seconds=30)
    ticket_required: bool = True


@record
class Client:
    """A client of the MSP; `id` is the name of its file. `rollout`: how changes reach its hosts.

    `hours`: its business hours and holidays, which a contract's prices may follow. `offers`: what it might agree to in
    place of its contracts; they price nothing, comparisons are made with them.
    `ca_file`: certificates of its own authorities, a path in the workspace; trusted as well as those of the system.
    """

    id: str
    name: str
    timezone: str
    currency: str
    sites: tuple[Site, ...]
    contracts: tuple[Contract, ...]
    credentials: dict[str, Credential]
    windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    rollout: Rollout = Rollout()
    recipients: tuple[Recipient, ...] = ()
    policy: Policy = Policy()
    hours: Hours = Hours()
    offers: tuple[Contract, ...] = ()
    dates: tuple[ExpiryDate, ...] = ()
    ca_file: str | None = None

    def hosts(self) -> Iterator[Host]:
        """All hosts in the order of the file."""
        for site in self.sites:
            yield from site.hosts

    def site_of(self, host_id: str) -> Site:
        """The site that `host_id` belongs to; KeyError when it has none."""
        for site in self.sites:
            if any(host.id == host_id for host in site.hosts):
                return site
        raise KeyError(host_id)

    def window(self, window_id: str) -> Window:
        """The window of that id; KeyError when the client has none."""
        return {window.id: window for window in self.windows}[window_id]
