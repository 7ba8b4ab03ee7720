"""Dates of the client's file, by the client's own calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from msp_ops.checks.base import Seen
from msp_ops.checks.table import CHECKS
from msp_ops.domain.expiry import ExpiryDate
from msp_ops.outside.look import look_from_here
from tests.outside.cast import order_of, said

DOMAIN = ExpiryDate(what="acme.example", kind="domain", host="web1", ends=date(2026, 11, 23), note="ask Kim: he knows")
OTHER = ExpiryDate(what="The server", kind="warranty", host="db1", ends=date(2020, 1, 1))


def judged(at, *dates):
    order = replace(order_of("dates", dates=dates), at=at)
    output = look_from_here(Path(), order)
    return CHECKS["dates"].read(Seen(output=output, exit_code=0, parameters={}, policy=order.client.policy, at=at))


def test_the_last_day_is_a_good_one_until_midnight_in_berlin():
    before, after = datetime(2026, 11, 23, 22, 59, tzinfo=UTC), datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert said(judged(before, DOMAIN)) == [
        "warning acme.example: the domain ends today, 2026-11-23 (ask Kim: he knows)"
    ]
    (found,) = said(judged(after, DOMAIN))
    assert found == "critical acme.example: the domain ended on 2026-11-23, 1 day ago (ask Kim: he knows)"


def test_the_policy_says_when_to_warn_unless_the_date_does():
    at = datetime(2026, 9, 24, 12, tzinfo=UTC)  # 60 days before
    assert said(judged(at, DOMAIN)) == []
    assert len(said(judged(at + timedelta(days=1), DOMAIN))) == 1
    assert len(said(judged(at, replace(DOMAIN, warn=timedelta(days=61))))) == 1


def test_a_date_of_another_host_is_that_hosts():
    at = datetime(2026, 9, 1, tzinfo=UTC)
    assert said(judged(at, DOMAIN, OTHER)) == []
    assert judged(at, OTHER).skipped == "no date is written for web1"
