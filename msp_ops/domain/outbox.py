"""What waits to leave the house: mail, time entries for a PSA, web hooks. A message stays until somebody took it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, get_args

from msp_ops.domain.record import record

Kind = Literal["mail", "psa", "hook"]
State = Literal["waiting", "sending", "unknown", "sent", "refused", "dropped"]
STATES: tuple[State, ...] = get_args(State)
End = Literal["sent", "refused", "not-sent", "unknown"]
Word = Literal["queued", "corrected", "retry", "drop"]
Queueing = Literal["new", "corrected", "known", "differs"]

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
LONGEST_ASKED = timedelta(days=1)  # a target may ask for more patience than we have ourselves, but not for ever
GIVE_UP_AFTER = timedelta(days=7)
BUSY_FOR = timedelta(minutes=10)


@record
class Message:
    """`id` is made of what it is about: the same thing queued twice is one message.

    `target`: a PSA, a mail server. `about` is for people. `body`: JSON for its sender, without any secret. `busy_for`:
    how long the target may be at work on it after its sender has fallen silent.
    """

    id: str
    kind: Kind
    target: str
    client_id: str | None
    about: str
    body: str
    busy_for: timedelta = BUSY_FOR


@record
class Ending:
    """How a try ended. `there`: what the target calls it. `again_after`: how long the target wants to be left alone.

    `sent`: it is there, once. `refused`: it is not there, and will not be as it is. `not-sent`: the target has nothing
    of this try. `unknown`: it may be there.
    """

    kind: End
    said: str = ""
    there: str | None = None
    again_after: timedelta | None = None


@record
class Happened:
    """A try, or a person's word. `by`: a process or a person. Without `ended_at` it goes on, or nobody saw its end."""

    number: int
    at: datetime
    what: End | Word | Literal["trying"]
    by: str
    said: str = ""
    ended_at: datetime | None = None


@record
class Queued:
    """A message with what became of it. `since_at`: from here on it is tried for `GIVE_UP_AFTER`."""

    message: Message
    state: State
    queued_at: datetime
    since_at: datetime
    next_at: datetime
    there: str | None
    history: tuple[Happened, ...]

    @property
    def tries(self) -> int:
        return sum(is_try(each) for each in self.history)

    @property
    def last_said(self) -> str:
        """The newest word about it; empty while there is none."""
        return self.history[-1].said if self.history else ""

    def is_given_up(self, now: datetime) -> bool:
        """Nobody tries it any more, until a person says so."""
        return self.state in {"waiting", "unknown"} and max(now, self.next_at) - self.since_at >= GIVE_UP_AFTER

    def is_dead(self, now: datetime) -> bool:
        """It needs a person: corrected and retried, or dropped with a reason."""
        return self.state == "refused" or self.is_given_up(now)


Held = Callable[[], bool]
"""Whether the message is still this process's to send: asked before each request, for a process may be held up."""

Sender = Callable[[Message, Held], Ending]
"""Tries once. Never raises for what a target or the net does; FileError and PlanError before anything was sent only."""


def is_try(happened: Happened) -> bool:
    return happened.what in {"trying", "sent", "refused", "not-sent", "unknown"}


def pause_after(tries: int) -> timedelta:
    """A minute, doubling to six hours."""
    return min(FIRST_PAUSE * (1 << min(tries - 1, 20)), LONGEST_PAUSE)


def pause_for(tries: int, ending: Ending) -> timedelta:
    """As long as the target asked for, if that is longer."""
    return max(pause_after(tries), min(ending.again_after or timedelta(0), LONGEST_ASKED))
