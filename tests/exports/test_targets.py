"""What each program gets of an hour's work, field by field, and what it is not given."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from msp_ops.domain.errors import PlanError
from msp_ops.domain.export_map import ExportMap, HaloPsa
from msp_ops.domain.ledger import Line
from msp_ops.exports.api import Api
from msp_ops.exports.bodies import export_bodies
from msp_ops.exports.entries import entries_of
from msp_ops.exports.refusals import Refused
from msp_ops.exports.targets import TARGETS, target_named
from tests.exports.cast import FEE, HOURS, IDS, MINUTE, NAMED, TIME_TARGETS, charge, one_entry, statement, work

LATE = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)


def requests(export):
    return json.loads(export.files[0].content)["entries"]


def only_body(name, entry, ids=IDS):
    export = TARGETS[name].write([entry], ids)
    assert not export.rejected, export.rejected
    (request,) = requests(export)
    return request["body"]


def reason(name, entry, ids=IDS):
    export = TARGETS[name].write([entry], ids)
    assert not export.written
    (rejected,) = export.rejected
    return rejected.reason


def test_connectwise_gets_an_entry_on_the_ticket_with_the_rate_and_our_id():
    assert only_body("connectwise", one_entry()) == {
        "company": {"id": 19300},
        "member": {"identifier": "141"},
        "workType": {"id": 11},
        "timeStart": "2026-11-23T12:00:00Z",
        "timeEnd": "2026-11-23T12:35:00Z",
        "actualHours": 0.58,
        "hoursBilled": 0.75,
        "billableOption": "Billable",
        "notes": "Restarted nginx.",
        "internalNotes": "[msp-ops acme-2026-11-1] break-fix.hourly: break/fix at 95.00 EUR/h; run r-1; hosts web1",
        "chargeToId": 7,
        "chargeToType": "ServiceTicket",
        "hourlyRate": 95.0,
    }


def test_connectwise_gets_our_id_in_a_custom_field_and_the_agreement_and_role_where_they_are_known():
    ids = replace(IDS, connectwise=replace(IDS.connectwise, custom_field=12, roles={"senior": "4"}))
    body = only_body("connectwise", one_entry(contract_id="care", role="senior"), ids)
    assert body["customFields"] == [{"id": 12, "value": "acme-2026-11-1"}]
    assert body["agreement"] == {"id": 77}
    assert body["workRole"] == {"id": 4}


def test_connectwise_is_told_what_is_covered_and_what_is_paid_ahead():
    free = {"amount": Decimal(0), "rate": Decimal(0)}
    assert only_body("connectwise", one_entry(billed=timedelta(0), **free))["billableOption"] == "DoNotBill"
    assert only_body("connectwise", one_entry(**free))["billableOption"] == "NoCharge"


def test_autotask_gets_an_entry_of_one_day_in_utc():
    assert only_body("autotask", one_entry(role="senior")) == {
        "ticketID": 7,
        "resourceID": 141,
        "roleID": 6,
        "billingCodeID": 11,
        "dateWorked": "2026-11-23T00:00:00Z",
        "startDateTime": "2026-11-23T12:00:00Z",
        "endDateTime": "2026-11-23T12:35:00Z",
        "hoursWorked": 0.5833,
        "hoursToBill": 0.75,
        "isNonBillable": False,
        "showOnInvoice": True,
        "summaryNotes": "Restarted nginx.",
        "internalNotes": "[msp-ops acme-2026-11-1] break-fix.hourly: break/fix at 95.00 EUR/h; run r-1; hosts web1",
    }


def test_an_entry_over_midnight_utc_is_two_and_the_rounding_lies_at_its_end():
    record = work(start=LATE, length=50 * MINUTE)
    export = TARGETS["autotask"].write([one_entry(record=record, billed=60 * MINUTE, amount=Decimal("95.00"))], IDS)
    first, second = requests(export)
    assert [first["id"], second["id"]] == ["acme-2026-11-1-1", "acme-2026-11-1-2"]
    assert first["body"]["endDateTime"] == second["body"]["startDateTime"] == "2026-11-24T00:00:00Z"
    assert [each["body"]["dateWorked"][:10] for each in (first, second)] == ["2026-11-23", "2026-11-24"]
    assert [each["body"]["hoursWorked"] for each in (first, second)] == [0.5, 0.3333]
    assert [each["body"]["hoursToBill"] for each in (first, second)] == [0.5, 0.5]
    assert [each.amount for each in export.written] == [Decimal("47.50"), Decimal("47.50")]


def test_an_entry_that_ends_at_midnight_stays_one():
    record = work(start=LATE, length=30 * MINUTE)
    assert len(requests(TARGETS["autotask"].write([one_entry(record=record)], IDS))) == 1


def test_two_days_of_work_are_three_pieces_of_at_most_24_hours():
    record = work(start=LATE, length=timedelta(days=1, hours=1))
    export = TARGETS["autotask"].write([one_entry(record=record)], IDS)
    assert [each["body"]["hoursWorked"] for each in requests(export)] == [0.5, 24.0, 0.5]


def test_halopsa_gets_hours_or_minutes_as_its_installation_wants():
    body = only_body("halopsa", one_entry())
    assert (body["timetaken"], body["actionchargehours"], body["actionnonchargehours"]) == (0.5833, 0.75, 0)
    assert body["chargerate"] == 11
    assert body["note"] == "Restarted nginx. [msp-ops acme-2026-11-1]"
    minutes = replace(IDS, halopsa=HaloPsa(hours=HOURS, time_unit="minutes", **NAMED))
    assert only_body("halopsa", one_entry(), minutes)["timetaken"] == 35


def test_halopsa_is_told_that_covered_work_costs_nothing_and_is_hidden():
    body = only_body("halopsa", one_entry(billed=timedelta(0), amount=Decimal(0)))
    assert (body["actionchargehours"], body["chargerate"], body["hiddenfromuser"]) == (0, -1, True)


def test_syncro_gets_whole_minutes_on_the_path_of_the_ticket():
    export = TARGETS["syncro"].write([one_entry()], IDS)
    (request,) = requests(export)
    assert request["request"] == "POST /api/v1/tickets/7/timer_entry"
    assert request["body"] == {
        "user_id": 141,
        "product_id": 11,
        "start_at": "2026-11-23T12:00:00Z",
        "end_at": "2026-11-23T12:45:00Z",
        "duration_minutes": 45,
        "billable": True,
        "notes": "Restarted nginx. [msp-ops acme-2026-11-1]",
    }
    assert export.amount is None
    assert "the amounts stay here" in " ".join(export.remarks)


def test_kimai_gets_local_time_and_the_price_of_the_whole_entry():
    berlin = replace(IDS, kimai=replace(IDS.kimai, timezone="Europe/Berlin"))
    assert only_body("kimai", one_entry(), berlin) == {
        "begin": "2026-11-23T13:00:00",
        "end": "2026-11-23T13:35:00",
        "project": 3,
        "activity": 11,
        "user": 141,
        "description": "Restarted nginx. [msp-ops acme-2026-11-1]",
        "tags": "msp-ops,business,remote",
        "fixedRate": 71.25,
        "billable": True,
        "exported": False,
    }


def test_the_hour_that_is_twice_is_not_sent_to_kimai_as_the_wrong_one():
    berlin = replace(IDS, kimai=replace(IDS.kimai, timezone="Europe/Berlin"))
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert (
        only_body("kimai", one_entry(record=work(start=first, length=10 * MINUTE)), berlin)["begin"][-8:] == "02:30:00"
    )
    entry = one_entry(record=work(start=second, length=10 * MINUTE))
    assert "is twice on that day in Europe/Berlin" in reason("kimai", entry, berlin)
    assert only_body("kimai", entry)["begin"] == "2026-10-25T01:30:00"


def test_invoice_ninja_gets_a_log_of_the_billed_time_in_unix_seconds():
    body = only_body("invoiceninja", one_entry())
    assert body == {
        "client_id": "Wpmbk5ezJn",
        "assigned_user_id": "141",
        "number": "acme-2026-11-1",
        "description": "Restarted nginx.",
        "rate": 95.0,
        "time_log": "[[1795435200, 1795437900]]",
    }


def test_a_share_that_is_a_cent_off_its_rate_gets_the_rate_that_makes_it():
    assert only_body("invoiceninja", one_entry(amount=Decimal("71.26")))["rate"] == pytest.approx(95.0133)


def test_three_times_ten_seconds_are_not_nothing_in_hundredths_of_an_hour():
    lines, records = [], {}
    for number in range(3):
        record = work(number, length=timedelta(seconds=10))
        records[record.id] = record
        lines.append(Line(id=f"l-{number}", charge=charge(record)))
    export = TARGETS["connectwise"].write(entries_of(statement(lines), records, {}), IDS)
    assert [each["body"]["actualHours"] for each in requests(export)] == [0.01, 0.01, 0.01]
    assert [each["body"]["hoursBilled"] for each in requests(export)] == [0.25, 0.25, 0.25]
    assert any("worked: 30 s are 0.0300 h there" in remark for remark in export.remarks)


def test_twenty_times_61_seconds_lose_nothing_in_hundredths():
    lines, records = [], {}
    for number in range(20):
        record = work(number, length=timedelta(seconds=61))
        records[record.id] = record
        lines.append(
            Line(id=f"l-{number:02}", charge=charge(record, billed=timedelta(seconds=61), amount=Decimal("1.61")))
        )
    export = TARGETS["connectwise"].write(entries_of(statement(lines), records, {}), IDS)
    assert export.worked == Decimal("0.3400")  # 1,220 s are 0.3389 h; each rounded by itself they were 0.40


@pytest.mark.parametrize("name", TIME_TARGETS)
def test_fees_are_no_time_and_are_listed_with_what_to_do(name):
    (entry,) = entries_of(statement([FEE]), {}, {})
    assert "it is no time, but a fee" in reason(name, entry)


@pytest.mark.parametrize("name", TIME_TARGETS)
def test_what_takes_back_an_earlier_line_is_done_there_by_hand(name):
    record = work()
    line = Line(id="l-2", charge=charge(record, amount=Decimal("-71.25")), reverses="acme-2026-10-3")
    (entry,) = entries_of(statement([line]), {record.id: record}, {})
    assert "takes back acme-2026-10-3" in reason(name, entry)


@pytest.mark.parametrize("name", ["autotask", "halopsa", "syncro"])
def test_time_without_a_ticket_is_listed_where_time_is_kept_on_tickets(name):
    assert "it has no ticket" in reason(name, one_entry(record=work(ticket=None)))


@pytest.mark.parametrize("name", ["connectwise", "autotask", "halopsa", "syncro"])
def test_a_ticket_that_is_no_number_there_says_which_key_helps(name):
    assert "ticket_prefix" in reason(name, one_entry(record=work(ticket="CW-7")))


@pytest.mark.parametrize("name", [*TIME_TARGETS, "xero"])
def test_without_a_mapping_each_row_says_what_to_add(name):
    ids = replace(IDS, **{name: type(getattr(IDS, name))(ticket_prefix="T-")})
    assert f"exports.yaml under {name}: " in reason(name, one_entry(), ids)


@pytest.mark.parametrize("name", TIME_TARGETS)
def test_work_of_nobody_is_sent_only_where_nobody_has_a_name(name):
    machine = replace(work(person=None), attended=None, machine=work().attended)
    entry = one_entry(record=machine, measured=35 * MINUTE, billed=45 * MINUTE)
    assert only_body(name, entry)
    known = getattr(IDS, name)
    without = replace(IDS, **{name: replace(known, persons={"kim": "141"})})
    assert "nobody: ..." in reason(name, entry, without)


def test_an_id_that_is_no_number_is_told_and_not_sent():
    ids = replace(IDS, connectwise=replace(IDS.connectwise, clients={"acme": "Acme"}))
    assert "'Acme' in exports.yaml under connectwise: clients is no number" in reason("connectwise", one_entry(), ids)


def test_quickbooks_knows_vendors_from_employees():
    ids = replace(IDS, quickbooks=replace(IDS.quickbooks, vendors={"kim": "9"}))
    assert only_body("quickbooks", one_entry())["EmployeeRef"] == {"value": "141"}
    body = only_body("quickbooks", one_entry(), ids)
    assert (body["NameOf"], body["VendorRef"]) == ("Vendor", {"value": "9"})
    assert "EmployeeRef" not in body


def test_a_text_that_quickbooks_does_not_take_whole_keeps_our_id_and_is_told():
    export = TARGETS["quickbooks"].write([one_entry("x" * 10_000)], IDS)
    (request,) = requests(export)
    assert len(request["body"]["Description"]) == 4000
    assert request["body"]["Description"].endswith("... [msp-ops acme-2026-11-1]")
    assert export.remarks == ("texts were cut after 4000 letters: acme-2026-11-1",)


@pytest.mark.parametrize("name", TARGETS)
def test_of_an_open_month_every_row_says_that_it_is_a_draft(name):
    record = work()
    line = Line(id="l-1", charge=charge(record))
    drafts = entries_of(statement([line, FEE], closed_at=None), {record.id: record}, {"r-1": "Restarted nginx."})
    export = TARGETS[name].write(drafts, IDS)
    assert all(each.text.startswith("DRAFT") for each in export.written)
    if name != "xlsx":
        content = export.files[0].content.decode()
        assert content.count("DRAFT") >= len(export.written)


def test_parts_of_a_record_lie_one_behind_the_other_or_where_their_charge_says():
    record = work(length=95 * MINUTE)
    parts = [charge(record, measured=15 * MINUTE), charge(record, measured=80 * MINUTE, hour_class="after-hours")]
    lines = [Line(id=f"l-{number}", charge=part) for number, part in enumerate(parts)]
    first, second = entries_of(statement(lines), {record.id: record}, {})
    assert first.ended_at == second.started_at
    assert second.ended_at == record.attended.ended_at
    later = record.attended.started_at + timedelta(hours=2)
    told = [lines[0], Line(id="l-1", charge=replace(parts[1], started_at=later))]
    assert entries_of(statement(told), {record.id: record}, {})[1].started_at == later


def test_a_target_that_does_not_exist_is_told_with_those_that_do():
    with pytest.raises(PlanError, match="did you mean 'connectwise'"):
        target_named("conectwise")


def test_an_empty_month_is_an_empty_file():
    for name, target in TARGETS.items():
        export = target.write([], ExportMap())
        assert export.files[0].content, name
        assert not export.rejected


def test_what_is_refused_only_once_others_are_gone_is_listed_with_them():
    """Without the first the steps of the second are others, and it may be refused for these."""
    tries = []

    def body(piece):
        tries.append(piece.entry.id)
        if piece.entry.id == "l-1" or (piece.entry.id == "l-2" and tries.count("l-2") > 1):
            raise Refused("no")
        return {"id": piece.entry.id}

    entries = [one_entry(line_id=f"l-{number}") for number in (1, 2, 3)]
    export = export_bodies(entries, Api(target="x", path="/x", steps_an_hour=60, body=body))
    assert [each.entry.id for each in export.rejected] == ["l-1", "l-2"]
    assert [each.id for each in export.written] == ["l-3"]


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "71"), ("KWD", "71.251")])
def test_money_without_hundredths_is_as_exact(currency, amount):
    entry = one_entry(currency=currency, amount=Decimal(amount), rate=Decimal(95))
    body = only_body("invoiceninja", entry)
    made = Decimal(str(body["rate"])) * Decimal("0.75")
    assert round(made, len(amount.partition(".")[2])) == Decimal(amount)
    assert TARGETS["xero"].write([entry], IDS).amount == Decimal(amount)
