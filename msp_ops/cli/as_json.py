"""Values as scripts like to read them: spans in seconds, moments in ISO 8601, outcomes in words."""

from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from msp_ops.domain.outcome import Outcome


def as_json(value: Any) -> Any:  # noqa: ANN401, C901, PLR0911  # one case a kind of value; splitting hides the list
    """JSON types. Raises TypeError for what has no spelling."""
    match value:
        case Outcome():
            return value.word
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case Decimal() | Path():
            return str(value)
        case timedelta():
            return value.total_seconds()
        case date() | time():
            return value.isoformat()
        case bytes():
            return value.decode(errors="replace")
        case dict():
            return {str(key): as_json(part) for key, part in value.items()}
        case tuple() | list():
            return [as_json(part) for part in value]
        case _ if is_dataclass(value):
            return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
        case _:
            raise TypeError(f"{type(value).__name__} has no spelling in JSON")
