from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from msp_ops.billing.comparisons import Comparison
from msp_ops.billing.proposals import Proposal
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import Resolution
from msp_ops.reports.money import Otherwise
from tests.reports.cast import (
    ACME,
    BOREALIS,
    PREPARED_AT,
    RUNBOOKS,
    answered,
    covered,
    fixed,
    in_berlin,
    in_new_york,
    run_of,
    silent,
    work_of,
)
from tests.reports.novembers import (
    FULL,
    RESTART,
    acme_month,
    acme_runs,
    audited,
    backed_up,
    borealis_month,
    by_the_hour,
    patched,
)

ALL = ("web1", "db1", "fs1", "mail1")
NO_FINDINGS = {"findings": (), "work": ()}


def rows(section):
    return {row.machine: row for row in section.rows}


def facts(summary):
    return {fact.title: f"{fact.value} {fact.total}".strip() for fact in summary.facts}


def good_month(**changes):
    """Everything was done, everywhere."""
    runs = [
        run_of(
            ACME, "patch-linux", in_berlin(14, 22), *(patched(host, in_berlin(14, 22), ["a 1 -> 2"]) for host in ALL)
        ),
        run_of(ACME, "audit-health", in_berlin(30, 7), *(audited(host, in_berlin(30, 7), 40) for host in ALL)),
        backed_up("check-backup-restic", "fs1", in_berlin(15, 6, 30)),
    ]
    return acme_month(**({"runs": runs} | NO_FINDINGS | changes))


def test_a_month_in_which_all_is_proved_says_so_and_asks_for_nothing():
    month = good_month()
    assert month.verdict == "Every backup is proved and all of your 4 machines are up to date."
    assert month.lede.endswith("Nothing is needed from you.")
    assert not month.decisions
    assert not month.unchecked
    assert {fact.mark for fact in month.facts} == {"good", "none"}


def test_a_machine_that_was_not_reached_is_named_and_counts_in_every_total():
    month = acme_month()
    assert facts(month) == {"Updates": "2 of 4", "Backups": "57 of 60", "Health": "2 of 4", "Problems fixed": "1 of 1"}
    assert "db1" in month.verdict
    (gap,) = month.unchecked
    assert (gap.machine, gap.parts) == ("db1", "Updates, health and 3 of 30 checks of the database backup")


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.SUCCEEDED])
def test_only_a_proved_success_is_good(outcome):
    good = good_month().facts
    runs = [
        run_of(
            ACME,
            "patch-linux",
            in_berlin(14, 22),
            *(answered(host, in_berlin(14, 22), outcome if host == "db1" else Outcome.SUCCEEDED) for host in ALL),
        )
    ]
    month = acme_month(runs=runs, **NO_FINDINGS)
    assert good[0].value == "4"
    assert facts(month)["Updates"] == "3 of 4"
    assert month.updates.rows[1].standing.mark != "good"


def test_a_run_that_still_goes_on_is_not_good():
    going = replace(silent("db1"), outcome=None)
    month = acme_month(runs=[run_of(ACME, "patch-linux", in_berlin(14, 22), going)], **NO_FINDINGS)
    assert rows(month.updates)["db1"].standing.state == "Going on"


def test_an_unknown_that_a_person_resolved_counts_as_resolved():
    verdict = Resolution(
        run_id="r", host_id="db1", verdict=Outcome.SUCCEEDED, by="kim", reason="looked", at=PREPARED_AT
    )
    state = replace(silent("db1", Outcome.UNKNOWN), resolution=verdict)
    month = acme_month(runs=[run_of(ACME, "patch-linux", in_berlin(14, 22), state)], **NO_FINDINGS)
    assert rows(month.updates)["db1"].standing.mark == "good"


def test_a_machine_that_no_round_included_is_named():
    runs = [run_of(ACME, "patch-linux", in_berlin(14, 22), patched("web1", in_berlin(14, 22), []))]
    month = acme_month(runs=runs, **NO_FINDINGS)
    assert facts(month)["Updates"] == "1 of 4"
    assert [gap.machine for gap in month.unchecked] == ["web1", "db1", "fs1", "mail1"] or {
        gap.machine for gap in month.unchecked
    } >= {"db1", "fs1", "mail1"}


def test_a_failed_backup_comes_before_everything_else_in_the_verdict():
    old = backed_up("check-backup-restic", "fs1", in_berlin(30, 6, 30), message="the newest backup is 51 hours old")
    month = acme_month(runs=[*(run for run in acme_runs() if "20261130-0530" not in run.id), old])
    assert month.verdict.startswith("1 of 60 backup checks found no good copy")
    assert "fs1 (file backup)" in month.verdict


def test_a_backup_that_failed_at_night_and_was_good_in_the_morning_shows_both():
    cell = rows(acme_month().backups)["fs1"].cells[16]
    assert (cell.day, cell.state) == (17, "repeated")


