"""A person's time and the ledger's seals, as they are typed."""

import json
import re
import shutil
import sqlite3
from contextlib import closing


def add(msp_ops, *more):
    words = ("time", "add", "borealis", "--from", "09:00", "--for", "45m", "--on", "2026-11-03", "-t", "T-7")
    return msp_ops(*words, "--note", "on the phone", *more)


def test_a_timer_from_start_to_record(msp_ops):
    started = msp_ops("time", "start", "borealis", "-t", "T-7", "--hosts", "app1")
    assert (started.returncode, "Next: msp-ops time stop" in started.stderr) == (0, True)
    again = msp_ops("time", "start", "acme", "-t", "T-8")
    assert (again.returncode, "one at a time" in again.stderr) == (4, True)
    assert "restored" in msp_ops("time", "note", "restored it").stderr
    listed = msp_ops("time", "list", "--mine")
    assert re.search(r"borealis +T-7 +0:00 +runs +restored it", listed.stdout)
    stopped = msp_ops("time", "stop", "--json")
    work = json.loads(stopped.stdout)
    assert (work["source"], work["ticket"], work["host_ids"]) == ("timer", "T-7", ["app1"])
    assert msp_ops("time", "stop").returncode == 4
    priced = json.loads(msp_ops("work", "list", "borealis", "--json").stdout)
    assert [entry["record"]["id"] for entry in priced] == [work["id"]]


def test_a_cancelled_timer_is_told_with_its_reason(msp_ops):
    msp_ops("time", "start", "borealis", "-t", "T-7")
    assert "nothing is billed" in msp_ops("time", "cancel", "--why", "wrong client").stderr
    assert "cancelled: wrong client" in msp_ops("time", "list").stdout


def test_an_entry_by_hand(msp_ops):
    work = json.loads(add(msp_ops, "--json").stdout)
    assert (work["source"], work["attended"]["started_at"]) == ("hand", "2026-11-03T14:00:00+00:00")
    wrong = msp_ops(
        "time", "add", "borealis", "--from", "02:30", "--for", "5m", "--on", "2026-03-08", "-t", "T", "--note", "x"
    )
    assert (wrong.returncode, "02:30 does not exist on 2026-03-08" in wrong.stderr) == (2, True)


def test_a_ledger_is_sealed_and_verified_with_the_public_key_alone(msp_ops, sample, tmp_path):
    add(msp_ops)
    unsealed = msp_ops("ledger", "seal")
    assert (unsealed.returncode, "msp-ops ledger key" in unsealed.stderr) == (3, True)
    assert "1 entries are in no seal yet" in msp_ops("ledger", "verify").stderr
    made = msp_ops("ledger", "key")
    assert made.stdout.startswith("-----BEGIN PUBLIC KEY-----")
    key = sample / ".state" / "ledger-key"
    assert (key.stat().st_mode & 0o777, key.with_name("ledger-key.pub").read_text()) == (0o600, made.stdout)
    assert msp_ops("ledger", "key").returncode == 3
    sealed = msp_ops("ledger", "seal")
    assert sealed.stdout.strip() == str(sample / "seals" / "seal-000001.json")
    public = tmp_path / "msp.pub"
    public.write_text(made.stdout)
    key.unlink()
    key.with_name("ledger-key.pub").unlink()
    verified = msp_ops("ledger", "verify", "--public-key", str(public), "--seal", sealed.stdout.strip())
    assert (verified.returncode, "The ledger is as it was written (1 seals" in verified.stderr) == (0, True)
    assert "no public key that was given" in msp_ops("ledger", "verify").stderr


def test_a_changed_entry_is_named_and_nothing_is_sealed_any_more(msp_ops, sample, tmp_path):
    work = json.loads(add(msp_ops, "--json").stdout)
    msp_ops("ledger", "key")
    msp_ops("ledger", "seal")
    copy = tmp_path / "copy.db"
    msp_ops("store", "backup", str(copy))
    shutil.copy(sample / ".state" / "ledger-key.pub", tmp_path / "msp.pub")
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("DROP TRIGGER work_records_no_update")
        connection.execute("UPDATE work_records SET record = replace(record, 'phone', 'clone')")
    told = msp_ops("ledger", "verify", "--store", str(copy), "--public-key", str(tmp_path / "msp.pub"))
    assert told.returncode == 1
    assert f"records/borealis: number 1 (record {work['id']}) is not as it was written" in told.stderr
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db"]
    (fault,) = json.loads(msp_ops("ledger", "verify", "--store", str(copy), "--json").stdout)["faults"]
    assert fault["chain"] == "records/borealis"
    store = {"MSP_OPS_STORE": f"sqlite:///{copy}"}
    refused = msp_ops("ledger", "seal", environment=store)
    assert (refused.returncode, "nothing was sealed: records/borealis" in refused.stderr) == (1, True)


def test_the_seals_of_the_workspace_are_witnesses_too(msp_ops, sample):
    add(msp_ops)
    msp_ops("ledger", "key")
    msp_ops("ledger", "seal")
    with closing(sqlite3.connect(sample / ".state" / "store.db")) as connection, connection:
        connection.execute("DROP TRIGGER seals_no_delete")
        connection.execute("DELETE FROM seals")
    told = msp_ops("ledger", "verify")
    assert (told.returncode, "the store does not hold it" in told.stderr) == (1, True)


def test_files_that_are_no_keys_and_no_seals_are_said(msp_ops, tmp_path):
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("{}")
    for option in ("--public-key", "--seal"):
        for file in (nonsense, tmp_path / "nowhere", tmp_path):
            told = msp_ops("ledger", "verify", option, str(file))
            assert (told.returncode, str(file) in told.stderr, "Traceback" in told.stderr) == (3, True, False)
    assert msp_ops("ledger", "verify", "--store", str(tmp_path / "nowhere")).returncode == 3
    assert not (tmp_path / "nowhere").exists()


def test_a_key_that_others_may_read_is_not_used(msp_ops, sample):
    msp_ops("ledger", "key")
    (sample / ".state" / "ledger-key").chmod(0o640)
    refused = msp_ops("ledger", "seal")
    assert (refused.returncode, "others can seal in your name" in refused.stderr) == (3, True)


def test_the_key_may_lie_elsewhere(msp_ops, tmp_path):
    elsewhere = {"MSP_OPS_LEDGER_KEY": str(tmp_path / "keys" / "ours")}
    assert msp_ops("ledger", "key", environment=elsewhere).returncode == 0
    assert (tmp_path / "keys" / "ours.pub").exists()
    assert msp_ops("ledger", "seal", environment=elsewhere).returncode == 0
