"""Column types: the house's values in, the same values out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any, TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override

from msp_ops.domain.outcome import Outcome

MICROSECOND = timedelta(microseconds=1)
NONSENSE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)  # what is no value of ours raises
_Typed = TypeVar("_Typed", bound=TypeDecorator[Any])


class UnreadableError(ValueError):
    """A stored value is none of ours: it was changed on the disk. The database's door tells it in words."""


def _judging(read: Callable[[_Typed, Any, Dialect], Any]) -> Callable[[_Typed, Any, Dialect], Any]:
    """UnreadableError instead of whatever the value raised."""

    @wraps(read)
    def judged(self: _Typed, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401  # as SQLAlchemy hands it on
        try:
            return None if value is None else read(self, value, dialect)
        except NONSENSE as error:
            raise UnreadableError(f"{type(error).__name__}: {error}") from error

    return judged


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; a naive one is a defect and is refused.

    SQLite keeps text. It is written here: SQLAlchemy's own way takes five times as long.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else DateTime(timezone=True))

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"{value} has no zone: the store keeps aware moments only")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None).isoformat(" ", "microseconds") if dialect.name == "sqlite" else moment

    @override
    @_judging
    def process_result_value(self, value: datetime | str, dialect: Dialect) -> datetime:
        if isinstance(value, str):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        return value.astimezone(UTC)


class Span(TypeDecorator[timedelta]):
    """A length of time as whole microseconds."""

    impl = BigInteger
    cache_ok = True

    @override
    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // MICROSECOND

    @override
    @_judging
    def process_result_value(self, value: int, dialect: Dialect) -> timedelta:
        return value * MICROSECOND


class Exact(TypeDecorator[Decimal]):
    """A decimal with every digit it was given: `10.00` stays `10.00`; money and measurements."""

    impl = String
    cache_ok = True

    @override
    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    @override
    @_judging
    def process_result_value(self, value: str, dialect: Dialect) -> Decimal:
        return Decimal(value)


class Words(TypeDecorator[str]):
    """Text that may quote a hostile host, as `visible` shows it. Evidence keeps the bytes."""

    impl = String
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else visible(value)


def visible(text: str) -> str:
    """What no database keeps is made visible."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "\u2400").encode(errors="backslashreplace").decode()


class OutcomeName(TypeDecorator[Outcome]):
    """An outcome by its name, so that its order may change without rewriting rows."""

    impl = String
    cache_ok = True

    @override
    def process_bind_param(self, value: Outcome | None, dialect: Dialect) -> str | None:
        return None if value is None else value.name

    @override
    @_judging
    def process_result_value(self, value: str, dialect: Dialect) -> Outcome:
        return Outcome[value]
