"""What a runbook asks for: typed, with what fits."""

from datetime import timedelta
from typing import Literal

from msp_ops.domain.record import record

LONGEST = 1000  # characters of a line
MOST = 100  # values of one parameter


@record
class Text:
    """A line of text that matches `pattern` as a whole; it never begins with a dash.

    `minimum`, `maximum`: its characters, both included. `many`: any number of such lines, each of which fits; they
    reach a script as one text, a line each. `looks_at`: it says what is looked at; what is found at one value
    says nothing of another.
    """

    kind: Literal["text"]
    title: str
    pattern: str = r"[^\x00-\x1f\x7f]{1,200}"
    minimum: int = 0
    maximum: int = LONGEST
    many: bool = False
    looks_at: bool = False
    default: str | None = None


@record
class Choice:
    """One of a few words; with `many` any number of them, a line each. `looks_at`: as of a text."""

    kind: Literal["choice"]
    title: str
    options: tuple[str, ...]
    many: bool = False
    looks_at: bool = False
    default: str | None = None


@record
class Int:
    """A whole number within bounds, both included. `looks_at`: as of a text, for a port."""

    kind: Literal["int"]
    title: str
    minimum: int
    maximum: int
    looks_at: bool = False
    default: int | None = None


@record
class Bool:
    """Yes or no."""

    kind: Literal["bool"]
    title: str
    default: bool = False


@record
class Span:
    """A length of time such as `90s`, `26h`, `14d`, within bounds; reaches a script as whole seconds."""

    kind: Literal["duration"]
    title: str
    minimum: timedelta = timedelta(0)
    maximum: timedelta | None = None
    default: timedelta | None = None


@record
class Size:
    """A size such as `512MiB`, `20GiB`, within bounds; reaches a script as whole bytes."""

    kind: Literal["size"]
    title: str
    minimum: str | None = None
    maximum: str | None = None
    default: str | None = None


@record
class OtherHost:
    """A host of the same client; reaches a script as its id, and as `NAME_address`. `looks_at`: as of a text."""

    kind: Literal["host"]
    title: str
    looks_at: bool = False
    default: str | None = None


@record
class Secret:
    """Where a secret lies (`env:NAME`, `file:PATH`), never what it is; its value reaches a script when a run begins."""

    kind: Literal["secret"]
    title: str


@record
class GivenFile:
    """A file beside the workspace; a script gets the path of a copy of it on the host."""

    kind: Literal["file"]
    title: str


Parameter = Text | Choice | Int | Bool | Span | Size | OtherHost | Secret | GivenFile


def takes_many(parameter: Parameter) -> bool:
    """Whether it may be given several times."""
    return isinstance(parameter, Text | Choice) and parameter.many


def says_what(parameter: Parameter) -> bool:
    """Whether it says what is looked at, rather than how, or what is too much."""
    return isinstance(parameter, Text | Choice | Int | OtherHost) and parameter.looks_at
