"""What was done on hosts. One writer at a time, so each rule below is also checked before it is broken, in words."""

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from msp_ops.store.columns import Exact, OutcomeName, Span, UtcDateTime
from msp_ops.store.schema_base import metadata, text_column


def _host_of_a_run() -> ForeignKeyConstraint:
    """Nothing is ever written for a host that the run's plan does not name."""
    return ForeignKeyConstraint(["run_id", "host_id"], ["run_hosts.run_id", "run_hosts.host_id"])


def _interval() -> tuple[Column[datetime], Column[datetime], Column[timedelta], Column[str]]:
    return (
        Column("started_at", UtcDateTime, nullable=False),
        Column("ended_at", UtcDateTime, nullable=False),
        Column("duration", Span, nullable=False),
        Column("boot_id", String, nullable=False),
    )


store_identity = Table(
    "store_identity",
    metadata,
    Column("id", String, primary_key=True),
    Column("token", BigInteger, nullable=False),  # the last one that was given: it only grows
)

processes = Table(
    "processes",
    metadata,
    Column("id", String, primary_key=True),
    text_column("machine"),
    Column("pid", Integer, nullable=False),
    Column("start_ticks", BigInteger, nullable=False),
    Column("pid_namespace", BigInteger, nullable=False),
    text_column("boot_id"),
    Column("started_at", UtcDateTime, nullable=False),
    Column("beat", Span, nullable=False),  # the process's own monotonic clock
    Column("beat_at", UtcDateTime, nullable=False),  # the database's clock where there is one
    Column("left_at", UtcDateTime),  # from here on its open runs are anybody's
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    text_column("client_id"),
    text_column("runbook_id"),
    Column("process_id", String, ForeignKey("processes.id"), nullable=False),
    text_column("plan"),
    text_column("plan_digest"),
    text_column("trigger"),
    text_column("actor"),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index(None, "client_id", "opened_at"),
    Index(None, "opened_at"),
    Index(None, "ended_at"),
)

run_hosts = Table(
    "run_hosts",
    metadata,
    Column("run_id", String, ForeignKey("runs.id"), primary_key=True),
    Column("host_id", String, primary_key=True),
    text_column("client_id"),
    Column("position", Integer, nullable=False),
    Index(None, "client_id", "host_id"),
)

intents = Table(
    "intents",
    metadata,
    Column("parcel_id", String, primary_key=True),
    text_column("run_id"),
    text_column("host_id"),
    Column("position", Integer, nullable=False),  # among those of this host in this run
    text_column("step"),
    text_column("run_as"),
    Column("timeout", Span, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("elapsed", Span, nullable=False),
    _host_of_a_run(),
    Index(None, "run_id", "host_id"),
)

host_results = Table(
    "host_results",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("host_id", String, primary_key=True),
    Column("outcome", OutcomeName, nullable=False),
    text_column("reason"),
    *_interval(),
    Column("elapsed", Span, nullable=False),  # the monotonic clock when it was saved: places the interval in the boot
    Column("process_id", String),  # whose clock that is: another than the run's has proved it
    text_column("defect", optional=True),
    _host_of_a_run(),
)

evidence = Table(
    "evidence",
    metadata,
    Column("digest", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

step_results = Table(
    "step_results",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("host_id", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    text_column("name"),
    Column("outcome", OutcomeName, nullable=False),
    text_column("reason"),
    *_interval(),
    Column("exit_code", Integer),
    Column("evidence_digest", String, ForeignKey("evidence.digest")),
    Column("evidence_cut", Integer),
    text_column("checks"),
    text_column("changed"),
    text_column("findings"),
    ForeignKeyConstraint(["run_id", "host_id"], ["host_results.run_id", "host_results.host_id"]),
)

measurements = Table(
    "measurements",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("host_id", String, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    text_column("client_id"),
    text_column("name"),
    Column("value", Exact, nullable=False),
    text_column("unit"),
    Column("at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["run_id", "host_id", "step"], ["step_results.run_id", "step_results.host_id", "step_results.position"]
    ),
    Index(None, "client_id", "host_id", "name", "at"),
)

findings = Table(
    "findings",
    metadata,
    Column("id", Integer, primary_key=True),
    text_column("client_id"),
    text_column("host_id"),
    text_column("check"),
    text_column("subject"),
    text_column("severity"),
    text_column("message"),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("opened_by", String, ForeignKey("runs.id"), nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_by", String, ForeignKey("runs.id"), nullable=False),
    Column("closed_at", UtcDateTime),
    Index(None, "client_id", "closed_at"),
)
# Of open findings only, as the migration says: a condition here would load the dialects of all databases (20 ms).
Index(
    "uq_findings_open",
    findings.c.client_id,
    findings.c.host_id,
    findings.c.check,
    findings.c.subject,
    unique=True,
)

leases = Table(
    "leases",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("host_id", String, primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("run_id", String, ForeignKey("runs.id")),  # empty: free; the row stays, so that the token only grows
    Column("taken_at", UtcDateTime, nullable=False),
)

resolutions = Table(
    "resolutions",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("host_id", String, primary_key=True),
    Column("verdict", OutcomeName, nullable=False),
    text_column("by"),
    text_column("reason"),
    Column("at", UtcDateTime, nullable=False),
    _host_of_a_run(),
)

stop_orders = Table(
    "stop_orders",
    metadata,
    Column("id", String, primary_key=True),
    Column("run_id", String, ForeignKey("runs.id")),  # empty: every run
    text_column("level"),
    text_column("by"),
    text_column("reason"),
    Column("at", UtcDateTime, nullable=False),
    Column("lifted_at", UtcDateTime),
    text_column("lifted_by", optional=True),
    Index(None, "run_id"),
)

questions = Table(
    "questions",
    metadata,
    Column("run_id", String, ForeignKey("runs.id"), primary_key=True),
    Column("step", String, primary_key=True),
    Column("asked_at", UtcDateTime, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("run_id", String, ForeignKey("runs.id"), primary_key=True),
    Column("step", String, primary_key=True),
    Column("granted", Boolean, nullable=False),
    text_column("by"),
    text_column("reason"),
    Column("at", UtcDateTime, nullable=False),
)

credential_refusals = Table(
    "credential_refusals",
    metadata,
    Column("id", Integer, primary_key=True),
    text_column("credential"),
    text_column("who"),
    Column("at", UtcDateTime, nullable=False),
    Column("elapsed", Span, nullable=False),
    text_column("boot_id"),
)
