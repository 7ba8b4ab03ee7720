"""A plan says its activity; a request says why it was refused."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_runs = sa.table("runs", sa.column("id", sa.String), sa.column("plan", sa.String))
_records = sa.table("work_records", sa.column("run_id", sa.String), sa.column("record", sa.String))


def upgrade() -> None:
    op.add_column("requests", sa.Column("refusal", sa.String(), nullable=True))
    _tell_activities()


def _tell_activities() -> None:
    """From the run's work record; a run that has none yet was interrupted, and a fix is the careful guess."""
    connection = op.get_bind()
    joined = _runs.outerjoin(_records, _records.c.run_id == _runs.c.id)
    for row in connection.execute(sa.select(_runs.c.id, _runs.c.plan, _records.c.record).select_from(joined)).all():
        activity = json.loads(row.record)["activity"] if row.record else "break/fix"
        plan = json.dumps(
            {**json.loads(row.plan), "activity": activity}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        connection.execute(sa.update(_runs).where(_runs.c.id == row.id).values(plan=plan))
