"""What is asked of a look from outside, and how its answer is written: readers of `checks` take it apart.

An answer has one block an endpoint, `key: value` lines that begin with `url:`, and ends with `== end`. It is what is
kept as evidence. Three keys say that it came to nothing: `trouble` (a fact about the endpoint), `handshake` (it speaks,
but no TLS that is accepted), `untold` (nobody could be asked, which says nothing about the endpoint). `unasked` names
a server that this machine has no way to: what the others said stands.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from msp_ops.domain.client import Client, Host
from msp_ops.domain.errors import NotReached
from msp_ops.domain.record import record

LONGEST, OF_DIGEST = 400, 8  # signs
Facts = list[tuple[str, str]]


@record
class Order:
    """One check of one host. `timeout`: for each endpoint; they are looked at together."""

    check: str
    client: Client
    host: Host
    timeout: timedelta
    at: datetime


LookFromHere = Callable[[Order], str]


class TroubleError(Exception):
    """The endpoint is at fault; the text is a part of a sentence about it."""


class UntoldError(Exception):
    """Nobody could be asked: nothing is known of the endpoint."""


class HandshakeError(Exception):
    """There is somebody, and no TLS with it."""


def nobody_looks(order: Order) -> str:
    """Where there is no network on purpose."""
    raise NotReached(f"{order.check} cannot be looked at: nothing here looks from outside")


def written(blocks: Iterable[Facts]) -> str:
    """The answer. What others chose stands on one line and is short; two long values never become the same."""
    lines = [f"{key}: {_plain(value)}" for facts in blocks for key, value in facts]
    return "\n".join(["== looked", *lines, "== end", ""])


def nothing(why: str) -> str:
    """The answer where nothing is written down that could be looked at."""
    return f"== nothing\n{why}\n== end\n"


def _plain(value: str) -> str:
    shown = "".join(sign if sign.isprintable() else "?" for sign in value)
    if len(shown) <= LONGEST:
        return shown
    return f"{shown[: LONGEST - OF_DIGEST - 1]}…{sha256(shown.encode(errors='replace')).hexdigest()[:OF_DIGEST]}"
