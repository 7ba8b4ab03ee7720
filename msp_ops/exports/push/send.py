"""One entry to a PSA: looked up by our id, then sent, then looked up again when the answer was lost."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Literal

from msp_ops.domain.record import record
from msp_ops.domain.time_entry import Export
from msp_ops.exports.api import MARK
from msp_ops.exports.push.wire import CLIP, Answer, AnswerLost, NotSent, Wire


@record
class Request:
    """An entry as an export has it: the same id, path and body."""

    id: str
    path: str
    body: Mapping[str, Any]

    @property
    def mark(self) -> str:
        """By which it is found again."""
        return MARK.format(id=self.id)


@record
class Outcome:
    """`sent` and `found`: it is there, once, as `there`. `refused`: it is not there and will not be as it is.

    `not-sent`: nothing was sent, so it may be tried again. `unknown`: it may be there; the next try looks first, and
    should come when the PSA cannot be busy with this one any more. `again_after`: what the PSA asked for.
    """

    kind: Literal["sent", "found", "refused", "not-sent", "unknown"]
    there: str | None = None
    reason: str = ""
    again_after: timedelta | None = None


@record
class Lookup:
    """How entries are listed among which ours must be. `most`: so many are a page, and then others may be left."""

    method: Literal["GET", "POST"]
    path: str
    query: Mapping[str, str] | None = None
    body: object = None
    most: int | None = None


@record
class Psa:
    """How one PSA is asked: where an entry would stand (`lookup`), entries of such an answer, the id of a new one.

    `text`: all that our mark may stand in.
    """

    lookup: Callable[[Request], Lookup]
    entries: Callable[[Any], Iterable[Mapping[str, Any]]]
    text: Callable[[Mapping[str, Any]], str]
    created: Callable[[Any], object]


_NOT_NOW = {401: "the login was refused", 429: "too many requests"}  # by these it has looked at no entry


class _Unsure(Exception):  # noqa: N818  # reads as what it is
    """The PSA did not say whether the entry is there. `again_after`: so long it wants to be left alone."""

    def __init__(self, why: str, again_after: timedelta | None = None) -> None:
        super().__init__(why)
        self.again_after = again_after


def requests_of(export: Export) -> tuple[Request, ...]:
    """What the export's file holds, in its order."""
    entries = json.loads(export.files[0].content)["entries"]
    return tuple(
        Request(id=each["id"], path=each["request"].removeprefix("POST "), body=each["body"]) for each in entries
    )


def send_one(request: Request, psa: Psa, wire: Wire) -> Outcome:
    """Never raises for what the PSA or the net does; any number of calls make at most one entry of ours there.

    Two callers at once could still make two: whoever calls holds the entry, as the outbox does.
    """
    try:
        if there := _find(request, psa, wire):
            return Outcome(kind="found", there=there)
    except _Unsure as reason:
        why = f"it could not be looked up, so nothing was sent: {reason}"
        return Outcome(kind="not-sent", reason=why, again_after=reason.again_after)
    try:
        answer = wire.ask("POST", request.path, request.body)
    except NotSent as reason:
        return Outcome(kind="not-sent", reason=str(reason))
    except AnswerLost as reason:
        return _after_silence(request, psa, wire, str(reason))
    return _judged(answer, request, psa, wire)


def _judged(answer: Answer, request: Request, psa: Psa, wire: Wire) -> Outcome:
    if 200 <= answer.status < 300:
        there = psa.created(answer.said) if isinstance(answer.said, Mapping) else None
        if there is not None:
            return Outcome(kind="sent", there=str(there))
        return _after_silence(request, psa, wire, "the answer names no entry")
    if answer.status in _NOT_NOW:
        why = f"{_NOT_NOW[answer.status]}: {_said(answer)}"
        return Outcome(kind="not-sent", reason=why, again_after=answer.again_after)
    if answer.status == 408 or answer.status >= 500:
        return _after_silence(request, psa, wire, f"it answered {_said(answer)}", answer.again_after)
    return Outcome(kind="refused", reason=_said(answer))


def _after_silence(request: Request, psa: Psa, wire: Wire, why: str, after: timedelta | None = None) -> Outcome:
    """What is not there now may be there in a minute: only a find is a word."""
    try:
        there = _find(request, psa, wire)
    except _Unsure as reason:
        return Outcome(kind="unknown", reason=f"{why}; and {reason}", again_after=reason.again_after or after)
    return Outcome(kind="sent", there=there) if there else Outcome(kind="unknown", reason=why, again_after=after)


def _find(request: Request, psa: Psa, wire: Wire) -> str | None:
    lookup = psa.lookup(request)
    try:
        answer = wire.ask(lookup.method, lookup.path, lookup.body, lookup.query)
    except (NotSent, AnswerLost) as reason:
        raise _Unsure(str(reason)) from None
    if not 200 <= answer.status < 300:
        raise _Unsure(f"it answered {_said(answer)}", answer.again_after)
    try:
        entries = list(psa.entries(answer.said))
        found = [each for each in entries if request.mark in psa.text(each)]
        there = [str(each["id"]) for each in found]
    except (KeyError, TypeError, AttributeError):
        raise _Unsure(f"its list of entries is none: {_said(answer)}") from None
    if not there and lookup.most is not None and len(entries) >= lookup.most:
        raise _Unsure(f"{len(entries)} entries are listed, and there may be more")
    return there[0] if there else None


def _said(answer: Answer) -> str:
    text = answer.said if isinstance(answer.said, str) else json.dumps(answer.said)
    return f"{answer.status} {text[:CLIP]}"
