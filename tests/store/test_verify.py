# ruff: noqa: S608  # names of our own tables
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.domain.audit import Audit, Fault
from msp_ops.domain.ledger import Seal
from msp_ops.domain.sealing import signed
from msp_ops.secrets.signing import PublicKeys
from msp_ops.store import Store, open_store
from msp_ops.store.chain import LINES, RECORDS, Chain, link
from msp_ops.store.encode import written
from tests.store.books import DECEMBER, KEY, OTHER_KEY, WITNESS, by_hand, small_ledger
from tests.store.cast import KIM, TICKET, TestClock, plan, sql, unguarded, work
from tests.store.conftest import Opener, sqlite_only

GUARDED = ("work_records", "contract_terms", "decisions", "ledger_lines", "corrections", "closed_months", "seals")


def faults(store: Store, *sent: Seal) -> list[Fault]:
    return list(store.verify(WITNESS, sent).faults)


def named(audit: Audit) -> str:
    return "\n".join(f"{fault.chain}: {fault.entry} {fault.says}" for fault in audit.faults)


def test_an_untouched_ledger_is_sound(store: Store):
    seals = small_ledger(store)
    audit = store.verify(WITNESS, seals)
    assert audit.faults == ()
    assert [each.chain for each in audit.chains] == [
        "corrections/acme",
        "decisions/acme",
        "lines/acme",
        "months/acme",
        "records/acme",
        "records/borealis",
    ]
    assert (audit.seals, audit.sealed_at, audit.unsealed) == (2, seals[-1].at, 0)


def test_what_came_after_the_last_seal_is_counted(store: Store):
    small_ledger(store)
    store.work.add(by_hand("a5", DECEMBER), ())
    assert store.verify(WITNESS).unsealed == 1


def test_an_empty_ledger_is_sound(store: Store):
    assert store.verify(PublicKeys([])) == Audit(chains=(), seals=0, sealed_at=None, faults=())


class Copy:
    """The file of a store in which anything may be changed: no trigger, no key, no rule."""

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}"
        unguarded(self.url)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self.do("PRAGMA synchronous=OFF")
        for table in GUARDED:
            self.do(f"CREATE TABLE bare AS SELECT * FROM {table} ORDER BY rowid")
            self.do(f"DROP TABLE {table}")
            self.do(f"ALTER TABLE bare RENAME TO {table}")

    def do(self, statement: str, *values: object) -> list[dict[str, object]]:
        return [dict(row) for row in self._connection.execute(statement, values)]

    def rows(self, table: str) -> list[dict[str, object]]:
        return self.do(f"SELECT rowid, * FROM {table} ORDER BY rowid")

    def put(self, table: str, rowid: object, column: str, value: object) -> None:
        given = "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"
        self.do(f"UPDATE {table} SET {column} = {given} WHERE rowid = ?", value, rowid)

    def relink(self, chain: Chain, client_id: str) -> None:
        """What somebody does who knows how the hashes are made: all of them anew."""
        columns = f"SELECT rowid, {chain.text} AS text FROM {chain.table.name} WHERE client_id = ? ORDER BY position"
        head = chain.start(client_id).hash
        for number, row in enumerate(self.do(columns, client_id), start=1):
            linked = link(str(row["text"]), head)
            for column, value in (("position", number), ("previous", head), ("hash", linked)):
                self.put(chain.table.name, row["rowid"], column, value)
            head = linked

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def copy(opener: Opener, tmp_path: Path) -> Iterator[Copy]:
    store = opener()
    small_ledger(store)
    store.copy(tmp_path / "copy.db")
    made = Copy(tmp_path / "copy.db")
    yield made
    made.close()


@pytest.fixture
def copied(copy: Copy) -> Iterator[Store]:
    """The store of the copy, open."""
    with open_store(copy.url, TestClock()) as store:
        yield store


def flips(value: object, number: int) -> list[object]:
    """The value with one bit of each of its bytes flipped, once; every eighth byte loses its highest bit."""
    if isinstance(value, int):
        return [value ^ 1, value ^ 1 << 40]
    if not isinstance(value, str):
        return []
    body = value.encode()
    found: list[object] = []
    for at in range(len(body)):
        bit = (at + number) % 8
        found.append(body[:at] + bytes([body[at] ^ 1 << bit]) + body[at + 1 :])
    return found


