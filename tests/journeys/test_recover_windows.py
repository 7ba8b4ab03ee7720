"""Whether a host is still the machine of a run: a Windows host need not be pinned."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from msp_ops.domain.client import Host
from msp_ops.domain.errors import PlanError
from msp_ops.engine.plan import _planned
from msp_ops.journeys.recover import _refuse_another_machine


@dataclass
class Began:
    """A run that began on that host."""

    host: Host
    id: str = "r-1"

    @property
    def plan(self):
        return SimpleNamespace(hosts=(_planned(self.host),))


def host(*pins, transport="winrm"):
    return Host(id="dc1", address="10.0.0.1", transport=transport, host_keys=pins)


@pytest.mark.parametrize("pins", [(), ("x509-sha256 AAAA",)], ids=["vouched for", "pinned"])
def test_a_windows_host_is_the_same_machine_while_its_pins_are(pins):
    _refuse_another_machine(Began(host(*pins)), host(*pins))


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (host("x509-sha256 AAAA"), host("x509-sha256 BBBB")),
        (host("x509-sha256 AAAA"), host()),
        (host(), host("x509-sha256 BBBB")),
        (host(transport="ssh"), host(transport="ssh")),
    ],
)
def test_another_pin_may_be_another_machine(before, now):
    with pytest.raises(PlanError, match="may be another machine"):
        _refuse_another_machine(Began(before), now)
