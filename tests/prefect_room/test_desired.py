from dataclasses import replace

import pytest

from msp_ops.domain.errors import PlanError
from msp_ops.domain.schedule import Schedule
from msp_ops.prefect_api.desired import Changes, desired_deployments, diff
from tests.prefect_room.cast import ACTIVITIES, AUDITS, BACKUPS, PATCH_NIGHTS, ROOT, client, known


def test_each_schedule_gets_the_flow_of_its_runbooks_activity():
    found = desired_deployments([client("acme", PATCH_NIGHTS, BACKUPS, AUDITS)], ACTIVITIES, ROOT)
    assert {each.name: (each.flow, each.entrypoint) for each in found} == {
        "acme--patch-nights": ("patching", "flows/patching.py:patching"),
        "acme--backups": ("backup-checks", "flows/backup_checks.py:backup_checks"),
        "acme--audits": ("health-audits", "flows/health_audits.py:health_audits"),
        "acme--summaries": ("summaries", "flows/summaries.py:summaries"),
        "on-demand": ("on-demand", "flows/on_demand.py:on_demand"),
    }


def test_a_deployment_carries_our_tag_and_its_clients():
    found = desired_deployments([client("acme", AUDITS)], ACTIVITIES, ROOT)
    assert all("msp-ops" in each.tags for each in found)
    assert [each.name for each in found if "client:acme" in each.tags] == ["acme--audits", "acme--summaries"]


def test_a_schedule_of_an_unknown_runbook_is_named_with_what_was_meant():
    wrong = Schedule(id="nights", runbook="patch-linx")
    with pytest.raises(
        PlanError, match=r"acme: schedule 'nights' names runbook 'patch-linx'.*did you mean 'patch-linux'"
    ):
        desired_deployments([client("acme", wrong)], ACTIVITIES, ROOT)


def test_break_fix_is_not_scheduled():
    wrong = Schedule(id="nights", runbook="fix-service")
    with pytest.raises(PlanError, match="which is break/fix; only patching, backup, health run on a schedule"):
        desired_deployments([client("acme", wrong)], ACTIVITIES, ROOT)


def test_nothing_changes_when_prefect_has_it_all():
    found = desired_deployments([client("acme", AUDITS)], ACTIVITIES, ROOT)
    changes = diff(found, [known(each) for each in found])
    assert not changes
    assert changes.lines() == ("3 unchanged",)


def test_what_is_missing_is_created_what_changed_is_updated_what_is_stale_is_removed():
    before = desired_deployments([client("acme", AUDITS, BACKUPS)], ACTIVITIES, ROOT)
    after = desired_deployments([client("acme", replace(AUDITS, hosts="role:db"), PATCH_NIGHTS)], ACTIVITIES, ROOT)
    changes = diff(after, [known(each) for each in before])
    assert changes.lines() == (
        "create acme--patch-nights",
        "update acme--audits",
        "remove acme--backups",
        "2 unchanged",
    )


def test_a_schedule_whose_runbook_is_now_for_something_else_moves_to_the_other_flow():
    before = desired_deployments([client("acme", AUDITS)], ACTIVITIES, ROOT)
    after = desired_deployments([client("acme", replace(AUDITS, runbook="patch-linux"))], ACTIVITIES, ROOT)
    changes = diff(after, [known(each) for each in before])
    assert [each.entrypoint for each in changes.create] == ["flows/patching.py:patching"]
    assert [each.entrypoint for each in changes.remove] == ["flows/health_audits.py:health_audits"]


def test_a_deployment_that_lost_its_tag_of_the_specification_is_told_again():
    found = desired_deployments([client("acme", AUDITS)], ACTIVITIES, ROOT)
    changes = diff(found, [replace(known(each), spec="") for each in found])
    assert len(changes.update) == 3


def test_moving_the_installation_updates_every_deployment():
    before = desired_deployments([client("acme", AUDITS)], ACTIVITIES, ROOT)
    after = desired_deployments([client("acme", AUDITS)], ACTIVITIES, ROOT / "elsewhere")
    assert len(diff(after, [known(each) for each in before]).update) == 3


def test_no_change_is_false_and_one_is_true():
    assert not Changes()
    assert Changes(create=desired_deployments([], ACTIVITIES, ROOT))


def test_a_typo_in_a_clients_file_takes_none_of_its_deployments_away():
    both = desired_deployments([client("acme", AUDITS), client("cobalt", AUDITS)], ACTIVITIES, ROOT)
    readable = desired_deployments([client("cobalt", AUDITS)], ACTIVITIES, ROOT)
    assert not diff(readable, [known(each) for each in both], unread={"acme"})
    assert len(diff(readable, [known(each) for each in both]).remove) == 2
