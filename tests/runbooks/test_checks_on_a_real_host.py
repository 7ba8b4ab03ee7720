"""Every check of the audit on a real practice host, as the user that the engine asks as."""

from datetime import timedelta

import pytest

from msp_ops.checks.base import UnreadableError
from msp_ops.domain.finding import EVERYTHING
from msp_ops.domain.step import CheckStep
from msp_ops.engine.system_clock import SystemClock
from tests.runbooks.practice import LIBRARY, Practice

pytestmark = pytest.mark.lab

AUDIT = [step.check for step in LIBRARY["audit-health"].steps if isinstance(step, CheckStep)]


def test_every_check_can_be_read_on_a_fresh_host(web1: Practice) -> None:
    seen = {name: web1.look(name) for name in AUDIT}
    bad = {name for name, reading in seen.items() if any(one.severity == "critical" for one in reading.findings)}
    assert bad <= {"load"}  # a practice host shows the load of the machine that it is on


def test_no_check_changes_a_file(web1: Practice) -> None:
    state = "find / -xdev -type f -newer /run/before ! -path '/var/log/*' ! -path '/run/*' ! -path '/proc/*'"
    web1.root("sleep 0.05; touch /run/before")
    for name in AUDIT:
        web1.look(name)
    assert web1.root(state) == ""


def test_a_clock_that_is_an_hour_ahead_is_told_against_ours(web1: Practice) -> None:
    web1.break_("clock-skew", "+1h")
    at = SystemClock().now()
    (finding,) = web1.look("clock", at=at).findings
    assert "ahead of ours" in finding.message


def test_a_full_disk_is_told(web1: Practice) -> None:
    web1.break_("disk-full", "97")
    assert web1.found("disk")["/"].startswith("critical")


def test_a_failed_unit_is_told(web1: Practice) -> None:
    web1.break_("failed-unit")
    assert "lab-bad.service" in web1.found("failed-units")


def test_a_certificate_that_runs_out_is_told(web1: Practice) -> None:
    web1.break_("cert-expiring", "5")
    assert "expires in" in web1.found("certificates")["/etc/ssl/lab-web.pem"]


def test_lists_that_nobody_refreshed_for_days_are_not_trusted(web1: Practice) -> None:
    web1.root("apt-get -q update; touch -d '3 days ago' /var/lib/apt/lists/*Release")
    assert "not verified" in web1.found("patch-state")["package lists"]


def test_a_refresh_that_failed_does_not_make_old_lists_young(web1: Practice) -> None:
    web1.root("apt-get -q update; touch -d '3 days ago' /var/lib/apt/lists/*Release")
    web1.break_("mirror-down")
    web1.root("apt-get -q -o Acquire::Retries=0 update")
    assert "not verified" in web1.found("patch-state")["package lists"]


def test_a_service_that_is_down_is_told(web1: Practice) -> None:
    web1.break_("service-down", "lab-web")
    assert "is not up" in web1.found("service", {"service": "lab-web"})["lab-web.service"]


def test_an_answer_later_than_the_limits_of_the_clock_is_still_within_them(web1: Practice) -> None:
    """Steps that share the round trip cost seconds, not a finding."""
    at = SystemClock().now() + timedelta(seconds=2)
    assert web1.look("clock", at=at).findings == ()


def test_a_host_without_apt_is_not_called_up_to_date(web1: Practice) -> None:
    web1.root("mv /usr/bin/apt-get /usr/bin/apt-get.gone")
    with pytest.raises(UnreadableError, match="apt-get"):
        web1.look("patch-state")


def test_a_source_whose_lists_are_gone_closes_no_finding(web1: Practice) -> None:
    web1.root("apt-get -q update")
    assert web1.look("patch-state").untold == ""
    web1.root("rm /var/lib/apt/lists/*Release; touch -d '1 hour ago' /var/lib/apt/lists/other_Release")
    seen = web1.look("patch-state")
    assert "no package lists of " in seen.untold
    assert seen.unjudged == (EVERYTHING,)
    assert "updates_security" not in {one.name for one in seen.measurements}
