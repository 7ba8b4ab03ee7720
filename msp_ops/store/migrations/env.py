"""What alembic runs: our connection, our transaction."""

from alembic import context

from msp_ops.store.schema_base import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
