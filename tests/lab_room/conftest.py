from collections.abc import Iterator
from pathlib import Path

import pytest

from msp_ops.lab.hosts import named
from msp_ops.lab.lab import Lab
from tests.lab_room.lasting import lasting_lab
from tests.lab_room.practice import Practice


@pytest.fixture(scope="session")
def two_hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """acme-web1 and acme-db1, for this room alone."""
    folder: Path = tmp_path_factory.mktemp("lab")
    with lasting_lab(folder, named(["acme-web1", "acme-db1"])) as lab:
        yield lab


@pytest.fixture
def web1(two_hosts: Lab) -> Practice:
    """Fresh for each test: whatever was done to it before is thrown away."""
    two_hosts.reset("acme-web1")
    return Practice(lab=two_hosts, name="acme-web1")


@pytest.fixture
def cleared(two_hosts: Lab) -> Iterator[Practice]:
    """The same host from test to test: what `clear` forgets, the next test meets."""
    yield Practice(lab=two_hosts, name="acme-web1")
    two_hosts.clear("acme-web1")


@pytest.fixture
def db1(two_hosts: Lab) -> Practice:
    """Looked at, never changed."""
    return Practice(lab=two_hosts, name="acme-db1")
