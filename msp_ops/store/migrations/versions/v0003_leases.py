"""A store has a name, and one row of tokens for all its leases; people stop work; refused logins are counted."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_HOUR = 3_600_000_000  # microseconds: what a step of an older version was given


def upgrade() -> None:
    _store_identity()
    _processes()
    _intents()
    _host_results()
    _stop_orders()
    _credential_refusals()


def _store_identity() -> None:
    made = op.create_table(
        "store_identity",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_store_identity"),
    )
    highest = op.get_bind().execute(sa.text("SELECT coalesce(max(token), 0) FROM leases")).scalar_one()
    op.bulk_insert(made, [{"id": uuid4().hex, "token": highest}])


def _processes() -> None:
    op.add_column("processes", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))


def _intents() -> None:
    op.add_column("intents", sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("intents", sa.Column("run_as", sa.String(), nullable=False, server_default="root"))
    op.add_column("intents", sa.Column("timeout", sa.BigInteger(), nullable=False, server_default=str(_HOUR)))
    op.execute(
        "UPDATE intents SET position = (SELECT count(*) FROM intents AS earlier WHERE earlier.run_id = intents.run_id "
        "AND earlier.host_id = intents.host_id AND (earlier.elapsed < intents.elapsed "
        "OR earlier.elapsed = intents.elapsed AND earlier.parcel_id < intents.parcel_id))"
    )


def _host_results() -> None:
    op.add_column("host_results", sa.Column("process_id", sa.String(), nullable=True))
    op.execute("UPDATE host_results SET process_id = (SELECT process_id FROM runs WHERE runs.id = host_results.run_id)")


def _stop_orders() -> None:
    op.create_table(
        "stop_orders",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_stop_orders_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_stop_orders"),
    )
    op.create_index("ix_stop_orders_run_id", "stop_orders", ["run_id"])


def _credential_refusals() -> None:
    op.create_table(
        "credential_refusals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("elapsed", sa.BigInteger(), nullable=False),
        sa.Column("boot_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_credential_refusals"),
    )
