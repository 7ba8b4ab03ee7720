"""What was digested or stored by an earlier version keeps its digest and can be read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.canonical import digest
from msp_ops.domain.plan import Plan, PlannedHost
from msp_ops.domain.rollout import Rollout, Share
from msp_ops.domain.schedule import Schedule
from msp_ops.store.encode import rebuild, written

HOST = PlannedHost(id="web1", address="10.77.0.11", port=22, host_keys=("ssh-ed25519 AAAA",))
PLAN = Plan(
    client_id="acme",
    runbook_id="fix-service",
    runbook_digest="d",
    activity="break/fix",
    impact="changes",
    parameters={"service": "nginx"},
    hosts=(HOST,),
    at_once=20,
)
OLD_PLAN = (  # as the version before rollouts wrote it
    '{"activity":"break/fix","at_once":20,"client_id":"acme","hosts":[{"address":"10.77.0.11","host_keys":'
    '["ssh-ed25519 AAAA"],"id":"web1","port":22,"type":"PlannedHost"}],"impact":"changes","parameters":'
    '{"service":"nginx"},"runbook_digest":"d","runbook_id":"fix-service","type":"Plan"}'
)
OLD_DIGEST = "1889d3ee8199c2d476b380287e458f4ff3de5554cf279d5aaee4d1f040e059cf"


def test_a_plan_of_the_version_before_rollouts_loads_and_keeps_its_digest():
    assert rebuild(Plan, OLD_PLAN) == PLAN
    assert written(PLAN) == OLD_PLAN
    assert PLAN.digest == OLD_DIGEST


def test_a_schedule_without_a_rollout_of_its_own_keeps_the_digest_that_its_occurrences_were_planned_with():
    before = "23d69d3d68170a86bda62fb48e279cf3aa0181fbd364659c101199faf7897721"
    assert digest(Schedule(id="audit", runbook="audit-health")) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"hosts": (replace(HOST, ring=2),)},
        {"hosts": (replace(HOST, group="web"),)},
        {"rollout": Rollout()},
        {"rollout": Rollout(canary=("web1",))},
        {"rollout": Rollout(soak=timedelta(minutes=1))},
        {"rollout": Rollout(batch=1)},
        {"rollout": Rollout(batch=Share(percent=1))},
        {"rollout": Rollout(stop_after=2)},
    ],
)
def test_the_rollout_is_part_of_what_is_agreed_to_and_comes_back_from_the_store(changed):
    plan = replace(PLAN, **changed)
    assert rebuild(Plan, written(plan)) == plan
    assert plan.digest not in {PLAN.digest, replace(PLAN, rollout=Rollout(stop_after=9)).digest}
