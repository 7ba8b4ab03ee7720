"""From a Document to a value of the domain; pydantic's mistakes become sentences at the place they speak of."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.document import Document, Where
from msp_ops.files.shape import TAG, Shape, shape_of

T = TypeVar("T")
Mistake = Mapping[str, Any]
WANTED = {
    "tuple_type": "a list, each item behind '- '",
    "dict_type": "a mapping of keys and values",
    "dataclass_type": "a mapping of keys and values",
    "not_text": "a single text",
}


def read_typed(document: Document, kind: type[T]) -> T:
    """The value; FileError with all mistakes of the file when it is not one."""
    shape = shape_of(kind)
    plain = document.root.plain()
    try:
        value = shape.read(plain)
    except ValidationError as error:
        for mistake in error.errors(include_url=False, include_input=False):
            _complain(document, shape, mistake)
        _complain_of_missing(document, [_where(one["loc"]) for one in error.errors() if one["type"] == "missing"])
        document.check()
        raise AssertionError("pydantic found a mistake that was not reported") from error
    document.check()
    return value


def _where(loc: Where) -> Where:
    return [step for step in loc if not (isinstance(step, str) and step.startswith(TAG))]


def _complain(document: Document, shape: Shape[T], mistake: Any) -> None:  # noqa: ANN401  # pydantic's ErrorDetails
    where, said = _where(mistake["loc"]), mistake.get("ctx", {})
    key = next((step for step in reversed(where) if isinstance(step, str)), "the file")
    match mistake["type"]:
        case "missing":
            pass
        case "misspelt" if where[-1] == "[key]":  # pydantic's way to speak of a mapping's key
            document.complain_of_key(where[:-1], str(said["words"]))
        case "misspelt":
            document.complain(where, f"{key}: {said['words']}")
        case "not_written":
            document.complain_of_key(where, f"{key} does not stand in this file: {said['words']}")
        case "unexpected_keyword_argument":
            keys = shape.keys(mistake["loc"][:-1])
            document.complain_of_key(
                where, f"unknown key '{key}'; keys here: {', '.join(keys)}{did_you_mean(key, keys)}"
            )
        case "undecided":
            _complain_of_kind(document, where, said["words"], by_key=said["by_key"])
        case "literal_error":
            _complain_of_word(document, where, key, re.findall(r"'([^']*)'", said["expected"]))
        case other:
            document.complain(where, f"{key}: {_found(document, where)} stands here; right is {WANTED[other]}")


def _complain_of_missing(document: Document, places: list[Where]) -> None:
    missing: dict[tuple[str | int, ...], list[str]] = {}
    for place in places:
        missing.setdefault(tuple(place[:-1]), []).append(str(place[-1]))
    for record, keys in missing.items():
        of = next((f" of {step}" for step in reversed(record) if isinstance(step, str)), "")
        document.complain(
            record, f"{' and '.join(keys)}{of} {'are missing; add them' if keys[1:] else 'is missing; add it'}"
        )


def _complain_of_kind(document: Document, where: Where, words: list[str], *, by_key: bool) -> None:
    node = document.nearest(where)
    if not isinstance(node.value, dict):
        document.complain(where, f"{_found(document, where)} stands here; right is {WANTED['dict_type']}")
    elif by_key:
        document.complain(where, f"exactly one of the keys {', '.join(words)} is needed; found: {listed(node.value)}")
    elif "kind" in node.value:
        _complain_of_word(document, [*where, "kind"], "kind", words)
    else:
        document.complain(where, f"kind is missing; add kind: and one of {', '.join(words)}")


def _complain_of_word(document: Document, where: Where, key: str, words: list[str]) -> None:
    if where[-1] == "[key]":  # pydantic's way to speak of a mapping's key
        written = str(where[-2])
        right = f"right is {', '.join(words)}{did_you_mean(written, words)}"
        document.complain_of_key(where[:-1], f"'{written}' is not possible; {right}")
        return
    found, hint = _found(document, where), ""
    if isinstance(said := document.nearest(where).value, str):
        hint = did_you_mean(said, words)
    document.complain(where, f"{key}: {found} is not possible; right is {', '.join(words)}{hint}")


def _found(document: Document, where: Where) -> str:
    match document.nearest(where).value:
        case str() as text:
            return f"'{text}'"
        case list():
            return "a list"
        case dict():
            return "a mapping"