def who(table: str, row: dict[str, object]) -> set[str]:
    """How a fault may name the row: by its name, or by its number where that is what was changed."""
    if table == "contract_terms":
        return {str(row["digest"]), "terms "}
    if table == "seals":
        return {f"seal {row['number']}"}
    return {f"number {row['position']} "}


@sqlite_only
@pytest.mark.parametrize("table", GUARDED)
def test_every_byte_of_every_row_flipped_once_is_found_and_named(copy: Copy, copied: Store, table: str):
    for number, row in enumerate(copy.rows(table)):
        for column, value in list(row.items())[1:]:
            for flipped in flips(value, number):
                copy.put(table, row["rowid"], column, flipped)
                said = named(copied.verify(WITNESS))
                assert any(name in said for name in who(table, row)), (column, value, flipped, said)
            copy.put(table, row["rowid"], column, value)
    assert faults(copied) == []


def one(found: list[Fault]) -> str:
    """The only fault, in words."""
    (fault,) = found
    return f"{fault.chain}: {fault.entry} {fault.says}"


@sqlite_only
def test_a_row_that_was_taken_out_of_the_middle_is_missed_where_it_was(copy: Copy, copied: Store):
    copy.do("DELETE FROM work_records WHERE id = 'a2'")
    assert one(faults(copied)).startswith("records/acme: number 2 (record a3) is not in its place")


@sqlite_only
def test_rows_that_changed_places_are_found(copy: Copy, copied: Store):
    copy.do("UPDATE ledger_lines SET position = 5 - position WHERE client_id = 'acme' AND position IN (2, 3)")
    assert "lines/acme: number 2 (line " in one(faults(copied))


@sqlite_only
@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("work_records", "records/acme: number 4 is missing, and all after it: seal 2 of 2026-11-23 12:00Z says"),
        ("ledger_lines", "lines/acme: number 5 is missing, and all after it: the close of 2026-11 says"),
        ("closed_months", "months/acme: number 2 is missing, and all after it: seal 2"),
        ("corrections", "corrections/acme: number 1 is missing, and all after it: seal 2"),
    ],
)
def test_a_tail_that_was_cut_off_is_found_by_the_seal(copy: Copy, copied: Store, table: str, says: str):
    copy.do(
        f"DELETE FROM {table} WHERE rowid = (SELECT rowid FROM {table} WHERE client_id = 'acme' ORDER BY position DESC)"
    )
    assert says in named(copied.verify(WITNESS))


@sqlite_only
def test_a_chain_whose_hashes_were_all_made_anew_is_found_by_the_first_seal_that_saw_it(copy: Copy, copied: Store):
    copy.do("UPDATE work_records SET record = replace(record, '\"T-7\"', '\"T-8\"') WHERE id = 'a3'")
    copy.relink(RECORDS, "acme")
    said = named(copied.verify(WITNESS))
    assert "records/acme: number 3 (record a3) is not what seal 1" in said


@sqlite_only
def test_a_forger_who_remakes_lines_and_closes_is_found_by_the_seals(copy: Copy, copied: Store):
    """Of a month that was sealed since: October's line becomes dearer, its close and all hashes fit again."""
    copy.do(
        "UPDATE ledger_lines SET entry = replace(entry, '90.00', '99.00') WHERE client_id = 'acme' AND position = 1"
    )
    copy.relink(LINES, "acme")
    said = named(copied.verify(WITNESS))
    assert "lines/acme: number 2 (line 2026-10.a2 of 2026-10) is not what seal 1" in said


@sqlite_only
def test_what_no_seal_saw_can_be_rewritten_and_that_is_said(copy: Copy, copied: Store):
    """What this cannot do: docs/ledger.md says so too."""
    copied.work.add(by_hand("a5", DECEMBER), ())
    copy.do("UPDATE work_records SET record = replace(record, '\"T-7\"', '\"T-8\"') WHERE id = 'a5'")
    copy.relink(RECORDS, "acme")
    audit = copied.verify(WITNESS)
    assert (audit.faults, audit.unsealed) == ((), 1)


