"""From the books to files: a closed month, an open one, and what `rejected.csv` says."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from msp_ops.domain.errors import FileError, NotPermitted, PlanError
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.exports import export_month, write_export
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.month_closed import close_months, month_end
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import disk_answer, runbook
from tests.files.cast import write
from tests.journeys.cast import asked, parts_with
from tests.journeys.test_month_end import (  # noqa: F401  # a fixture among the cast of months
    BERLIN,
    CARE,
    COBALT,
    NOVEMBER,
    REPAIRS,
    parts,
    until,
    wrote,
)

IDS = """\
connectwise:
  clients: {acme: 19300}
  persons: {kim: kim.lee}
  hours: {business: 1}
  ticket_prefix: T-
"""


@pytest.fixture
def month(parts):  # noqa: F811
    """A month with a fee, two entries of one ticket and one without an id there, that is not yet closed."""
    both = replace(BERLIN, contracts=(replace(CARE, scope=replace(CARE.scope, activities=("patching",))), REPAIRS))
    parts = replace(parts, workspace=replace(parts.workspace, clients={"acme": both}))
    wrote(parts, "w-a", date(2026, 11, 24), 45)
    wrote(parts, "w-b", date(2026, 11, 24), 10, hour=11, note="=HYPERLINK(1)")
    wrote(parts, "w-c", date(2026, 11, 25), 20, person="ana", ticket="T-2")
    write(parts.workspace.root / "exports.yaml", IDS)
    return parts


def close(parts, clock):  # noqa: F811
    until(clock, month_end(parts, NOVEMBER).due[0].look.opened.until + timedelta(hours=9))
    close_months(parts, month_end(parts, NOVEMBER).due, "kim")


def read(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_a_closed_month_is_written_with_the_rejected_rows_beside_it(month, clock, tmp_path):
    close(month, clock)
    done = export_month(month, "acme", NOVEMBER, "connectwise")
    files = write_export(done, tmp_path / "out")
    assert [path.name for path in files] == ["acme-2026-11-connectwise.json", "acme-2026-11-connectwise-rejected.csv"]
    rejected = read(files[1])
    assert {row["id"]: row["rejected_because"][:20] for row in rejected} == {
        "acme-2026-11-care-1": "it is no time, but a",
        "w-c-1": "'ana' is not known t",
    }
    assert sum(Decimal(row["amount"]) for row in rejected) + done.export.amount == done.statements[0].total


def test_the_same_month_gives_the_same_bytes_long_after(month, clock, tmp_path):
    close(month, clock)
    names = ("csv", "csv-excel", "xlsx", "json", "connectwise", "autotask", "kimai", "quickbooks", "xero")
    first = {name: export_month(month, "acme", NOVEMBER, name).export for name in names}
    clock.pass_time(timedelta(days=400))
    assert {name: export_month(month, "acme", NOVEMBER, name).export for name in names} == first


def test_the_plain_file_has_every_line_and_the_statements_total(month, clock, tmp_path):
    close(month, clock)
    done = export_month(month, "acme", NOVEMBER, "csv")
    (path, _) = write_export(done, tmp_path / "november.csv")
    assert path == tmp_path / "november.csv"
    assert sum(Decimal(row["amount"]) for row in read(path)) == done.statements[0].total
    assert {row["status"] for row in read(path)} == {"closed"}
    assert {row["text"] for row in read(path)} >= {"'=HYPERLINK(1)"}


def test_the_text_of_a_run_is_from_the_books_and_claims_no_success(month, clock, store):
    hosts = BERLIN.sites[0].hosts[:1]
    host = FakeHost(looked=disk_answer("40%"))
    there = parts_with(store, clock, {"a": host}, BERLIN, books=[runbook()], root=month.workspace.root)
    run = to_the_end(run_runbook(there, asked(clock, client=BERLIN, hosts=hosts), Stopping()))
    with_library = export_month(there, "acme", run.opened_at.date(), "csv", drafts=True).export
    gone = replace(there, workspace=replace(there.workspace, library={}))
    assert export_month(gone, "acme", run.opened_at.date(), "csv", drafts=True).export == with_library
    assert f"{run.trigger.reason} ({run.plan.runbook_id} on a)" in " ".join(each.text for each in with_library.written)


def test_an_open_month_is_refused_and_a_draft_calls_itself_one(month):
    with pytest.raises(NotPermitted, match="2026-11 of acme is open"):
        export_month(month, "acme", NOVEMBER, "csv")
    done = export_month(month, "acme", NOVEMBER, "csv", drafts=True)
    assert all(entry.draft and entry.text.startswith("DRAFT") for entry in done.export.written)


def test_all_clients_are_one_export_and_one_open_month_holds_it_up(month, clock, tmp_path):
    two = replace(month.workspace, clients={**month.workspace.clients, "cobalt": COBALT})
    both = replace(month, workspace=two)
    wrote(both, "w-x", date(2026, 11, 26), 30, client="cobalt", ticket="T-9")
    until(clock, month_end(both, NOVEMBER).due[0].look.opened.until + timedelta(hours=9))
    close_months(both, month_end(both, NOVEMBER, ["acme"]).due, "kim")
    with pytest.raises(NotPermitted, match="2026-11 of cobalt is open"):
        export_month(both, "all", NOVEMBER, "csv")
    close_months(both, month_end(both, NOVEMBER, ["cobalt"]).due, "kim")
    done = export_month(both, "all", NOVEMBER, "csv")
    assert {each.client_id for each in done.export.written} == {"acme", "cobalt"}
    assert [each.written for each in done.sums()] == [sum(each.total for each in done.statements)]


def test_of_all_clients_one_whose_file_is_spoilt_is_not_left_out_in_silence(month):
    spoilt = FileError("clients/cobalt.yaml:1:1: no")
    two = replace(month, workspace=replace(month.workspace, mistakes={"client cobalt": spoilt}))
    with pytest.raises(FileError, match="cobalt"):
        export_month(two, "all", NOVEMBER, "csv", drafts=True)


def test_a_client_or_target_that_is_not_there_is_told(month):
    with pytest.raises(PlanError, match="there is no target 'cvs'"):
        export_month(month, "acme", NOVEMBER, "cvs", drafts=True)
    with pytest.raises(PlanError, match="there is no client 'acm'"):
        export_month(month, "acm", NOVEMBER, "csv", drafts=True)


def test_several_files_do_not_go_into_one(month, tmp_path):
    done = export_month(month, "acme", NOVEMBER, "csv", drafts=True)
    twice = replace(done, export=replace(done.export, files=done.export.files * 2))
    with pytest.raises(PlanError, match="there are 2 files"):
        write_export(twice, tmp_path / "one.csv")
    assert not (tmp_path / "one.csv").exists()


def test_a_place_that_cannot_be_written_is_told(month, tmp_path):
    done = export_month(month, "acme", NOVEMBER, "csv", drafts=True)
    write(tmp_path / "file", "")
    with pytest.raises(FileError, match="cannot be made"):
        write_export(done, tmp_path / "file" / "below")
