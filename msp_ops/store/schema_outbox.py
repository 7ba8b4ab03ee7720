"""What waits to leave the house, what was tried, and which targets are left alone for a while."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from msp_ops.store.columns import Span, UtcDateTime
from msp_ops.store.schema_base import metadata, text_column

outbox = Table(
    "outbox",
    metadata,
    Column("id", String, primary_key=True),
    text_column("kind"),
    text_column("target"),
    text_column("client_id", optional=True),
    text_column("about"),
    text_column("body"),
    Column("busy_for", Span, nullable=False),
    text_column("state"),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("since_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("process_id", String, ForeignKey("processes.id")),  # that of the try that goes on
    text_column("there", optional=True),
    Index(None, "state", "next_at"),
)

outbox_history = Table(
    "outbox_history",
    metadata,
    Column("message_id", String, ForeignKey("outbox.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    text_column("what"),
    text_column("by"),
    text_column("said"),
    Column("ended_at", UtcDateTime),
)

outbox_targets = Table(
    "outbox_targets",
    metadata,
    Column("kind", String, primary_key=True),
    Column("target", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("rests_until", UtcDateTime, nullable=False),
)
