"""The billing clerk's month end, at the keyboard."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CLIENT = """\
name: Acme
timezone: Europe/Berlin
currency: EUR
credentials:
  default: {user: ops, agent: yes}
sites:
  - {id: praxis, name: Praxis, hosts: [{id: web1, address: 127.0.0.1}]}
hours:
  open: [{days: [mon, tue, wed, thu, fri], start: 08:00, end: 17:00}]
contracts:
  - {kind: break-fix, id: repairs, hourly_rate: 95, since: 2026-01-01, rounding: {increment: 1h, scope: ticket}}
"""


@pytest.fixture
def told(tmp_path):
    workspace = tmp_path / "workspace"
    (workspace / "clients").mkdir(parents=True)
    (workspace / "msp.yaml").write_text("name: Northwind IT\ncontact: desk@northwind.example\n")
    (workspace / "clients" / "acme.yaml").write_text(CLIENT)

    def run(*words, ends_with=0):
        argv = [sys.executable, "-m", "msp_ops", *words]
        environment = {**os.environ, "MSP_OPS_WORKSPACE": str(workspace), "NO_COLOR": "1", "COLUMNS": "200"}
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == ends_with, done.stderr
        return done

    return run


def asked(told, *words, ends_with=0):
    return json.loads(told(*words, "--json", ends_with=ends_with).stdout)


def test_from_a_days_work_to_a_closed_month_and_what_corrects_it(told):
    clock = ("--from", "2026-10-05 09:00", "--to", "2026-10-05 09:45")
    told("time", "add", "acme", *clock, "-t", "T-1", "--note", "the printer")
    told("time", "add", "acme", "--on", "2026-10-06", "--for", "45m", "-t", "T-1", "--note", "the printer again")
    (due,) = asked(told, "billing", "close", "2026-10", "--check", ends_with=1)["due"]
    assert due["statement"]["total"] == "190.00", "both entries of the ticket are 1 h 30 min: 2 h"
    (question,) = due["statement"]["questions"]
    assert question["kind"] == "flag"
    refused = told("billing", "close", "2026-10", "--yes", ends_with=1)
    assert "1 open question" in refused.stderr

    told("billing", "decide", question["subject"], "--contract", "repairs", "--because", "it is in the calendar")
    assert "msp-ops ledger key" in told("billing", "close", "2026-10", "--yes", ends_with=3).stderr
    told("ledger", "key")
    told("billing", "close", "2026-10", "--yes")
    closed = asked(told, "billing", "show", "acme", "2026-10")
    assert (closed["total"], closed["closed_at"] is not None) == ("190.00", True)
    told("ledger", "verify")

    line = closed["lines"][0]["id"]
    told("billing", "correct", line, "--because", "agreed price", "--instead", "50")
    assert (
        "is finer than EUR"
        in told("billing", "correct", line, "--because", "so", "--instead", "9.999", ends_with=2).stderr
    )
    assert asked(told, "billing", "show", "acme", "2026-11")["total"] == "-21.25", "50.00 instead of 71.25"


@pytest.mark.parametrize(
    ("words", "ends_with", "says"),
    [
        (("billing", "decide", "w-1", "--because", "so"), 2, "one of --contract ID, --free and --void"),
        (("billing", "decide", "w-1", "--free", "--because", "so"), 2, "no work record w-1"),
        (("billing", "correct", "w-1-1", "--because", "so", "--instead", "ten"), 2, "'ten' is no amount"),
        (("billing", "close", "2026-10", "nobody"), 2, "nobody"),
        (("billing", "close", "2030-01", "--check"), 1, "the month is not over"),
        (("billing", "statement", "nobody", "2026-10"), 2, "nobody"),
    ],
)
def test_what_cannot_be_meant_is_told_in_a_line(told, words, ends_with, says):
    done = told(*words, ends_with=ends_with)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_the_statement_of_an_open_month_is_a_draft(told):
    told("time", "add", "acme", "--on", "2026-10-06", "--for", "45m", "-t", "T-1", "--note", "<b>the printer</b>")
    page = Path(told("billing", "statement", "acme", "2026-10").stdout.strip()).read_text(encoding="utf-8")
    assert "A draft" in page
    assert "T-1: &lt;b&gt;the printer&lt;/b&gt;" in page
    assert "Not settled yet" in page
