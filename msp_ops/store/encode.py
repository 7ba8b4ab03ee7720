"""The way back from `msp_ops.domain.canonical`: stored text becomes the value that was written."""

import json
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from msp_ops.domain.canonical import canonical
from msp_ops.store.columns import MICROSECOND, NONSENSE, UnreadableError

_SCALARS: dict[object, Callable[[Any], object]] = {
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    timedelta: lambda microseconds: microseconds * MICROSECOND,
}


def written(value: object) -> str:
    """The canonical form as text."""
    return canonical(value).decode()


def rebuild(kind: Any, text: str) -> Any:  # noqa: ANN401  # any type of the domain, also a union
    """The value of type `kind` that `written` turned into `text`. UnreadableError: it is none of ours any more."""
    try:
        return _built(kind, json.loads(text))
    except NONSENSE as error:
        raise UnreadableError(f"{type(error).__name__}: {error}") from error


def _built(kind: Any, value: Any) -> Any:  # noqa: ANN401  # any type of the domain
    arguments = get_args(kind)
    origin = get_origin(kind)
    if value is None or origin is Literal:
        return value
    if origin is tuple:
        return tuple(_built(arguments[0], part) for part in value)
    if origin is dict:
        return {name: _built(arguments[1], part) for name, part in value.items()}
    if arguments:
        return _built(_meant(arguments, value), value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _built(hints[name], part) for name, part in value.items() if name != "type"})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind[value]
    return _SCALARS.get(kind, _as_it_is)(value)


def _meant(kinds: tuple[Any, ...], value: Any) -> Any:  # noqa: ANN401  # one of the union's types
    """A record says which of the union it is; of a union with None there is only one other."""
    named = [kind for kind in kinds if isinstance(value, dict) and kind.__name__ == value.get("type")]
    return named[0] if named else next(kind for kind in kinds if kind is not type(None))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _as_it_is(value: object) -> object:
    return value
