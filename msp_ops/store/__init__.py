"""The store: SQLite by default, PostgreSQL by URL. SQLAlchemy is used here and nowhere else."""

from msp_ops.store.store import Store, open_store, upgrade_store

__all__ = ["Store", "open_store", "upgrade_store"]
