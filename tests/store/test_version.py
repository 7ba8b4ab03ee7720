import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from msp_ops.domain.errors import StoreError
from msp_ops.domain.parcel import Parcel
from msp_ops.store import open_store, upgrade_store
from msp_ops.store.migrations import settings
from msp_ops.store.schema_base import metadata
from msp_ops.store.version import VERSIONS, refuse_other
from tests.store.cast import KIM, TICKET, TestClock, charge, parcel, plan, result, sql, unguarded, work
from tests.store.conftest import Opener


def test_the_versions_that_open_knows_are_those_of_the_migrations():
    history = ScriptDirectory.from_config(settings())
    assert [step.revision for step in history.walk_revisions()][::-1] == list(VERSIONS)


def test_the_migrations_make_the_tables_that_the_code_uses(opener: Opener, url: str):
    opener()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_store_that_is_opened_again_keeps_what_it_had(opener: Opener):
    opener().journal.open_run("r1", plan("web1"), TICKET, KIM)
    assert [run.id for run in opener(pid=2).runs.list()] == ["r1"]


def test_an_older_store_is_not_used_before_it_was_upgraded():
    with pytest.raises(
        StoreError, match=r"of version 0001, this msp-ops needs 0002: stop every msp-ops.*store upgrade"
    ):
        refuse_other("store.db", "0001", ("0001", "0002"))


def test_the_store_of_a_newer_msp_ops_is_refused(opener: Opener, url: str):
    opener()
    sql(url, "UPDATE alembic_version SET version_num = '9999'")
    for use in (lambda: open_store(url, TestClock()), lambda: upgrade_store(url)):
        with pytest.raises(
            StoreError, match=r"version 9999, which this msp-ops does not know.*install the msp-ops that wrote"
        ):
            use()


def test_the_database_of_another_program_is_refused_and_left_alone(opener: Opener, url: str):
    opener().close()
    for table in reversed(metadata.sorted_tables):
        sql(url, f"DROP TABLE {table.name}")
    sql(url, "CREATE TABLE flow_run (id INTEGER)")
    with pytest.raises(StoreError, match=r"holds tables that msp-ops did not make .*flow_run.*a place of its own"):
        open_store(url, TestClock())


def test_an_upgrade_of_the_newest_store_changes_nothing(opener: Opener, url: str):
    opener().journal.open_run("r1", plan("web1"), TICKET, KIM)
    upgrade_store(url)
    assert [run.id for run in opener(pid=2).runs.list()] == ["r1"]


OLD_CHARGES = (
    "CREATE TABLE charges (record_id VARCHAR NOT NULL REFERENCES work_records (id), position INTEGER NOT NULL, "
    "contract_id VARCHAR, rule VARCHAR NOT NULL, reason VARCHAR NOT NULL, measured BIGINT NOT NULL, "
    "billed BIGINT NOT NULL, rate VARCHAR NOT NULL, amount VARCHAR NOT NULL, currency VARCHAR NOT NULL, "
    "PRIMARY KEY (record_id, position))"
)


def as_it_was_in_version_5(url: str) -> None:
    """Every record was of a run, nothing was closed, and the database let everything be changed."""
    unguarded(url)
    for table in ("outbox_history", "outbox", "outbox_targets"):
        sql(url, f"DROP TABLE {table}")
    for table in ("timers", "contract_terms", "decisions", "corrections", "closed_months", "ledger_lines", "seals"):
        sql(url, f"DROP TABLE {table}")
    sql(url, "DROP TABLE charges")
    sql(url, OLD_CHARGES)
    sql(url, "UPDATE alembic_version SET version_num = '0005'")


def as_it_was_in_version_2(url: str) -> None:
    """Tokens counted per host, and nobody knew by which right a step was sent."""
    as_it_was_in_version_5(url)
    sql(url, "UPDATE leases SET token = 3 WHERE run_id IS NOT NULL")
    for table in ("store_identity", "stop_orders", "approvals", "questions", "credential_refusals"):
        sql(url, f"DROP TABLE {table}")
    for table, columns in (
        ("processes", ("left_at",)),
        ("intents", ("position", "run_as", "timeout")),
        ("host_results", ("process_id",)),
        ("requests", ("files",)),
    ):
        for column in columns:
            sql(url, f"ALTER TABLE {table} DROP COLUMN {column}")
    sql(url, "UPDATE alembic_version SET version_num = '0002'")


