"""`msp-ops export`, as a clerk types it."""

import json

MONTH = ("export", "acme", "2026-11", "--to")


def test_a_draft_is_written_and_tells_its_sums_and_what_was_rejected(msp_ops, tmp_path):
    done = msp_ops(*MONTH, "connectwise", "--out", str(tmp_path / "out"), "--open")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(tmp_path / "out" / name) for name in ("connectwise.json", "rejected.csv")]
    assert "DRAFT: 2026-11 of acme is open" in done.stderr
    assert "0 rows for connectwise: 0.0000 h billed, 0 EUR" in done.stderr
    assert "1 rows rejected, 450.00 EUR of 450.00" in done.stderr
    assert "it is no time, but a fee" in done.stderr


def test_an_open_month_is_not_permitted_and_nothing_is_written(msp_ops, tmp_path):
    done = msp_ops(*MONTH, "xero", "--out", str(tmp_path / "out"))
    assert done.returncode == 4
    assert "2026-11 of acme is open" in done.stderr
    assert not (tmp_path / "out").exists()


def test_scripts_read_sums_rows_and_files(msp_ops, tmp_path):
    done = msp_ops(
        "export", "month", "acme", "2026-11", "--to", "xero", "--out", str(tmp_path / "x.csv"), "--open", "--json"
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["draft"], said["rejected"]) == (True, [])
    assert said["written_total"] == said["statement_total"] == "450.00"
    assert said["files"] == [str(tmp_path / name) for name in ("x.csv", "x.rejected.csv")]
    assert "Acme Dental" in (tmp_path / "x.csv").read_text(encoding="utf-8")


def test_an_unknown_target_is_a_mistake_of_the_line(msp_ops, tmp_path):
    done = msp_ops(*MONTH, "quickboks", "--out", str(tmp_path), "--open")
    assert done.returncode == 2
    assert "did you mean 'quickbooks'" in done.stderr


def test_the_targets_are_listed(msp_ops):
    assert {each["target"] for each in json.loads(msp_ops("export", "targets", "--json").stdout)} >= {"xero", "kimai"}
