"""Why work costs what it costs, from the store: of an open month anew, of a closed one as it was frozen."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from msp_ops.domain.clock import Interval
from msp_ops.domain.contract import BlockHours, BreakFix, Scope
from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.msp import Person
from msp_ops.domain.work import WorkRecord
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.explain import balances_now, explain_work
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.month_closed import close_months, month_end
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import ACME, disk_answer
from tests.journeys.cast import Keys, asked, parts_with

HOUR = timedelta(hours=1)
NOVEMBER = date(2026, 11, 1)
REPAIRS = BreakFix(
    kind="break-fix", id="repairs", hourly_rate=Decimal(95), since=date(2026, 1, 1), role_rates={"senior": Decimal(120)}
)
BLOCK = BlockHours(
    kind="block-hours",
    id="block",
    hours=Decimal(5),
    overage_rate=Decimal(120),
    since=date(2026, 10, 1),
    scope=Scope(activities=("health",)),
)
CLIENT = replace(ACME, contracts=(BLOCK, REPAIRS), timezone="Europe/Berlin", currency="EUR")


@pytest.fixture
def parts(store, clock, tmp_path):
    made = parts_with(store, clock, {"a": FakeHost(looked=disk_answer("40%"))}, CLIENT, root=tmp_path)
    msp = replace(made.workspace.msp, people=(Person(name="kim", role="senior"),))
    return replace(made, workspace=replace(made.workspace, msp=msp), keys=Keys())


def wrote(parts, name, day, activity="break/fix"):
    start = datetime(2026, 11, day, 9, tzinfo=UTC)
    span = Interval(started_at=start, ended_at=start + HOUR, duration=HOUR, boot_id="")
    work = WorkRecord(
        id=name,
        run_id=None,
        client_id="acme",
        activity=activity,
        host_ids=(),
        ticket="T-1",
        person="kim",
        machine=None,
        attended=span,
        source="timer",
        noted_at=start + HOUR,
    )
    parts.store.work.add(work, ())


def close(parts, clock, month):
    clock.pass_time(
        max(datetime(month.year, month.month, 28, tzinfo=UTC) + timedelta(days=5) - clock.now(), timedelta(0))
    )
    return close_months(parts, month_end(parts, month).due, "olga")


def test_an_open_record_is_explained_with_the_role_of_who_worked(parts):
    wrote(parts, "w-1", 3)
    month, found = explain_work(parts, "w-1")
    assert month == NOVEMBER
    assert [(each.contract_id, each.prices) for each in found.tried] == [("block", False), ("repairs", True)]
    assert found.steps[-1] == "1 h in business hours x 120.00 EUR/h (senior): EUR 120.00 (break-fix.hourly)"


def test_a_run_is_explained_by_its_id_and_by_its_tail(parts, clock):
    whole = asked(clock)
    one = replace(whole, client=CLIENT, hosts=whole.hosts[:1])
    run = to_the_end(run_runbook(parts, one, Stopping()))
    assert explain_work(parts, run.id)[1].record.run_id == run.id
    assert explain_work(parts, run.id[-5:])[1].record.run_id == run.id


def test_a_closed_month_is_told_as_it_was_frozen_whatever_the_file_says_now(parts, clock):
    wrote(parts, "w-1", 3)
    close(parts, clock, NOVEMBER)
    dearer = replace(CLIENT, contracts=(replace(REPAIRS, role_rates={}, hourly_rate=Decimal(500)),))
    now = replace(parts, workspace=replace(parts.workspace, clients={"acme": dearer}))
    month, found = explain_work(now, "w-1")
    assert (month, found.steps) == (NOVEMBER, ("2026-11 was closed by olga: its lines do not change any more",))
    assert [str(each.amount) for each in found.charges] == ["120.00"]


def test_what_came_after_the_close_is_explained_in_the_month_that_is_open(parts, clock):
    wrote(parts, "w-1", 3)
    close(parts, clock, NOVEMBER)
    wrote(parts, "w-2", 4)
    month, found = explain_work(parts, "w-2")
    assert (month, [str(each.amount) for each in found.charges]) == (date(2026, 12, 1), ["120.00"])


def test_a_run_without_an_end_has_no_time_in_the_books_yet(parts, clock):
    whole = asked(clock)
    parts.store.journal.open_run("r-1", whole.plan(), whole.trigger, whole.actor)
    with pytest.raises(NotPermitted, match="r-1 has no end yet"):
        explain_work(parts, "r-1")


@pytest.mark.parametrize("name", ["w-9", "nosuch"])
def test_what_is_not_there_cannot_be_explained(parts, name):
    with pytest.raises(PlanError, match=name):
        explain_work(parts, name)


def test_a_block_holds_what_the_work_of_the_month_left(parts):
    wrote(parts, "w-1", 3, "health")
    (balance,) = balances_now(parts, CLIENT)
    assert (balance.carried, balance.drawn, balance.left) == (5 * HOUR, HOUR, 4 * HOUR)
