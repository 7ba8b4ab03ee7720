"""A request says what the files held that it names; one that was saved before says nothing of them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("requests", sa.Column("files", sa.String(), nullable=True))
