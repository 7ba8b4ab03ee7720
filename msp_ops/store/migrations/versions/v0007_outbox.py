"""What waits to leave the house: messages, what was tried, and which targets are left alone for a while."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _moments(*names: str) -> list[sa.Column[datetime]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "outbox",
        *_texts("id", "kind", "target"),
        sa.Column("client_id", sa.String(), nullable=True),
        *_texts("about", "body"),
        sa.Column("busy_for", sa.BigInteger(), nullable=False),
        *_texts("state"),
        *_moments("queued_at", "since_at", "next_at"),
        sa.Column("process_id", sa.String(), nullable=True),
        sa.Column("there", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_outbox_process_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_state_next_at", "outbox", ["state", "next_at"])
    op.create_table(
        "outbox_history",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *_moments("at"),
        *_texts("what", "by", "said"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["outbox.id"], name="fk_outbox_history_message_id"),
        sa.PrimaryKeyConstraint("message_id", "number", name="pk_outbox_history"),
    )
    op.create_table(
        "outbox_targets",
        *_texts("kind", "target"),
        sa.Column("failures", sa.Integer(), nullable=False),
        *_moments("rests_until"),
        sa.PrimaryKeyConstraint("kind", "target", name="pk_outbox_targets"),
    )
