import pytest

from tests.runbooks.practice import Practice
from tests.runbooks.rpm_hosts import host, packages, rocky, suse

__all__ = ["db1", "host", "packages", "rocky", "suse", "web1"]


@pytest.fixture
def web1(lab, fresh):
    """acme-web1 as new."""
    fresh("acme-web1")
    return Practice(lab=lab, name="acme-web1")


@pytest.fixture
def db1(lab, fresh):
    """acme-db1 as new."""
    fresh("acme-db1")
    return Practice(lab=lab, name="acme-db1")
