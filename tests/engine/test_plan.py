"""A plan says exactly what would run: also in which order, and what it may do to the hosts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.errors import PlanError
from msp_ops.domain.rollout import Rollout
from msp_ops.domain.schedule import Schedule
from msp_ops.domain.step import RebootStep
from msp_ops.engine.plan import plan
from tests.engine.parts import ACME, ACT, HOSTS, audit, runbook

CAREFUL = Rollout(canary=("b",), soak=timedelta(minutes=30))
QUICK = Rollout(batch=50, stop_after=9)


def test_a_change_is_rolled_out_as_the_client_says_and_else_stops_at_the_first_failure():
    assert plan(replace(ACME, rollout=CAREFUL), runbook(), HOSTS, {}).rollout == CAREFUL
    assert plan(ACME, runbook(), HOSTS, {}).rollout == Rollout(stop_after=1)


def test_a_schedule_may_say_it_otherwise():
    client = replace(ACME, rollout=CAREFUL)
    schedule = Schedule(id="nights", runbook="fix-disk", window="nights", rollout=QUICK)
    assert plan(client, runbook(), HOSTS, {}, schedule=schedule).rollout == QUICK
    assert plan(client, runbook(), HOSTS, {}, schedule=replace(schedule, rollout=None)).rollout == CAREFUL


def test_who_only_looks_waits_for_nobody():
    assert plan(replace(ACME, rollout=CAREFUL), audit(), HOSTS, {}).rollout is None


@pytest.mark.parametrize(("canary", "meant"), [(None, None), ((), ("b",)), (("a", "z"), ("a",)), (("z",), ("b",))])
def test_the_canaries_are_named_in_the_plan_whatever_was_written(canary, meant):
    client, hosts = replace(ACME, rollout=Rollout(canary=canary)), (replace(HOSTS[0], ring=2), HOSTS[1])
    said = plan(client, runbook(), hosts, {}).rollout
    assert said is not None
    assert said.canary == meant


def test_rings_and_groups_are_part_of_what_is_agreed_to():
    grouped = (replace(HOSTS[0], ring=2, group="web"), HOSTS[1])
    made = plan(ACME, runbook(), grouped, {})
    assert [(host.ring, host.group) for host in made.hosts] == [(2, "web"), (1, None)]
    assert made.digest != plan(ACME, runbook(), HOSTS, {}).digest


@pytest.mark.parametrize(("reboot", "impact"), [("never", "changes"), ("if-needed", "reboots"), ("always", "reboots")])
def test_a_run_that_was_told_never_to_reboot_only_changes(reboot, impact):
    step = RebootStep(kind="reboot", name="restart", when="reboot")
    book = runbook(impact="reboots", steps=(ACT, step))
    assert plan(ACME, book, HOSTS, {"reboot": reboot}).impact == impact


def test_a_script_may_reboot_by_itself():
    assert plan(ACME, runbook(impact="reboots"), HOSTS, {}).impact == "reboots"


def test_nothing_is_planned_for_no_host_or_no_place():
    with pytest.raises(PlanError, match="no host was chosen"):
        plan(ACME, runbook(), (), {})
    with pytest.raises(PlanError, match="0 hosts at once cannot be"):
        plan(ACME, runbook(), HOSTS, {}, 0)
