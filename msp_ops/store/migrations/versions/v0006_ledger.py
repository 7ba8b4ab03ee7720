"""Timers, the books of closed months, seals; what is written once is written once for the database too."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_APPEND_ONLY = {  # and by what a row is known: SQLite's INSERT OR REPLACE deletes without asking a trigger
    "work_records": ("id = NEW.id", "run_id = NEW.run_id", "client_id = NEW.client_id AND position = NEW.position"),
    "contract_terms": ("digest = NEW.digest",),
    "decisions": ("client_id = NEW.client_id AND position = NEW.position",),
    "ledger_lines": (
        "id = NEW.id",
        "reverses = NEW.reverses",
        "client_id = NEW.client_id AND position = NEW.position",
    ),
    "corrections": ("client_id = NEW.client_id AND position = NEW.position",),
    "closed_months": (
        "client_id = NEW.client_id AND month = NEW.month",
        "client_id = NEW.client_id AND position = NEW.position",
    ),
    "seals": ("number = NEW.number",),
}


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def upgrade() -> None:
    _records_without_a_run()
    _timers()
    _contract_terms()
    _decisions()
    _ledger_lines()
    _corrections()
    _closed_months()
    _seals()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _records_without_a_run() -> None:
    """SQLite makes the table anew, and no charge may point at it meanwhile; charges become one text each."""
    connection = op.get_bind()
    old = connection.execute(sa.text("SELECT * FROM charges ORDER BY record_id, position")).mappings().all()
    op.drop_table("charges")
    with op.batch_alter_table("work_records") as table:
        table.alter_column("run_id", existing_type=sa.String(), nullable=True)
    charges = op.create_table(
        "charges",
        *_texts("record_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        *_texts("charge"),
        sa.ForeignKeyConstraint(["record_id"], ["work_records.id"], name="fk_charges_record_id"),
        sa.PrimaryKeyConstraint("record_id", "position", name="pk_charges"),
    )
    op.bulk_insert(
        charges, [{"record_id": row["record_id"], "position": row["position"], "charge": _said(row)} for row in old]
    )


def _said(row: sa.RowMapping) -> str:
    names = ("contract_id", "rule", "reason", "measured", "billed", "rate", "amount", "currency")
    said = {"type": "Charge", "record_id": row["record_id"], **{name: row[name] for name in names}}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _timers() -> None:
    op.create_table(
        "timers",
        *_texts("id", "person", "client_id", "activity", "host_ids"),
        sa.Column("ticket", sa.String(), nullable=True),
        *_texts("place", "note"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        *_texts("boot_id"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled", sa.String(), nullable=True),
        sa.Column("record_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["work_records.id"], name="fk_timers_record_id"),
        sa.PrimaryKeyConstraint("id", name="pk_timers"),
    )
    op.create_index("ix_timers_started_at", "timers", ["started_at"])
    running = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_timers_running", "timers", ["person"], unique=True, sqlite_where=running, postgresql_where=running
    )


def _contract_terms() -> None:
    op.create_table(
        "contract_terms", *_texts("digest", "terms"), sa.PrimaryKeyConstraint("digest", name="pk_contract_terms")
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        *_texts("client_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        *_texts("record_id", "entry", "previous", "hash"),
        sa.ForeignKeyConstraint(["record_id"], ["work_records.id"], name="fk_decisions_record_id"),
        sa.PrimaryKeyConstraint("client_id", "position", name="pk_decisions"),
    )
    op.create_index("ix_decisions_record_id", "decisions", ["record_id"])


def _ledger_lines() -> None:
    op.create_table(
        "ledger_lines",
        *_texts("id", "client_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("reverses", sa.String(), nullable=True),
        *_texts("entry", "previous", "hash"),
        sa.ForeignKeyConstraint(["reverses"], ["ledger_lines.id"], name="fk_ledger_lines_reverses"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_lines"),
        sa.UniqueConstraint("client_id", "position", name="uq_ledger_lines_client_id_position"),
        sa.UniqueConstraint("reverses", name="uq_ledger_lines_reverses"),
    )
    op.create_index("ix_ledger_lines_client_id_month", "ledger_lines", ["client_id", "month"])


def _corrections() -> None:
    op.create_table(
        "corrections",
        *_texts("client_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        *_texts("line_id", "entry", "previous", "hash"),
        sa.ForeignKeyConstraint(["line_id"], ["ledger_lines.id"], name="fk_corrections_line_id"),
        sa.PrimaryKeyConstraint("client_id", "position", name="pk_corrections"),
    )


def _closed_months() -> None:
    op.create_table(
        "closed_months",
        *_texts("client_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        *_texts("entry", "previous", "hash"),
        sa.PrimaryKeyConstraint("client_id", "position", name="pk_closed_months"),
        sa.UniqueConstraint("client_id", "month", name="uq_closed_months_client_id_month"),
    )


def _seals() -> None:
    op.create_table(
        "seals",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        *_texts("entry"),
        sa.PrimaryKeyConstraint("number", name="pk_seals"),
    )


def _guard_sqlite() -> None:
    for table, known in _APPEND_ONLY.items():
        refuse = f"SELECT RAISE(ABORT, '{table} is written once: nothing in it is changed or deleted')"
        for act in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} BEGIN {refuse}; END")
        there = " OR ".join(f"({rule})" for rule in known)
        is_there = f"EXISTS (SELECT 1 FROM {table} WHERE {there})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {is_there} BEGIN {refuse}; END")
    refuse = "SELECT RAISE(ABORT, 'a timer that has ended is not changed, and none is deleted')"
    op.execute(f"CREATE TRIGGER timers_no_delete BEFORE DELETE ON timers BEGIN {refuse}; END")
    op.execute(
        f"CREATE TRIGGER timers_no_update BEFORE UPDATE ON timers WHEN OLD.ended_at IS NOT NULL BEGIN {refuse}; END"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION msp_ops_written_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% is written once: nothing in it is changed or deleted', TG_TABLE_NAME; END $$"
    )
    refuse = "EXECUTE FUNCTION msp_ops_written_once()"
    for table in _APPEND_ONLY:
        op.execute(f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}")
    op.execute(f"CREATE TRIGGER timers_no_delete BEFORE DELETE ON timers FOR EACH ROW {refuse}")
    op.execute(f"CREATE TRIGGER timers_no_truncate BEFORE TRUNCATE ON timers FOR EACH STATEMENT {refuse}")
    op.execute(
        f"CREATE TRIGGER timers_no_update BEFORE UPDATE ON timers FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) {refuse}"
    )
