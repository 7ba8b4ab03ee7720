"""The one way to declare a type of this house."""

from dataclasses import Field, dataclass, field
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")
ADDED = "added"


@dataclass_transform(kw_only_default=True, frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """A frozen, slotted, keyword-only dataclass that refuses unknown fields when it is read from a file."""
    made: Any = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    made.__pydantic_config__ = {"extra": "forbid"}
    return made  # type: ignore[no-any-return]  # a dataclass made of T is a T


def added(default: T) -> T:
    """A field that values of an earlier version lack.

    With its default it is left out of the canonical form: what was digested and stored before the field was there has
    the same digest today.
    """
    made: Any = field(default=default, metadata={ADDED: True})
    return made  # type: ignore[no-any-return]  # what the field holds, as dataclasses.field says it too


def is_unsaid(each: Field[Any], value: object) -> bool:
    """Whether an added field has its default."""
    return ADDED in each.metadata and value == each.default