@sqlite_only
def test_a_seal_that_another_key_signed_is_none(copy: Copy, copied: Store):
    last = copied.seals.list()[-1]
    forged = signed(replace(last, key_id=KEY.key_id), OTHER_KEY)
    copy.do("UPDATE seals SET entry = ? WHERE number = 2", written(forged))
    assert one(faults(copied)) == "seals: seal 2 has a signature that is wrong: it was changed"
    copy.do(
        "UPDATE seals SET entry = ? WHERE number = 2",
        written(signed(replace(last, key_id=OTHER_KEY.key_id), OTHER_KEY)),
    )
    assert "which is no public key that was given" in one(faults(copied))


@sqlite_only
def test_a_seal_that_was_taken_out_is_missed(copy: Copy, copied: Store):
    copy.do("DELETE FROM seals WHERE number = 1")
    assert "calls itself 2: seals before it are missing" in one(faults(copied))


@sqlite_only
def test_a_store_that_was_put_back_is_found_by_the_seal_that_was_kept_elsewhere(copy: Copy, copied: Store):
    sent = copied.seals.list()
    copy.do("DELETE FROM seals WHERE number = 2")
    for table in ("work_records", "ledger_lines", "closed_months", "corrections"):
        copy.do(f"DELETE FROM {table} WHERE rowid > (SELECT min(rowid) + 1 FROM {table})")
    assert "does not hold it: it was put back or cut off" in named(copied.verify(WITNESS, sent))
    assert "records/acme: number 3 is missing" in named(copied.verify(WITNESS, sent))


@sqlite_only
def test_a_seal_in_the_store_must_be_the_one_that_was_sent_out(copy: Copy, copied: Store):
    (_, last) = copied.seals.list()
    other = signed(replace(last, at=last.at + timedelta(days=1)), KEY)
    copy.do("UPDATE seals SET entry = ? WHERE number = 2", written(other))
    assert faults(copied) == []
    assert "was sent out, and the store holds another one" in one(faults(copied, last))


def test_a_seal_file_that_was_changed_is_no_witness(store: Store):
    (_, last) = small_ledger(store)
    changed = replace(last, heads={**last.heads, "records/acme": "9 " + "0" * 64})
    assert one(faults(store, changed)).startswith("seal files: seal 2 of 2026-11-23 has a signature that is wrong")


@sqlite_only
def test_a_closed_month_and_its_lines_say_the_same(copy: Copy, copied: Store):
    """Found without any seal."""
    copy.do("DELETE FROM seals")
    copy.do("UPDATE ledger_lines SET entry = replace(entry, '45.00', '54.00') WHERE id = 'instead'")
    copy.relink(LINES, "acme")
    assert "is not what the close of 2026-11 says" in one(faults(copied))


@sqlite_only
def test_lines_without_the_close_of_their_month_are_found(copy: Copy, copied: Store):
    copy.do("DELETE FROM seals")
    copy.do("DELETE FROM closed_months WHERE month = '2026-11-01'")
    assert one(faults(copied)) == "months/acme: the close of 2026-11 has lines, and its close is missing"


@sqlite_only
def test_terms_that_are_gone_are_missed_by_their_lines(copy: Copy, copied: Store):
    copy.do("DELETE FROM contract_terms")
    assert "are missing; they priced line" in one(faults(copied))


def test_a_closed_run_without_its_record_is_found_without_any_seal(store: Store, url: str):
    store.journal.open_run("r1", plan("web1"), TICKET, KIM)
    store.journal.close_run("r1", work("r1"), ())
    store.work.add(by_hand("a1", DECEMBER), ())
    assert faults(store) == []
    unguarded(url)
    sql(url, "UPDATE runs SET client_id = 'acme' WHERE id = 'r1'")
    sql(url, "DELETE FROM work_records WHERE id = 'a1'")
    assert faults(store) == []
    sql(url, "DELETE FROM work_records")
    assert one(faults(store)) == "records/acme: the last ones 1 runs of acme are closed, and 0 have a record"
