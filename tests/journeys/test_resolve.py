"""What a dead process or a lost link left: it is told, settled one by one, and stops nobody."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from msp_ops.cli.leftovers import tell_leftovers
from msp_ops.domain.contract import BreakFix
from msp_ops.domain.errors import FileError, StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.resolve import resolve, settle, settle_all
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import ACME, disk_answer
from tests.journeys.cast import KIM, TICKET, asked, parts_with
from tests.store.cast import interval, parcel, result

HOURLY = BreakFix(kind="break-fix", id="repairs", hourly_rate=Decimal(95), since=date(2026, 1, 1))
CLIENT = replace(ACME, contracts=(HOURLY,))


def left_by_a_dead_process(opener, clock, dead, run_id="r-1", host="a", outcome=None):
    """A run on one host, whose result is `outcome`; with None the process died while the host was being changed."""
    victim = opener(pid=7)
    victim.journal.open_run(run_id, asked(clock, hosts=ACME.sites[0].hosts[:1]).plan(), TICKET, KIM)
    lease = victim.journal.take_host(run_id, host)
    victim.journal.intend(run_id, host, parcel(f"{run_id}-clean", "clean up"), lease)
    clock.pass_time(timedelta(minutes=4))
    if outcome is not None:
        four_minutes = interval(clock.now() - timedelta(minutes=4), 240)
        victim.journal.record(run_id, replace(result(host, outcome), interval=four_minutes))
    dead.add(7)


def cut_off(store, clock, client=CLIENT):
    """A run that came to its own end and does not know how the host did."""
    host = FakeHost(looked=disk_answer("40%"), cut_at="after commit")
    parts = parts_with(store, clock, {"a": host}, client)
    return parts, to_the_end(run_runbook(parts, asked(clock, client=client, hosts=ACME.sites[0].hosts[:1]), Stopping()))


def without_files(parts):
    """A typo in the client's file, and a runbook that has left the library."""
    workspace = replace(parts.workspace, clients={}, library={}, mistakes={"client acme": FileError("acme.yaml:3: no")})
    return replace(parts, workspace=workspace)


@pytest.mark.parametrize("outcome", [None, Outcome.SUCCEEDED])
def test_what_a_dead_process_left_is_told_although_its_files_are_broken(opener, clock, dead, capsys, outcome):
    left_by_a_dead_process(opener, clock, dead, outcome=outcome)
    store = opener(pid=2)
    tell_leftovers(without_files(parts_with(store, clock, {})))
    assert ("how run r-1" in capsys.readouterr().err) == (outcome is None)
    assert store.runs.read("r-1").ended_at is None, "telling writes nothing"


def test_a_store_that_cannot_be_read_stops_no_start(store, clock, capsys):
    class Unreadable:
        runs = property(lambda self: self)

        def unresolved(self):
            raise StoreError("the store is locked")

    tell_leftovers(parts_with(Unreadable(), clock, {}))
    assert "the store is locked" in capsys.readouterr().err


def test_an_unknown_host_of_a_closed_run_is_told_until_a_person_says_what_is_true(store, clock, capsys):
    parts, run = cut_off(store, clock)
    tell_leftovers(parts)
    assert f"how run {run.id}" in capsys.readouterr().err
    resolve(parts, run.id, "a", "done", "the log shows it", KIM)
    tell_leftovers(parts)
    assert not capsys.readouterr().err


def test_many_leftovers_are_counted(store, clock, capsys):
    for number in range(7):
        store.journal.open_run(f"r-{number}", asked(clock, hosts=ACME.sites[0].hosts[:1]).plan(), TICKET, KIM)
        store.journal.record(f"r-{number}", result("a", Outcome.UNKNOWN))
    tell_leftovers(parts_with(store, clock, {}))
    *told, last = capsys.readouterr().err.splitlines()
    assert len(told) == 5
    assert last == "Unknown: 2 more runs. Look: msp-ops runs list --unknown"


def test_the_run_of_a_dead_process_gets_its_end_and_its_time_without_its_runbook(opener, clock, dead):
    left_by_a_dead_process(opener, clock, dead, outcome=Outcome.SUCCEEDED)
    store = opener(pid=2)
    assert settle_all(parts_with(store, clock, {}, CLIENT, books=())) == []
    ((record, (charge,)),) = store.work.list("acme")
    assert (record.activity, record.flags, record.machine.duration) == (
        "break/fix",
        ("estimated",),
        timedelta(minutes=4),
    )
    assert (charge.rule, charge.amount) == ("break-fix.hourly", Decimal("23.75"))


def test_one_that_cannot_be_settled_is_said_and_does_not_hold_up_the_others(opener, clock, dead):
    left_by_a_dead_process(opener, clock, dead, outcome=Outcome.SUCCEEDED)
    store = opener(pid=2)
    (problem,) = settle_all(without_files(parts_with(store, clock, {})))
    assert problem == "run r-1 has no end or no price yet: acme.yaml:3: no"
    assert settle_all(parts_with(store, clock, {}, CLIENT)) == []
    assert store.runs.read("r-1").ended_at is not None


def test_a_run_that_its_own_process_is_about_to_close_is_left_to_it(opener, clock):
    owner, other = opener(pid=1), opener(pid=2)
    owner.journal.open_run("r-1", asked(clock, hosts=ACME.sites[0].hosts[:1]).plan(), TICKET, KIM)
    owner.journal.record("r-1", result("a", start=clock.now()))
    assert other.runs.read("r-1").outcome is Outcome.SUCCEEDED
    assert not other.runs.read("r-1").abandoned
    parts = parts_with(other, clock, {}, CLIENT)
    assert settle_all(parts) == []
    assert settle(parts, "r-1").ended_at is None


@pytest.mark.parametrize(
    ("verdict", "rule"),
    [("done", "break-fix.hourly"), ("not-done", "not-succeeded.no-charge"), ("written-off", "not-succeeded.no-charge")],
)
def test_work_is_priced_when_it_is_known_how_it_ended(store, clock, verdict, rule):
    parts, run = cut_off(store, clock)
    ((measured, charges),) = store.work.list("acme")
    assert charges == ()
    resolve(parts, run.id, "a", verdict, "looked at it", KIM)
    ((record, (charge,)),) = store.work.list("acme")
    assert (charge.rule, record) == (rule, measured)
    store.work.verify_chain("acme")


def test_a_verdict_is_kept_while_the_price_waits_for_a_broken_file(store, clock):
    parts, run = cut_off(store, clock)
    with pytest.raises(FileError, match=r"your word on a is saved; the price of run .* waits: acme.yaml:3"):
        resolve(without_files(parts), run.id, "a", "done", "looked at it", KIM)
    assert store.runs.unresolved() == []
    assert settle_all(parts) == []
    ((_, (charge,)),) = store.work.list("acme")
    assert charge.rule == "break-fix.hourly"
    assert settle_all(parts) == [], "a second time changes nothing"


def test_a_price_is_written_once(store, clock):
    parts, run = cut_off(store, clock)
    resolve(parts, run.id, "a", "done", "looked at it", KIM)
    ((record, charges),) = store.work.list("acme")
    with pytest.raises(StoreError, match="has its price already"):
        store.work.price(record.id, charges)
