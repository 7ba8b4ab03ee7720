from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.finding import EVERYTHING, Finding
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import StepResult
from msp_ops.store import Store
from tests.store.cast import KIM, NOON, TICKET, full, looked, plan, result

LATER = NOON + timedelta(hours=1)
LOAD = {"check": "load", "subject": "load", "severity": "info", "message": "high"}


class Audits:
    """Runs of web1, one an hour."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.count = 0

    def __call__(self, *steps: StepResult, client: str = "acme") -> None:
        self.count += 1
        run_id = f"r{self.count}"
        self.store.journal.open_run(run_id, plan("web1", client=client), TICKET, KIM)
        self.store.journal.record(run_id, result("web1", Outcome.SUCCEEDED, *steps))


@pytest.fixture
def audit(store: Store) -> Audits:
    return Audits(store)


def test_a_finding_opens_when_it_is_first_seen(store: Store, audit: Audits):
    audit(looked("disk", full()))
    (found,) = store.findings.list("acme")
    assert (found.finding, found.host_id, found.opened_by, found.last_seen_by) == (full(), "web1", "r1", "r1")
    assert found.opened_at == found.last_seen_at == NOON + timedelta(seconds=30)
    assert found.closed_at is None


def test_a_finding_that_is_seen_again_stays_one_and_says_the_latest(store: Store, audit: Audits):
    audit(looked("disk", full()))
    audit(looked("disk", full(severity="critical"), start=LATER))
    (found,) = store.findings.list("acme")
    assert (found.opened_by, found.last_seen_by, found.finding.severity) == ("r1", "r2", "critical")
    assert found.last_seen_at == LATER + timedelta(seconds=30)


def test_a_finding_whose_subject_no_database_keeps_stays_one_and_closes(store: Store, audit: Audits):
    hostile = full("/srv/\x00")
    audit(looked("disk", hostile))
    audit(looked("disk", hostile))
    audit(replace(looked("disk"), unjudged=(hostile.subject,)))
    (found,) = store.findings.list("acme")
    assert (found.finding.subject, found.opened_by, found.last_seen_by) == ("/srv/\u2400", "r1", "r2")
    audit(looked("disk", start=LATER))
    assert store.findings.list("acme") == []


def test_of_many_findings_only_those_that_changed_are_touched(store: Store, audit: Audits, url: str):
    audit(looked("disk", full("/"), full("/var")), looked("load", Finding(**LOAD)))
    audit(looked("disk", full("/"), full("/srv"), start=LATER))
    assert [(each.finding.subject, each.last_seen_by) for each in store.findings.list("acme")] == [
        ("/", "r2"),
        ("load", "r1"),
        ("/srv", "r2"),
    ]


def test_a_finding_closes_when_its_check_looked_and_no_longer_saw_it(store: Store, audit: Audits):
    audit(looked("disk", full("/"), full("/var")))
    audit(looked("disk", full("/var"), start=LATER))
    assert [each.finding.subject for each in store.findings.list("acme")] == ["/var"]
    closed = store.findings.list("acme", open_only=False)[0]
    assert (closed.finding.subject, closed.closed_at) == ("/", LATER + timedelta(seconds=30))
    assert closed.last_seen_by == "r1"


def test_a_finding_that_comes_back_is_a_new_one(store: Store, audit: Audits):
    audit(looked("disk", full()))
    audit(looked("disk"))
    audit(looked("disk", full()))
    assert [each.opened_by for each in store.findings.list("acme", open_only=False)] == ["r1", "r3"]
    assert [each.opened_by for each in store.findings.list("acme")] == ["r3"]


@pytest.mark.parametrize("outcome", [each for each in Outcome if each > Outcome.SUCCEEDED])
def test_a_check_that_did_not_really_look_closes_nothing(store: Store, audit: Audits, outcome: Outcome):
    audit(looked("disk", full()))
    audit(looked("disk", outcome=outcome))
    assert len(store.findings.list("acme")) == 1


def test_a_check_that_has_nothing_left_to_look_at_closes_what_it_found(store: Store, audit: Audits):
    audit(looked("tls", replace(full("tls://:443"), check="tls")))
    audit(looked("tls", outcome=Outcome.SKIPPED))
    assert store.findings.list("acme") == []


def test_a_check_that_was_not_part_of_the_run_closes_nothing(store: Store, audit: Audits):
    audit(looked("disk", full()))
    audit(looked("load"))
    assert len(store.findings.list("acme")) == 1


@pytest.mark.parametrize("unjudged", [("/",), (EVERYTHING,)])
def test_a_lighter_look_never_closes_what_a_heavier_one_found(store: Store, audit: Audits, unjudged: tuple[str, ...]):
    audit(looked("disk", full("/")))
    audit(replace(looked("disk", start=LATER), unjudged=unjudged))
    assert [found.closed_at for found in store.findings.list("acme")] == [None]


def test_of_a_look_that_was_untold_in_part_the_rest_has_looked(store: Store, audit: Audits):
    """An endpoint that nobody can ask would keep the findings of all others open for ever."""
    audit(looked("disk", full("/"), full("/srv"), full("/var")))
    audit(replace(looked("disk", full("/var"), outcome=Outcome.UNVERIFIED), unjudged=("/srv",)))
    assert [each.finding.subject for each in store.findings.list("acme")] == ["/srv", "/var"]


def test_a_failed_check_that_reported_has_looked(store: Store, audit: Audits):
    audit(looked("disk", full("/"), full("/var")))
    audit(looked("disk", full("/", "critical"), outcome=Outcome.FAILED))
    assert [each.finding.subject for each in store.findings.list("acme")] == ["/"]


def test_what_a_fix_cures_its_verification_closes_in_the_same_run(store: Store, audit: Audits):
    audit(looked("disk", full()), looked("disk", start=LATER))
    (found,) = store.findings.list("acme", open_only=False)
    assert (found.opened_by, found.closed_at) == ("r1", LATER + timedelta(seconds=30))


def test_the_same_finding_of_another_client_is_another_finding(store: Store, audit: Audits):
    audit(looked("disk", full()))
    audit(looked("disk"), client="borealis")
    assert len(store.findings.list("acme")) == 1
    assert store.findings.list("borealis") == []


def test_findings_of_a_period_are_those_that_were_open_in_it(store: Store, audit: Audits):
    old = Finding(check="load", subject="load", severity="info", message="high")
    audit(looked("load", old))
    audit(looked("load"), looked("disk", full(), start=LATER))

    def subjects(start: int, end: int) -> list[str]:
        since, until = NOON + timedelta(minutes=start), NOON + timedelta(minutes=end)
        found = store.findings.list("acme", open_only=False, since=since, until=until)
        return [each.finding.subject for each in found]

    assert subjects(-10, 0) == []
    assert subjects(0, 10) == ["load"]
    assert subjects(30, 90) == ["/"]
    assert subjects(90, 120) == ["/"]
    assert subjects(0, 90) == ["load", "/"]
