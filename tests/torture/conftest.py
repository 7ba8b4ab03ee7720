"""Which seed repeats what is about to happen, and a fast place for it."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.torture.size import AGAIN, FULL


def pytest_report_header():
    return f"torture: {'in full' if FULL else 'short'}, {AGAIN}"


@pytest.fixture(scope="module")
def memory(tmp_path_factory) -> Iterator[Path]:
    """Where a sync costs nothing: a killed process loses nothing of what it wrote, and the disk of a cut is our own."""
    fast = Path("/dev/shm")  # noqa: S108  # made private by mkdtemp
    with TemporaryDirectory(prefix="msp-ops-", dir=fast if fast.is_dir() else tmp_path_factory.getbasetemp()) as place:
        yield Path(place)
