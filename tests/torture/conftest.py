"""Says which seed repeats what is about to happen."""

from tests.torture.size import AGAIN, FULL


def pytest_report_header():
    return f"torture: {'in full' if FULL else 'short'}, {AGAIN}"
