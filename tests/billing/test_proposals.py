"""The same fix on the same host, three times in 30 days, becomes a proposal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from msp_ops.billing.proposals import proposals
from msp_ops.domain.actor import Actor
from msp_ops.domain.clock import Interval
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.plan import Plan
from msp_ops.domain.run import HostResult, HostState, Run, StepResult
from msp_ops.domain.trigger import OnDemand
from tests.billing.cast import client

DAY = timedelta(days=1)
FIRST = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)  # the second of November in Berlin
KIM = Actor(kind="person", name="kim", authenticated_by="test")
PLAN = Plan(
    client_id="acme",
    runbook_id="fix-service",
    runbook_digest="0",
    activity="break/fix",
    impact="changes",
    parameters={},
    hosts=(),
    at_once=1,
)


def fix(day, host="web1", outcome=Outcome.SUCCEEDED, changed=None, **plan):
    at = FIRST + day * DAY
    span = Interval(started_at=at, ended_at=at, duration=timedelta(0), boot_id="b")
    step = StepResult(name="fix", outcome=outcome, reason="", interval=span, changed=changed or ())
    result = HostResult(host_id=host, outcome=outcome, reason="", interval=span, steps=(step,))
    state = HostState(host_id=host, outcome=outcome, reason="", result=None if changed is None else result)
    return Run(
        id=f"r-{day}",
        plan=replace(PLAN, **plan),
        trigger=OnDemand(ticket="T-7", reason=""),
        actor=KIM,
        opened_at=at,
        ended_at=at,
        hosts=(state,),
    )


def found(*runs):
    return proposals(client([]), runs)


def test_three_times_in_thirty_days_is_a_proposal_that_says_when():
    (one,) = found(fix(30), fix(0), fix(9))
    assert (one.runbook_id, one.host_id, one.run_ids) == ("fix-service", "web1", ("r-0", "r-9", "r-30"))
    assert one.says == "fix-service repaired web1 3 times within 30 days: 2026-11-02, 2026-11-11, 2026-12-02"


@pytest.mark.parametrize(
    "runs",
    [
        (fix(0), fix(1)),
        (fix(0), fix(9), fix(31)),
        (fix(0), fix(1), fix(2, host="web2")),
        (fix(0), fix(1), fix(2, runbook_id="fix-time")),
        (fix(0), fix(1), fix(2, outcome=Outcome.FAILED)),
        (fix(0), fix(1), fix(2, outcome=Outcome.UNKNOWN)),
        (fix(0), fix(1), fix(2, outcome=Outcome.SKIPPED)),
        (fix(0), fix(1), fix(2, changed=())),
        (fix(0), fix(1), fix(2, undoes="r-1")),
        tuple(fix(day, activity="health") for day in range(5)),
    ],
)
def test_anything_less_is_none(runs):
    assert found(*runs) == []


def test_a_fix_whose_steps_say_what_they_changed_counts():
    assert len(found(*(fix(day, changed=("restarted nginx",)) for day in range(3)))) == 1


def test_of_a_long_time_the_densest_thirty_days_are_told():
    (one,) = found(*(fix(day) for day in (0, 10, 20, 60, 61, 62, 63, 200)))
    assert one.run_ids == ("r-60", "r-61", "r-62", "r-63")


def test_the_most_frequent_comes_first():
    often = [fix(day, host="db1") for day in range(4)]
    assert [each.host_id for each in found(*(fix(day) for day in range(3)), *often)] == ["db1", "web1"]
