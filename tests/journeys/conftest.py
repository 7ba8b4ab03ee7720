import pytest

from msp_ops.store import open_store
from tests.engine.parts import StandingClock
from tests.store.cast import TestMachine


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
def dead():
    """The numbers of the processes that have died."""
    return set()


@pytest.fixture
def opener(tmp_path, clock, dead):
    """Opens the same store as another process: `opener(pid=2)`."""
    opened = []

    def _open(pid=1):
        opened.append(open_store(f"sqlite:///{tmp_path}/store.db", clock, TestMachine(dead, pid)))
        return opened[-1]

    yield _open
    for each in opened:
        each.close()


@pytest.fixture
def store(opener):
    return opener()
