"""What the store keeps. One writer at a time, so each rule below is also checked before it is broken, in words."""

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from msp_ops.store.columns import Exact, OutcomeName, Span, UtcDateTime, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Words, nullable=optional)


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
    _text("machine"),
    Column("pid", Integer, nullable=False),
    Column("start_ticks", BigInteger, nullable=False),
    Column("pid_namespace", BigInteger, nullable=False),
    _text("boot_id"),
    Column("started_at", UtcDateTime, nullable=False),
    Column("beat", Span, nullable=False),  # the process's own monotonic clock
    Column("beat_at", UtcDateTime, nullable=False),  # the database's clock where there is one
    Column("left_at", UtcDateTime),  # from here on its open runs are anybody's
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    _text("client_id"),
    _text("runbook_id"),
    Column("process_id", String, ForeignKey("processes.id"), nullable=False),
    _text("plan"),
    _text("plan_digest"),
    _text("trigger"),
    _text("actor"),
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
    _text("client_id"),
    Column("position", Integer, nullable=False),
    Index(None, "client_id", "host_id"),
)

intents = Table(
    "intents",
    metadata,
    Column("parcel_id", String, primary_key=True),
    _text("run_id"),
    _text("host_id"),
    Column("position", Integer, nullable=False),  # among those of this host in this run
    _text("step"),
    _text("run_as"),
    Column("timeout", Span, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("elapsed", Span, nullable=False),
    Column("process_id", String),  # whose clock `elapsed` is of: a run may change hands
    _host_of_a_run(),
    Index(None, "run_id", "host_id"),
)

host_results = Table(
    "host_results",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("host_id", String, primary_key=True),
    Column("outcome", OutcomeName, nullable=False),
    _text("reason"),
    *_interval(),
    Column("elapsed", Span, nullable=False),  # the monotonic clock when it was saved: places the interval in the boot
    Column("process_id", String),  # whose clock that is
    _text("defect", optional=True),
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
    _text("name"),
    Column("outcome", OutcomeName, nullable=False),
    _text("reason"),
    *_interval(),
    Column("exit_code", Integer),
    Column("evidence_digest", String, ForeignKey("evidence.digest")),
    Column("evidence_cut", Integer),
    _text("checks"),
    _text("changed"),
    _text("findings"),
    ForeignKeyConstraint(["run_id", "host_id"], ["host_results.run_id", "host_results.host_id"]),
)

measurements = Table(
    "measurements",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("host_id", String, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    _text("client_id"),
    _text("name"),
    Column("value", Exact, nullable=False),
    _text("unit"),
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
    _text("client_id"),
    _text("host_id"),
    _text("check"),
    _text("subject"),
    _text("severity"),
    _text("message"),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("opened_by", String, ForeignKey("runs.id"), nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_by", String, ForeignKey("runs.id"), nullable=False),
    Column("closed_at", UtcDateTime),
    Index(None, "client_id", "closed_at"),
)
Index(
    "uq_findings_open",
    findings.c.client_id,
    findings.c.host_id,
    findings.c.check,
    findings.c.subject,
    unique=True,
    sqlite_where=findings.c.closed_at.is_(None),
    postgresql_where=findings.c.closed_at.is_(None),
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
    _text("by"),
    _text("reason"),
    Column("at", UtcDateTime, nullable=False),
    _host_of_a_run(),
)

stop_orders = Table(
    "stop_orders",
    metadata,
    Column("id", String, primary_key=True),
    Column("run_id", String, ForeignKey("runs.id")),  # empty: every run
    _text("level"),
    _text("by"),
    _text("reason"),
    Column("at", UtcDateTime, nullable=False),
    Column("lifted_at", UtcDateTime),
    _text("lifted_by", optional=True),
    Index(None, "run_id"),
)

work_records = Table(
    "work_records",
    metadata,
    Column("id", String, primary_key=True),
    Column("run_id", String, ForeignKey("runs.id"), nullable=False, unique=True),
    _text("client_id"),
    Column("position", Integer, nullable=False),  # in the client's chain, from 1
    Column("dated_at", UtcDateTime, nullable=False),  # when the work began: the month that it belongs to
    _text("record"),
    _text("previous"),
    _text("hash"),
    UniqueConstraint("client_id", "position"),
    Index(None, "client_id", "dated_at"),
)

charges = Table(
    "charges",
    metadata,
    Column("record_id", String, ForeignKey("work_records.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _text("contract_id", optional=True),
    _text("rule"),
    _text("reason"),
    Column("measured", Span, nullable=False),
    Column("billed", Span, nullable=False),
    Column("rate", Exact, nullable=False),
    Column("amount", Exact, nullable=False),
    _text("currency"),
)

occurrences = Table(
    "occurrences",
    metadata,
    Column("id", String, primary_key=True),
    _text("client_id"),
    _text("schedule_id"),
    Column("planned_at", UtcDateTime, nullable=False),
    Column("latest_start_at", UtcDateTime, nullable=False),
    _text("state"),
    _text("reason"),
    Column("run_id", String, ForeignKey("runs.id")),
    _text("claimed_by", optional=True),
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
    _text("by"),
    _text("reason"),
)

requests = Table(
    "requests",
    metadata,
    Column("id", String, primary_key=True),
    _text("client_id"),
    _text("runbook_id"),
    _text("hosts"),
    _text("parameters"),
    _text("ticket", optional=True),
    _text("reason"),
    _text("actor"),
    Column("saved_at", UtcDateTime, nullable=False),
    Column("claimed_at", UtcDateTime),
    _text("claimed_by", optional=True),
    Column("process_id", String, ForeignKey("processes.id")),
    Column("run_id", String, ForeignKey("runs.id")),
    _text("refusal", optional=True),
)

credential_refusals = Table(
    "credential_refusals",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("credential"),
    _text("who"),
    Column("at", UtcDateTime, nullable=False),
    Column("elapsed", Span, nullable=False),
    _text("boot_id"),
)