def as_it_was_in_version_1(url: str) -> None:
    as_it_was_in_version_2(url)
    sql(url, "ALTER TABLE requests DROP COLUMN refusal")
    sql(url, """UPDATE runs SET plan = replace(plan, '"activity":"break/fix",', '')""")
    sql(url, "UPDATE work_records SET record = replace(record, 'break/fix', 'patching')")
    sql(url, "UPDATE alembic_version SET version_num = '0001'")


def test_the_runs_of_the_first_version_learn_their_activity(opener: Opener, url: str):
    with opener() as store:
        store.journal.open_run("r1", plan("web1"), TICKET, KIM)
        store.journal.close_run("r1", work("r1"), ())
        store.journal.open_run("r2", plan("web1"), TICKET, KIM)
    as_it_was_in_version_1(url)
    with pytest.raises(StoreError, match="tables of version 0001"):
        opener()
    upgrade_store(url)
    assert {run.id: run.plan.activity for run in opener().runs.list()} == {"r1": "patching", "r2": "break/fix"}


def test_the_intents_of_the_second_version_were_of_root_and_had_an_hour(opener: Opener, url: str, clock, dead):
    with opener() as store:
        store.journal.open_run("r1", plan("web1", "db1"), TICKET, KIM)
        lease = store.journal.take_host("r1", "web1")
        for number in range(11):
            clock.move(timedelta(seconds=1))
            store.journal.intend("r1", "web1", parcel(f"p{number}"), lease)
        store.journal.record("r1", result("db1"))
    as_it_was_in_version_2(url)
    upgrade_store(url)
    dead.add(1)
    survivor = opener(pid=2)
    found = survivor.runs.intents("r1", "web1")
    assert [intent.parcel for intent in found] == [
        Parcel(id=f"p{number}", step="restart", run_as="root", timeout=timedelta(hours=1)) for number in range(11)
    ]
    so_far = survivor.runs.interval_so_far("r1")
    assert so_far is not None
    survivor.journal.prove("r1", result("web1"))
    survivor.journal.open_run("r2", plan("web1"), TICKET, KIM)
    assert survivor.journal.take_host("r2", "web1").token > 3


def test_the_records_and_prices_of_the_fifth_version_are_those_of_today(opener: Opener, url: str):
    with opener() as store:
        for run_id in ("r1", "r2"):
            store.journal.open_run(run_id, plan("web1"), TICKET, KIM)
            store.journal.close_run(run_id, work(run_id), ())
        head = store.work.verify_chain("acme")
    as_it_was_in_version_5(url)
    sql(
        url,
        "INSERT INTO charges VALUES ('work-r1', 0, 'hourly', 'break-fix.hourly', '15 minutes at 120.00 EUR', "
        "300000000, 900000000, '120.00', '30.00', 'EUR')",
    )
    upgrade_store(url)
    with opener() as store:
        assert store.work.list("acme") == [(work("r1"), (charge("work-r1"),)), (work("r2"), ())]
        assert store.work.verify_chain("acme") == head
        by_hand = replace(work("h"), run_id=None, source="hand")
        store.work.add(by_hand, ())
        assert store.work.verify_chain("acme").length == 3
    with pytest.raises(DBAPIError, match="written once"):
        sql(url, "DELETE FROM work_records")


def test_many_first_starts_at_once_make_one_store(url: str):
    program = (
        "import sys; from msp_ops.store import open_store; from tests.store.cast import *\n"
        "sys.stdin.readline(); store = open_store(sys.argv[1], TestClock())\n"
        "store.journal.open_run(sys.argv[2], plan('web1'), TICKET, KIM); print('acknowledged')"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", program, url, f"r{number}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for number in range(4)
    ]
    for start in starts:
        assert start.stdin
        start.stdin.write("go\n")
        start.stdin.flush()
    answers = [start.communicate(timeout=60)[0] for start in starts]
    assert answers == ["acknowledged\n"] * 4
    with open_store(url, TestClock()) as store:
        assert sorted(run.id for run in store.runs.list()) == ["r0", "r1", "r2", "r3"]
