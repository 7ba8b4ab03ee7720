"""Which practice hosts there are: names and addresses never change, so that an inventory can name them."""

import re
from ipaddress import IPv4Address, IPv4Network

from msp_ops.domain.record import record
from msp_ops.lab.errors import LabError

NETWORK = IPv4Network("10.77.0.0/24")
GATEWAY = IPv4Address("10.77.0.1")
LOGIN = "ops"


@record
class LabHost:
    """One practice host; `name` is `<client>-<host>`, as in `acme-web1`."""

    name: str
    address: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9]{0,15}-[a-z][a-z0-9]{0,15}", self.name):
            raise LabError(f"a practice host is named like acme-web1 (client, hyphen, host), not {self.name!r}")
        if IPv4Address(self.address) not in NETWORK or IPv4Address(self.address) <= GATEWAY:
            raise LabError(f"{self.name}: a practice host has an address in {NETWORK} above .1, not {self.address}")

    @property
    def client(self) -> str:
        """The client that the sample inventory lists it under."""
        return self.name.partition("-")[0]

    @property
    def short(self) -> str:
        """Its id in the sample inventory."""
        return self.name.partition("-")[2]

    @property
    def port_name(self) -> str:
        """Its end of the cable at the bridge; Linux allows 15 letters."""
        return "h" + self.address.rpartition(".")[2]


SAMPLE = (
    LabHost(name="acme-web1", address="10.77.0.11"),
    LabHost(name="acme-web2", address="10.77.0.12"),
    LabHost(name="acme-db1", address="10.77.0.13"),
    LabHost(name="borealis-app1", address="10.77.0.21"),
    LabHost(name="borealis-files1", address="10.77.0.22"),
)


def named(names: list[str], among: tuple[LabHost, ...] = SAMPLE) -> tuple[LabHost, ...]:
    """The hosts of these names, all of them for no names; raises LabError for a name that is not there."""
    known = {host.name: host for host in among}
    for name in names:
        if name not in known:
            raise LabError(f"no practice host {name!r}; there are: {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(names)) or among
