from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from msp_ops.billing.charges import charge
from msp_ops.billing.contracts import Undecided, contract_for
from tests.billing.cast import CARE, HOURLY, care_of, client, work

HOUR = timedelta(hours=1)


def chosen(record, *contracts, timezone="Europe/Berlin"):
    found = contract_for(record, client(contracts, timezone=timezone))
    return None if isinstance(found, Undecided) else found.id


def test_the_first_contract_of_the_file_that_fits_is_the_one():
    assert chosen(work(), CARE, HOURLY) == "care"
    assert chosen(work(), HOURLY, CARE) == "hourly"


def test_a_managed_plan_that_names_no_activity_covers_maintenance_and_not_break_fix():
    assert [chosen(work(activity=activity), CARE) for activity in ("patching", "backup", "health")] == ["care"] * 3
    assert chosen(work(activity="break/fix"), CARE) is None
    assert chosen(work(activity="break/fix"), CARE, HOURLY) == "hourly"


def test_a_managed_plan_that_names_break_fix_covers_it():
    assert chosen(work(activity="break/fix"), care_of(activities=("patching", "break/fix"))) == "care"
    assert chosen(work(activity="backup"), care_of(activities=("patching", "break/fix"))) is None


def test_a_contract_for_other_hosts_does_not_fit():
    assert chosen(work(hosts=("web1",)), care_of(hosts=("db1",)), HOURLY) == "hourly"
    assert chosen(work(hosts=("db1",)), care_of(hosts=("db1",)), HOURLY) == "care"


def test_a_record_half_inside_a_contract_is_left_to_a_person():
    (charged,) = charge(work(hosts=("web1", "db1")), client([care_of(hosts=("db1",)), HOURLY]), succeeded=True)
    assert charged.rule == "none.undecided"
    assert charged.reason.startswith("contract 'care' covers only some of the hosts, not web1")


@pytest.mark.parametrize(
    ("started_at", "timezone", "expected"),
    [
        (datetime(2026, 6, 30, 21, 59, tzinfo=UTC), "Europe/Berlin", None),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), "Europe/Berlin", "hourly"),  # midnight in Berlin
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), "America/New_York", None),
        (datetime(2026, 8, 1, 3, 59, tzinfo=UTC), "America/New_York", "hourly"),
        (datetime(2026, 8, 1, 4, 0, tzinfo=UTC), "America/New_York", None),
    ],
)
def test_a_contract_is_in_force_on_its_first_and_last_day_as_the_client_counts_days(started_at, timezone, expected):
    july = replace(HOURLY, since=date(2026, 7, 1), until=date(2026, 7, 31))
    assert chosen(work(started_at=started_at), july, timezone=timezone) == expected


def test_work_over_midnight_belongs_to_the_day_it_began():
    ends = replace(HOURLY, id="old", until=date(2026, 11, 2))
    late = work(machine=3 * HOUR, started_at=datetime(2026, 11, 2, 22, 30, tzinfo=UTC))
    assert chosen(late, ends, replace(HOURLY, id="new", since=date(2026, 11, 3))) == "old"


def test_a_record_without_any_time_is_left_to_a_person():
    (charged,) = charge(work(machine=None), client([HOURLY]), succeeded=True)
    assert (charged.rule, charged.measured) == ("none.undecided", timedelta(0))
    assert charged.reason.startswith("no time was measured")