def test_days_without_a_planned_check_are_neither_good_nor_bad():
    month = acme_month(runs=[backed_up("check-backup-restic", "fs1", in_berlin(3, 6, 30))], **NO_FINDINGS)
    (row,) = month.backups.rows
    assert (row.proved, row.planned, len(row.cells)) == (1, 1, 30)


def test_a_backup_is_not_proved_by_a_run_that_checked_nothing():
    run = run_of(ACME, "check-backup-restic", in_berlin(3, 6, 30), answered("fs1", in_berlin(3, 6, 30)))
    month = acme_month(runs=[run], **NO_FINDINGS)
    assert month.backups.rows[0].cells[2].state == "unchecked"


@pytest.mark.parametrize("outcome", [Outcome.UNVERIFIED, Outcome.UNKNOWN, Outcome.BLOCKED, Outcome.DEFERRED])
def test_a_backup_check_that_came_to_no_end_proves_nothing(outcome):
    state = answered("fs1", in_berlin(3, 6, 30), outcome, checks=("backup-restic",))
    month = acme_month(runs=[run_of(ACME, "check-backup-restic", in_berlin(3, 6, 30), state)], **NO_FINDINGS)
    assert month.backups.rows[0].cells[2].state == "unchecked"
    assert facts(month)["Backups"] == "0 of 1"


def test_backups_that_were_planned_and_never_looked_at_are_not_good():
    month = acme_month(runs=[], **NO_FINDINGS)
    assert (month.facts[1].words, month.facts[1].mark) == ("no backup was checked", "attention")
    assert month.verdict.startswith("No backup was checked")


def test_days_are_those_of_the_client():
    late = backed_up("check-backup-restic", "fs1", in_berlin(4, 0, 30))
    month = acme_month(runs=[late], **NO_FINDINGS)
    assert [cell.day for cell in month.backups.rows[0].cells if cell.state != "none"] == [4]


def test_a_run_of_another_month_by_the_clients_calendar_is_left_out():
    first_of_december = backed_up("check-backup-restic", "fs1", in_berlin(30, 23, 30) + timedelta(hours=1))
    month = acme_month(runs=[first_of_december], **NO_FINDINGS)
    assert month.proof.runs == ()


def test_each_cause_for_the_client_becomes_one_decision():
    assert [decision.title for decision in acme_month().decisions] == [
        "Tell us when fs1 may restart",
        "Decide about the storage of fs1",
        "See whether db1 is switched on and connected",
    ]


def test_a_finding_that_was_closed_in_the_month_is_not_held_against_the_machine():
    closed = tuple(replace(one, closed_at=in_berlin(29, 8)) for one in (FULL, RESTART))
    month = acme_month(findings=closed)
    assert rows(month.health)["fs1"].standing.state == "Healthy"
    assert rows(month.updates)["fs1"].standing.state == "Up to date"


def test_a_finding_of_the_next_month_does_not_reach_back():
    later = replace(FULL, opened_at=PREPARED_AT)
    assert rows(acme_month(findings=(later,)).health)["fs1"].notes == ()


def test_what_is_left_at_its_version_is_named_with_the_reason():
    (held,) = rows(acme_month().updates)["db1"].held
    assert (held.title, held.words) == ("postgresql-15", "a person holds them back at an old version")


def test_a_meter_shows_the_fullest_place_against_the_clients_thresholds():
    meter = rows(acme_month().health)["fs1"].storage
    assert (meter.percent, meter.label, meter.mark) == (88, "/srv", "attention")


def test_the_lines_of_the_charges_sum_to_their_total():
    charges = acme_month().charges
    assert charges.total == "€23.75"
    assert charges.measured == "6 h 48 min 20 s"
    assert [line.amount for line in charges.lines] == ["in your plan"] * 3 + ["€23.75"]
    assert {line.reason for line in charges.lines[:3]} == {"Planned care: covered by your plan."}


def test_printed_times_sum_even_when_each_was_measured_to_a_fraction():
    runs = [fixed(BOREALIS, "fix-service", in_new_york(day, 9), f"T-{day}", "down", silent("pos1")) for day in (3, 4)]
    work = tuple(
        work_of(BOREALIS, run, timedelta(seconds=10.6), "break-fix.hourly", "r", contract="hourly") for run in runs
    )
    charges = borealis_month(runs=runs, work=work).charges
    assert [line.measured for line in charges.lines] == ["11 s", "11 s"]
    assert charges.measured == "22 s"


def test_two_currencies_are_refused():
    run = acme_runs()[0]
    record, (charge,) = covered(run)
    with pytest.raises(ValueError, match=r"acme.*USD.*EUR"):
        acme_month(work=((record, (replace(charge, currency="USD"),)),))


