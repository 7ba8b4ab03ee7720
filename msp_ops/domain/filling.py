"""Parameters in the arguments of a module: `{{ name }}` is a place for a value, and nothing is a template."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

PLACE = re.compile(r"\{\{ *([A-Za-z_][A-Za-z0-9_-]*) *\}\}")
Inside = tuple[str | int, ...]
_BRACES = re.compile(r"\{[{%#]")


def filled(argument: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401  # text, or lists and mappings of it
    """The same with values in their places, each looked at once: what a value says is never a place.

    `values` by the name that a script would read (`lock_wait`); a place without one stays as it is written.
    """
    match argument:
        case str():
            return PLACE.sub(lambda place: values.get(_variable(place[1]), place[0]), argument)
        case list():
            return [filled(each, values) for each in argument]
        case dict():
            return {name: filled(each, values) for name, each in argument.items()}
        case _:
            return argument


def places(argument: Any, where: Inside = ()) -> Iterator[tuple[Inside, str | None]]:  # noqa: ANN401  # the same
    """Every place and the variable it wants; None stands for braces that are no place."""
    match argument:
        case str():
            yield from ((where, _variable(place[1])) for place in PLACE.finditer(argument))
            if _BRACES.search(PLACE.sub("", argument)):
                yield where, None
        case list():
            for number, each in enumerate(argument):
                yield from places(each, (*where, number))
        case dict():
            for name, each in argument.items():
                yield from places(each, (*where, name))
        case _:
            pass


def _variable(name: str) -> str:
    return name.replace("-", "_")
