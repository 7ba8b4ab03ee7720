"""What is planned and asked for, what was worked, and what it costs."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from msp_ops.store.columns import UtcDateTime
from msp_ops.store.schema_base import metadata, text_column

work_records = Table(
    "work_records",
    metadata,
    Column("id", String, primary_key=True),
    Column("run_id", String, ForeignKey("runs.id"), unique=True),  # none: of a person's timer, or written by hand
    text_column("client_id"),
    Column("position", Integer, nullable=False),  # in the client's chain, from 1
    Column("dated_at", UtcDateTime, nullable=False),  # when the work began: the month that it belongs to
    text_column("record"),
    text_column("previous"),
    text_column("hash"),
    UniqueConstraint("client_id", "position"),
    Index(None, "client_id", "dated_at"),
)


charges = Table(
    "charges",
    metadata,
    Column("record_id", String, ForeignKey("work_records.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    text_column("charge"),
)


occurrences = Table(
    "occurrences",
    metadata,
    Column("id", String, primary_key=True),
    text_column("client_id"),
    text_column("schedule_id"),
    Column("planned_at", UtcDateTime, nullable=False),
    Column("latest_start_at", UtcDateTime, nullable=False),
    text_column("state"),
    text_column("reason"),
    Column("run_id", String, ForeignKey("runs.id")),
    text_column("claimed_by", optional=True),
    Column("claimed_at", UtcDateTime),
    Column("process_id", String, ForeignKey("processes.id")),  # that of the claim
    Index(None, "client_id", "planned_at"),
    Index(None, "state", "planned_at"),
)


pauses = Table(
    "pauses",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("schedule_id", String, primary_key=True),
    Column("until", UtcDateTime),
    text_column("by"),
    text_column("reason"),
)


requests = Table(
    "requests",
    metadata,
    Column("id", String, primary_key=True),
    text_column("client_id"),
    text_column("runbook_id"),
    text_column("hosts"),
    text_column("parameters"),
    text_column("ticket", optional=True),
    text_column("reason"),
    text_column("actor"),
    Column("saved_at", UtcDateTime, nullable=False),
    Column("claimed_at", UtcDateTime),
    text_column("claimed_by", optional=True),
    Column("process_id", String, ForeignKey("processes.id")),
    Column("run_id", String, ForeignKey("runs.id")),
    text_column("refusal", optional=True),
    text_column("files", optional=True),
)
