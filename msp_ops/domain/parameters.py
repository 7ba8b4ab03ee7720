"""What a runbook asks for: typed, with what fits."""

from datetime import timedelta
from typing import Literal

from msp_ops.domain.record import record


@record
class Text:
    """A line of text that matches `pattern` as a whole; it never begins with a dash."""

    kind: Literal["text"]
    title: str
    pattern: str = r"[^\x00-\x1f\x7f]{1,200}"
    default: str | None = None


@record
class Choice:
    """One of a few words."""

    kind: Literal["choice"]
    title: str
    options: tuple[str, ...]
    default: str | None = None


@record
class Int:
    """A whole number within bounds, both included."""

    kind: Literal["int"]
    title: str
    minimum: int
    maximum: int
    default: int | None = None


@record
class Bool:
    """Yes or no."""

    kind: Literal["bool"]
    title: str
    default: bool = False


@record
class Span:
    """A length of time such as `90s`, `26h`, `14d`; reaches a script as whole seconds."""

    kind: Literal["duration"]
    title: str
    default: timedelta | None = None


@record
class Size:
    """A size such as `512MiB`, `20GiB`; reaches a script as whole bytes."""

    kind: Literal["size"]
    title: str
    default: str | None = None


@record
class OtherHost:
    """A host of the same client; reaches a script as its id, and as `NAME_address`."""

    kind: Literal["host"]
    title: str
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
