"""`msp-ops export`, as a clerk types it."""

import json

MONTH = ("export", "acme", "2026-11", "--to")


def test_a_draft_is_written_and_tells_its_sums_and_what_was_rejected(msp_ops, tmp_path):
    done = msp_ops(*MONTH, "connectwise", "--out", str(tmp_path / "out"), "--open")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        str(tmp_path / "out" / name)
        for name in ("acme-2026-11-connectwise.json", "acme-2026-11-connectwise-rejected.csv")
    ]
    assert "DRAFT: the month is open" in done.stderr
    assert "0 rows for connectwise, 0.0000 h billed; 1 row rejected." in done.stderr
    assert "EUR 0 of 450.00 written, 450.00 rejected." in done.stderr
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
    assert said["totals"] == [{"currency": "EUR", "stated": "450.00", "written": "450.00"}]
    assert said["files"] == [str(tmp_path / name) for name in ("x.csv", "x-rejected.csv")]
    assert "Acme Dental" in (tmp_path / "x.csv").read_text(encoding="utf-8")


def test_an_unknown_target_is_a_mistake_of_the_line(msp_ops, tmp_path):
    done = msp_ops(*MONTH, "quickboks", "--out", str(tmp_path), "--open")
    assert done.returncode == 2
    assert "did you mean 'quickbooks'" in done.stderr


def test_all_clients_go_into_one_file_with_a_sum_for_each_currency(msp_ops, tmp_path):
    done = msp_ops("export", "all", "2026-11", "--to", "csv", "--out", str(tmp_path), "--open", "--json")
    assert done.returncode == 0, done.stderr
    assert [each["currency"] for each in json.loads(done.stdout)["totals"]] == ["EUR", "USD"]
    assert (tmp_path / "all-2026-11-time-entries.csv").exists()


def test_the_targets_are_listed(msp_ops):
    assert {each["target"] for each in json.loads(msp_ops("export", "targets", "--json").stdout)} >= {"xero", "kimai"}


def test_validate_reads_the_words_of_others_too(msp_ops, sample):
    assert msp_ops("validate").returncode == 0
    path = sample / "exports.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("acme: Acme", "acne: Acme"), encoding="utf-8")
    assert "xero: clients: there is no 'acne' here; did you mean 'acme'?" in msp_ops("validate").stderr
    path.write_text("xero: {dates: today}\n", encoding="utf-8")
    done = msp_ops("validate")
    assert done.returncode == 3
    assert "exports.yaml:1:15: dates: 'today' is not possible" in done.stderr