def test_the_comparison_says_what_planned_care_saves():
    compared = acme_month().charges.comparison
    assert compared.says.endswith("your plan cost €1,205.00 less.")
    assert compared.basis.startswith("As break/fix by 'hourly' at 95.00 EUR/h")
    assert "less" not in acme_month(otherwise=by_the_hour("100")).charges.comparison.says
    assert acme_month(otherwise=Otherwise()).charges.comparison is None


def test_who_pays_by_the_hour_reads_what_a_plan_would_have_cost():
    planned = Comparison(amount=Decimal(450), paid=Decimal("1240.50"), basis="with the plan 'care'")
    compared = borealis_month(otherwise=Otherwise(with_a_plan=planned)).charges.comparison
    assert compared.title == "What a plan would have cost"
    assert compared.says.endswith("this month would have cost $450.00: $790.50 less.")
    assert [(bar.mark, bar.permille) for bar in compared.bars] == [("plan", 362), ("hourly", 1000)]


def test_a_fix_that_comes_back_becomes_a_question_to_the_client():
    proposal = Proposal(runbook_id="fix-service", host_id="app1", run_ids=("r1", "r2", "r3"), says="", do="")
    (asked,) = borealis_month(otherwise=Otherwise(proposals=(proposal,))).decisions
    assert asked.title == "End the cause of what comes back on app1"
    assert "“Bring a service back” was needed 3 times within 30 days." in asked.words


def test_care_that_nobody_agreed_to_is_said_and_not_shown_as_good():
    month = borealis_month()
    assert (month.updates, month.backups, month.health) == (None, None, None)
    assert [fact.mark for fact in month.facts] == ["none", "none", "none", "attention"]
    assert month.unchecked[-1].parts == "Updates, backups and health"


def test_a_problem_whose_end_is_unknown_is_not_fixed_and_is_named():
    month = borealis_month()
    assert month.verdict == "1 of 2 problems that you reported is fixed. 1 problem is still open."
    assert month.unchecked[0].machine == "print1"
    assert month.problems.rows[1].done == "Tried: Bring a service back."
    assert month.problems.rows[1].charge == "not yet"


def test_a_second_try_that_worked_makes_the_ticket_fixed():
    tries = [
        fixed(BOREALIS, "fix-service", in_new_york(3, hour), "T-1", "down", answered("pos1", in_new_york(3, hour), end))
        for hour, end in ((9, Outcome.FAILED), (10, Outcome.SUCCEEDED))
    ]
    (problem,) = borealis_month(runs=tries, work=()).problems.rows
    assert problem.standing.state == "Fixed and checked"


def test_one_machine_fixed_does_not_hide_another_that_is_not():
    states = (answered("pos1", in_new_york(3, 9)), answered("print1", in_new_york(3, 9), Outcome.FAILED))
    run = fixed(BOREALIS, "fix-service", in_new_york(3, 9), "T-1", "down", *states)
    assert borealis_month(runs=[run], work=()).problems.fixed == 0


def test_a_look_without_a_change_is_not_called_a_fix():
    run = fixed(BOREALIS, "audit-health", in_new_york(3, 9), "T-1", "slow", answered("pos1", in_new_york(3, 9)))
    (problem,) = borealis_month(runs=[run], work=()).problems.rows
    assert (problem.standing.state, problem.standing.mark) == ("Looked into", "none")


def test_a_month_without_any_run_is_a_page_that_claims_nothing():
    month = borealis_month(runs=[], work=())
    assert month.verdict == "You reported no problems."
    assert month.charges.says == "No time was spent, so nothing is charged."


def test_a_charge_that_nobody_decided_yet_is_not_a_zero():
    run = fixed(BOREALIS, "fix-service", in_new_york(3, 9), "T-1", "down", answered("pos1", in_new_york(3, 9)))
    line = work_of(BOREALIS, run, timedelta(minutes=5), "none.undecided", "two contracts fit", contract=None)
    assert borealis_month(runs=[run], work=(line,)).charges.lines[0].amount == "not decided"


def test_the_next_time_of_each_schedule_is_shown_in_the_clients_zone():
    files, health, updates = acme_month().next_dates
    assert (files.title, files.when) == ("Backup checks: fs1", "Wednesday, 06:30 CET")
    assert files.words == "We only look; nothing is interrupted. 29 more times until 31 December."
    assert (health.title, updates.when) == ("Health checks", "Saturday, 22:00 to 02:00 CET")


def test_the_figures_name_their_runs_and_change_their_digest_with_them():
    month = acme_month()
    assert len(month.proof.runs) == len(acme_runs())
    assert "68 runs" in month.proof.says
    assert month.proof.digest != acme_month(runs=acme_runs()[1:]).proof.digest


def test_a_runbook_that_left_the_library_does_not_stop_the_summary():
    month = acme_month(runbooks={key: book for key, book in RUNBOOKS.items() if key != "patch-linux"})
    assert facts(month)["Updates"] == "2 of 4"


def test_any_day_of_the_month_names_the_month():
    assert acme_month(month=date(2026, 11, 30)) == acme_month()
