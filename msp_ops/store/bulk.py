"""Many rows of one table. A thousand hosts in a row make this the path whose every microsecond counts."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

from msp_ops.domain.record import record

Bind = Callable[[Any], Any]


@record
class _Prepared:
    """A statement worked out once, and what turns each of its values into the driver's."""

    text: str
    positional: bool
    binds: tuple[tuple[str, Bind | None], ...]

    def of(self, row: Mapping[str, object]) -> tuple[object, ...] | dict[str, object]:
        """The row as the driver takes it."""
        if self.positional:
            return tuple(row[name] if bind is None else bind(row[name]) for name, bind in self.binds)
        return {name: row[name] if bind is None else bind(row[name]) for name, bind in self.binds}


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """All have the same columns. Straight to the driver: SQLAlchemy would work out each row's values anew."""
    if rows:
        prepared = _prepared(table, connection.dialect, tuple(rows[0]))
        connection.exec_driver_sql(prepared.text, [prepared.of(row) for row in rows])


@cache
def _prepared(table: Table, dialect: Dialect, names: tuple[str, ...]) -> _Prepared:
    compiled = insert(table).compile(dialect=dialect, column_keys=names)
    order = compiled.positiontup or names
    binds = tuple((name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in order)
    return _Prepared(text=compiled.string, positional=compiled.positional, binds=binds)
