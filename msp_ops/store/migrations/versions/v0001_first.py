"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def upgrade() -> None:
    _evidence()
    _pauses()
    _processes()
    _runs()
    _findings()
    _leases()
    _occurrences()
    _requests()
    _run_hosts()
    _work_records()
    _charges()
    _host_results()
    _intents()
    _resolutions()
    _step_results()
    _measurements()


def _evidence() -> None:
    op.create_table(
        "evidence",
        *_texts("digest"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_evidence"),
    )


def _pauses() -> None:
    op.create_table(
        "pauses",
        *_texts("client_id", "schedule_id"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        *_texts("by", "reason"),
        sa.PrimaryKeyConstraint("client_id", "schedule_id", name="pk_pauses"),
    )


def _processes() -> None:
    op.create_table(
        "processes",
        *_texts("id", "machine"),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("start_ticks", sa.BigInteger(), nullable=False),
        sa.Column("pid_namespace", sa.BigInteger(), nullable=False),
        *_texts("boot_id"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        *_texts("id", "client_id", "runbook_id", "process_id", "plan", "plan_digest", "trigger", "actor"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_runs_process_id"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_client_id_opened_at", "runs", ["client_id", "opened_at"])
    op.create_index("ix_runs_ended_at", "runs", ["ended_at"])
    op.create_index("ix_runs_opened_at", "runs", ["opened_at"])


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        *_texts("client_id", "host_id", "check", "subject", "severity", "message"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        *_texts("opened_by"),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        *_texts("last_seen_by"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["last_seen_by"], ["runs.id"], name="fk_findings_last_seen_by"),
        sa.ForeignKeyConstraint(["opened_by"], ["runs.id"], name="fk_findings_opened_by"),
        sa.PrimaryKeyConstraint("id", name="pk_findings"),
    )
    op.create_index("ix_findings_client_id_closed_at", "findings", ["client_id", "closed_at"])
    op.create_index(
        "uq_findings_open",
        "findings",
        ["client_id", "host_id", "check", "subject"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _leases() -> None:
    op.create_table(
        "leases",
        *_texts("client_id", "host_id"),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_leases_run_id"),
        sa.PrimaryKeyConstraint("client_id", "host_id", name="pk_leases"),
    )


def _occurrences() -> None:
    op.create_table(
        "occurrences",
        *_texts("id", "client_id", "schedule_id"),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest_start_at", sa.DateTime(timezone=True), nullable=False),
        *_texts("state", "reason"),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("process_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_occurrences_process_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_occurrences_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_occurrences"),
    )
    op.create_index("ix_occurrences_client_id_planned_at", "occurrences", ["client_id", "planned_at"])
    op.create_index("ix_occurrences_state_planned_at", "occurrences", ["state", "planned_at"])


def _requests() -> None:
    op.create_table(
        "requests",
        *_texts("id", "client_id", "runbook_id", "hosts", "parameters"),
        sa.Column("ticket", sa.String(), nullable=True),
        *_texts("reason", "actor"),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("process_id", sa.String(), nullable=True),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_requests_process_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_requests_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
    )


def _run_hosts() -> None:
    op.create_table(
        "run_hosts",
        *_texts("run_id", "host_id", "client_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_hosts_run_id"),
        sa.PrimaryKeyConstraint("run_id", "host_id", name="pk_run_hosts"),
    )
    op.create_index("ix_run_hosts_client_id_host_id", "run_hosts", ["client_id", "host_id"])


def _work_records() -> None:
    op.create_table(
        "work_records",
        *_texts("id", "run_id", "client_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("dated_at", sa.DateTime(timezone=True), nullable=False),
        *_texts("record", "previous", "hash"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_work_records_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_work_records"),
        sa.UniqueConstraint("client_id", "position", name="uq_work_records_client_id_position"),
        sa.UniqueConstraint("run_id", name="uq_work_records_run_id"),
    )
    op.create_index("ix_work_records_client_id_dated_at", "work_records", ["client_id", "dated_at"])


def _charges() -> None:
    op.create_table(
        "charges",
        *_texts("record_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.String(), nullable=True),
        *_texts("rule", "reason"),
        sa.Column("measured", sa.BigInteger(), nullable=False),
        sa.Column("billed", sa.BigInteger(), nullable=False),
        *_texts("rate", "amount", "currency"),
        sa.ForeignKeyConstraint(["record_id"], ["work_records.id"], name="fk_charges_record_id"),
        sa.PrimaryKeyConstraint("record_id", "position", name="pk_charges"),
    )


def _host_results() -> None:
    op.create_table(
        "host_results",
        *_texts("run_id", "host_id", "outcome", "reason"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        *_texts("boot_id"),
        sa.Column("elapsed", sa.BigInteger(), nullable=False),
        sa.Column("defect", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id", "host_id"], ["run_hosts.run_id", "run_hosts.host_id"], name="fk_host_results_run_id_host_id"
        ),
        sa.PrimaryKeyConstraint("run_id", "host_id", name="pk_host_results"),
    )


def _intents() -> None:
    op.create_table(
        "intents",
        *_texts("parcel_id", "run_id", "host_id", "step"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("elapsed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "host_id"], ["run_hosts.run_id", "run_hosts.host_id"], name="fk_intents_run_id_host_id"
        ),
        sa.PrimaryKeyConstraint("parcel_id", name="pk_intents"),
    )
    op.create_index("ix_intents_run_id_host_id", "intents", ["run_id", "host_id"])


def _resolutions() -> None:
    op.create_table(
        "resolutions",
        *_texts("run_id", "host_id", "verdict", "by", "reason"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "host_id"], ["run_hosts.run_id", "run_hosts.host_id"], name="fk_resolutions_run_id_host_id"
        ),
        sa.PrimaryKeyConstraint("run_id", "host_id", name="pk_resolutions"),
    )


def _step_results() -> None:
    op.create_table(
        "step_results",
        *_texts("run_id", "host_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        *_texts("name", "outcome", "reason"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        *_texts("boot_id"),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("evidence_digest", sa.String(), nullable=True),
        sa.Column("evidence_cut", sa.Integer(), nullable=True),
        *_texts("checks", "changed", "findings"),
        sa.ForeignKeyConstraint(["evidence_digest"], ["evidence.digest"], name="fk_step_results_evidence_digest"),
        sa.ForeignKeyConstraint(
            ["run_id", "host_id"],
            ["host_results.run_id", "host_results.host_id"],
            name="fk_step_results_run_id_host_id",
        ),
        sa.PrimaryKeyConstraint("run_id", "host_id", "position", name="pk_step_results"),
    )


def _measurements() -> None:
    op.create_table(
        "measurements",
        *_texts("run_id", "host_id"),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_texts("client_id", "name", "value", "unit"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "host_id", "step"],
            ["step_results.run_id", "step_results.host_id", "step_results.position"],
            name="fk_measurements_run_id_host_id_step",
        ),
        sa.PrimaryKeyConstraint("run_id", "host_id", "step", "position", name="pk_measurements"),
    )
    op.create_index("ix_measurements_client_id_host_id_name_at", "measurements", ["client_id", "host_id", "name", "at"])
