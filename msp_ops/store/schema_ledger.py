"""What nobody changes any more, and persons' timers. The database itself refuses: see migration 0006."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from msp_ops.store.columns import Span, UtcDateTime
from msp_ops.store.schema_base import metadata, text_column

timers = Table(
    "timers",
    metadata,
    Column("id", String, primary_key=True),
    text_column("person"),
    text_column("client_id"),
    text_column("activity"),
    text_column("host_ids"),
    text_column("ticket", optional=True),
    text_column("place"),
    text_column("note"),
    Column("started_at", UtcDateTime, nullable=False),
    Column("started", Span, nullable=False),  # the monotonic clock of that boot
    text_column("boot_id"),
    Column("ended_at", UtcDateTime),
    text_column("cancelled", optional=True),  # why no work record came of it
    Column("record_id", String, ForeignKey("work_records.id")),
    Index(None, "started_at"),
)

# Of running timers only, as the migration says: a condition here would load the dialects of all databases (20 ms).
Index("uq_timers_running", timers.c.person, unique=True)

contract_terms = Table(
    "contract_terms",
    metadata,
    Column("digest", String, primary_key=True),
    text_column("terms"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("record_id", String, ForeignKey("work_records.id"), nullable=False),
    text_column("entry"),
    text_column("previous"),
    text_column("hash"),
    Index(None, "record_id"),
)

ledger_lines = Table(
    "ledger_lines",
    metadata,
    Column("id", String, primary_key=True),
    text_column("client_id"),
    Column("position", Integer, nullable=False),
    Column("month", Date, nullable=False),
    Column("reverses", String, ForeignKey("ledger_lines.id"), unique=True),
    text_column("entry"),
    text_column("previous"),
    text_column("hash"),
    UniqueConstraint("client_id", "position"),
    Index(None, "client_id", "month"),
)

corrections = Table(
    "corrections",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("line_id", String, ForeignKey("ledger_lines.id"), nullable=False),  # the last word counts
    text_column("entry"),
    text_column("previous"),
    text_column("hash"),
)

closed_months = Table(
    "closed_months",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("month", Date, nullable=False),
    text_column("entry"),
    text_column("previous"),
    text_column("hash"),
    UniqueConstraint("client_id", "month"),
)

seals = Table(
    "seals",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    text_column("entry"),
)
