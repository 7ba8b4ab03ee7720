"""WinRM through the site's SSH gateway: a real sshd in front of the endpoint."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from msp_ops.domain.client import Gateway, WinRm
from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.engine.system_clock import SystemClock
from msp_ops.lab.winrm.certificate import write_certificate
from msp_ops.lab.winrm.endpoint import Ways
from msp_ops.secrets.references import resolver
from msp_ops.transports.ssh.login import Keyring
from msp_ops.transports.ssh.transport import SshTransport
from msp_ops.transports.winrm.transport import WinRmTransport
from msp_ops.transports.winrm.way import pin_of
from tests.transports.conformance import BRIEF
from tests.transports.sshd import sshd
from tests.transports.test_winrm_faults import LOOK, Scripted
from tests.transports.windows import PASSWORD, QUICK, windows

pytestmark = pytest.mark.wire


@pytest.fixture(scope="module")
def jump(tmp_path_factory):
    with sshd(tmp_path_factory.mktemp("jump")) as server:
        yield server


def wires():
    resolve = resolver(Path("/"), {**os.environ, "PASSWORD": PASSWORD})
    ssh = SshTransport(Keyring(Path("/"), resolve), QUICK)
    return WinRmTransport(Path("/"), resolve, ssh.trials, ssh.open_forward, QUICK)


def through(jump, target, **changes):
    gateway = Gateway(
        **{"address": "127.0.0.1", "port": jump.port, "credential": "j", "host_keys": (jump.pin,), **changes}
    )
    return replace(target, gateway=gateway, gateway_credential=jump.target().credential)


@pytest.mark.parametrize("tls", [True, False])
def test_a_gateway_leads_to_a_windows_host(jump, tmp_path, tls):
    certificate = write_certificate(tmp_path, SystemClock())
    with windows(Scripted(), WinRm(tls=tls), Ways(certificate=certificate if tls else None)) as server:
        server.host_keys = (pin_of(certificate.der),) if tls else ()
        target = through(jump, server.target())
        with wires().connect(target) as session:
            for _ in range(3):
                assert session.ask(b"# " + b"a" * 200_000, "login", BRIEF).output == b"fine\n"
            session._shell.hang_up()
            assert session.ask(LOOK, "login", BRIEF).output == b"fine\n"
        assert server.left_over() == 0
        if tls:
            assert wires().present_key(target) == pin_of(certificate.der)


def test_a_gateway_without_a_pin_leads_nowhere(jump):
    with windows(Scripted()) as server, pytest.raises(NotReached, match="has no pinned host key"):
        wires().connect(through(jump, server.target(), host_keys=()))


def test_a_host_that_its_gateway_cannot_reach_is_not_reached(jump):
    with windows(Scripted()) as server:
        target = server.target()
    with pytest.raises(NotReached, match="cannot be reached") as caught:
        wires().connect(through(jump, target))
    assert caught.value.again


def test_a_gateway_that_dies_is_a_lost_link(tmp_path):
    with sshd(tmp_path) as jump, windows(Scripted()) as server:
        session = wires().connect(through(jump, server.target()))
        session._way.close()
        with pytest.raises(LinkLost):
            session.ask(LOOK, "login", BRIEF)
        session.__exit__(None, None, None)
