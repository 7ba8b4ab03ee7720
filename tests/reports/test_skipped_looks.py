"""A look that had nothing to look at says nothing of a machine's health."""

from msp_ops.domain.outcome import Outcome
from msp_ops.reports.health import summarise_health
from msp_ops.reports.visits import Visit
from tests.reports.cast import ACME, in_berlin, run_of


def visit(day, outcome):
    at = in_berlin(day, 7)
    run = run_of(ACME, "audit-health", at)
    return Visit(run=run, activity="health", host_id="web1", outcome=outcome, steps=(), at=at)


def state_after(*visits):
    health = summarise_health(ACME, visits, ())
    return next(row.standing.state for row in health.rows if row.machine == "web1")


def test_a_skipped_look_does_not_hide_the_one_before():
    assert state_after(visit(28, Outcome.SUCCEEDED), visit(29, Outcome.SKIPPED)) == "Healthy"
    assert state_after(visit(28, Outcome.NOT_REACHED), visit(29, Outcome.SKIPPED)) == "Not reached"


def test_where_every_look_was_skipped_nobody_has_looked():
    assert state_after(visit(28, Outcome.SKIPPED)) == "Not looked at"
