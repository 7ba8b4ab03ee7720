"""What a person must answer before a month may close, and what answers it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from msp_ops.billing.entry import Entry, span_of
from msp_ops.billing.month import price_month
from msp_ops.domain.client import Policy
from msp_ops.domain.contract import Managed
from msp_ops.domain.ledger import Decision
from tests.billing.cast import CARE, HOURLY, MORNING, client, work

HOUR = timedelta(hours=1)
NOVEMBER = date(2026, 11, 1)


def entry(name="w1", succeeded=True, decided=None, **changes):
    record = replace(work(HOUR, HOUR, activity="break/fix"), id=name, **changes)
    word = Decision(record_id=name, contract_id=decided, by="sam", reason="so", at=MORNING)
    return Entry(record=record, succeeded=succeeded, decision=word if decided else None)


def asked(*entries, contracts=(HOURLY,), elsewhere=(), **policy):
    made = replace(client(contracts), policy=Policy(**policy))
    return [(each.kind, each.subject) for each in price_month(made, NOVEMBER, entries, elsewhere).questions]


def test_a_sound_month_asks_nothing():
    assert asked(entry()) == []


def test_work_without_a_contract_asks_who_pays():
    assert asked(entry(), contracts=[CARE]) == [("undecided", "w1")]


def test_work_whose_end_is_not_known_is_asked_by_its_run_and_has_no_price_yet():
    month = price_month(client([HOURLY]), NOVEMBER, [entry(succeeded=None)])
    assert [(each.kind, each.subject) for each in month.questions] == [("unknown", "r1")]
    assert "msp-ops runs resolve r1" in month.questions[0].do
    assert month.charges == ()


def test_a_decision_does_not_make_known_how_a_run_ended():
    assert asked(entry(succeeded=None, decided="hourly")) == [("unknown", "r1")]


@pytest.mark.parametrize(("required", "expected"), [(True, [("ticket", "w1")]), (False, [])])
def test_a_person_without_a_ticket_is_asked_where_the_client_wants_one(required, expected):
    assert asked(entry(ticket=None), ticket_required=required) == expected


def test_nobody_asks_the_night_for_a_ticket():
    assert asked(Entry(record=work(HOUR), succeeded=True)) == []


def test_each_flag_of_its_measuring_is_asked_also_under_a_plan():
    flags = ("clock-stepped", "estimated", "rebooted")
    month = price_month(client([HOURLY]), NOVEMBER, [entry(flags=flags)])
    assert [each.says for each in month.questions] == [
        "the clock was set while its time was measured",
        "its end was not measured, because what measured it stopped",
        "its measuring was flagged 'rebooted'",
    ]
    assert asked(Entry(record=work(HOUR, flags=flags[:1]), succeeded=True), contracts=[CARE]) == [("flag", "w1")]


def test_time_that_was_written_down_and_overlaps_is_asked_once():
    by_hand = entry("w2", source="hand", run_id=None)
    assert asked(entry(), by_hand) == [("overlap", "w2")]
    assert asked(entry(), entry("w2")) == []  # both measured: the minutes count once, and nobody is asked
    other = replace(by_hand, record=replace(by_hand.record, client_id="other"), frozen=(span_of(by_hand.record),))
    assert asked(entry(), elsewhere=[other]) == [("overlap", "w1")]


def test_a_plan_without_a_rate_for_what_it_does_not_cover_asks_for_terms():
    tight = Managed(
        kind="managed", id="tight", monthly_fee=Decimal(1), since=date(2026, 1, 1), included_hours=Decimal("0.5")
    )
    month = price_month(client([tight]), NOVEMBER, [Entry(record=work(HOUR), succeeded=True)])
    assert [(each.kind, each.subject) for each in month.questions] == [("terms", "w1")]
    assert [(each.rule, each.billed) for each in month.charges[1:]] == [
        ("managed.covered", timedelta(0)),
        ("none.undecided", timedelta(0)),
    ]


def test_a_decision_for_a_contract_that_is_gone_is_asked_again():
    assert asked(entry(decided="old")) == [("undecided", "w1")]


@pytest.mark.parametrize("succeeded", [True, False])
def test_what_failed_or_was_decided_asks_nothing(succeeded):
    strange = {"ticket": None, "flags": ("estimated",), "source": "hand"}
    assert asked(entry(succeeded=succeeded, decided="hourly" if succeeded else None, **strange)) == []
