"""The WinRM wire keeps the promises of every wire: real HTTP, NTLM and encryption; sh plays PowerShell behind it."""

import pytest

from tests.transports.conformance import *  # noqa: F403  # the suite that every wire passes
from tests.transports.windows import Limits, played, windows

pytestmark = pytest.mark.wire


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with played(tmp_path_factory.mktemp("played")) as (host, _), windows(host) as server:
        yield server


@pytest.fixture
def session(server):
    with server.wire(limits=Limits()).connect(server.target()) as session:
        yield session
    assert server.left_over() == 0
