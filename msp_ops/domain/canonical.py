"""One spelling for a value, so that its digest is stable across processes and versions."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from msp_ops.domain.record import is_unsaid


def plain(value: Any) -> Any:  # noqa: ANN401  # any value of the domain
    """The value as JSON types; a record carries its type's name, so two kinds never look alike."""
    match value:
        case Enum():
            return value.name
        case None | bool() | int() | str():
            return value
        case dict():
            return {str(key): plain(part) for key, part in sorted(value.items())}
        case tuple() | list():
            return [plain(part) for part in value]
        case _ if is_dataclass(value):
            return {"type": type(value).__name__, **_fields(value)}
        case _:
            return _plain_moment_or_amount(value)


def _fields(value: Any) -> dict[str, Any]:  # noqa: ANN401  # any record of the domain
    held = {field: getattr(value, field.name) for field in fields(value)}
    return {field.name: plain(part) for field, part in held.items() if not is_unsaid(field, part)}


def _plain_moment_or_amount(value: Any) -> str | int:  # noqa: ANN401  # any value of the domain
    match value:
        case Decimal():
            return str(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value // timedelta(microseconds=1)
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: Any) -> bytes:  # noqa: ANN401  # any value of the domain
    """Sorted keys, no spaces, UTF-8."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(value: Any) -> str:  # noqa: ANN401  # any value of the domain
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
