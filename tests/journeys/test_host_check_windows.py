"""What a Windows host says of itself. The answers are invented: they prove the reading, and nothing of Windows."""

from datetime import UTC, datetime

import pytest

from msp_ops.journeys.host_check_windows import read_look
from msp_ops.transports.base import Answer
from tests.journeys.cast import ACME

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FINE = {
    "powershell": "5.1.17763.6532",
    "language": "FullLanguage",
    "administrator": "True",
    "tasks": "True",
    "system": "Windows Server 2019 17763",
    "disk": "40000000000 100000000000",
    "clock": "2026-11-23T12:00:05",
}


def looked(exit_code=0, **changes):
    told = {name: value for name, value in {**FINE, **changes}.items() if value is not None}
    output = "".join(f"{name} {value}\r\n" for name, value in told.items()).encode()
    return {each.what: each for each in read_look(Answer(exit_code=exit_code, output=output), ACME, NOW)}


def test_a_host_with_all_that_is_needed_is_good():
    assert all(each.outcome.is_good for each in looked().values())
    assert set(looked()) == {"powershell", "administrator", "tasks", "disk", "clock"}


@pytest.mark.parametrize(
    ("what", "changes", "said"),
    [
        ("powershell", {"powershell": "4.0"}, "needs Windows PowerShell 5.1"),
        ("powershell", {"language": "ConstrainedLanguage"}, "held in ConstrainedLanguage"),
        ("administrator", {"administrator": "False"}, "no administrator"),
        ("tasks", {"tasks": "False"}, "no ScheduledTasks module"),
        ("disk", {"disk": "1000000000 100000000000"}, "99 % full"),
        ("clock", {"clock": "2026-11-23T12:05:00"}, "300 s from ours"),
    ],
)
def test_what_is_missing_is_named(what, changes, said):
    found = looked(**changes)[what]
    assert not found.outcome.is_good
    assert said in found.said


@pytest.mark.parametrize("what", ["powershell", "administrator", "tasks", "disk", "clock"])
def test_what_is_not_said_is_not_good(what):
    assert not looked(**{what: None})[what].outcome.is_good


def test_a_look_that_failed_says_nothing_good():
    assert [each.outcome.is_good for each in looked(exit_code=1).values()] == [False]
