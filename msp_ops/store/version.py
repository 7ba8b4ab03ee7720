"""Which version the tables have, and what to do when it is not ours."""

from collections.abc import Sequence

from sqlalchemy import Connection, inspect, text

from msp_ops.domain.errors import StoreError
from msp_ops.store.database import Database

# Oldest first; a test holds them against the migrations.
VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
_TABLE = "alembic_version"


def build_or_refuse(database: Database) -> None:
    """An empty place gets its tables, once, however many start at the same moment.

    StoreError when it is empty because what it held is gone.
    """
    was_begun = database.was_begun()  # asked first: somebody may begin it while we look
    with database.reading() as connection:
        found = _version(connection, database.name)
    if found is not None:
        refuse_other(database.name, found, VERSIONS)
        return
    _refuse_loss(database.name, was_begun=was_begun)
    with database.writing() as connection:  # who comes second finds nothing left to do
        _migrate(connection)


def upgrade(database: Database) -> None:
    """Every step in one transaction: the old tables or the new ones, never half of each."""
    was_begun = database.was_begun()
    with database.writing() as connection:
        found = _version(connection, database.name)
        if found is None:
            _refuse_loss(database.name, was_begun=was_begun)
        elif found not in VERSIONS:
            refuse_other(database.name, found, VERSIONS)
        _migrate(connection)


def refuse_other(name: str, found: str, known: Sequence[str]) -> None:
    """StoreError unless `found` is the newest of the `known` versions."""
    if found == known[-1]:
        return
    if found in known:
        raise StoreError(
            f"the store {name} has tables of version {found}, this msp-ops needs {known[-1]}: stop every msp-ops, "
            "make a copy of the store, then run `msp-ops store upgrade`"
        )
    raise StoreError(
        f"the store {name} has tables of version {found}, which this msp-ops does not know (its newest is "
        f"{known[-1]}): install the msp-ops that wrote it, or a newer one"
    )


def _refuse_loss(name: str, *, was_begun: bool) -> None:
    if was_begun:
        raise StoreError(f"the store {name} is empty, and it was not: put its last backup there")


def _version(connection: Connection, name: str) -> str | None:
    """None: nothing is there yet. StoreError when the database is somebody else's."""
    tables = inspect(connection).get_table_names()
    if _TABLE in tables and "run_hosts" in tables:
        return str(connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalar_one())  # noqa: S608  # a constant
    if tables:
        raise StoreError(
            f"{name} holds tables that msp-ops did not make ({', '.join(tables[:3])}, …): give it a place of its own"
        )
    return None


def _migrate(connection: Connection) -> None:
    from msp_ops.store.migrations import migrate  # noqa: PLC0415  # alembic is slow to load and rarely needed

    migrate(connection)
