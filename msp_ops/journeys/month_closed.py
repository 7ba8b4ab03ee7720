"""A month comes to its close: questions first, then it is frozen, and the ledger is sealed."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from msp_ops.calendar.months import first_day, next_month
from msp_ops.domain.canonical import canonical
from msp_ops.domain.errors import NotPermitted, Overtaken
from msp_ops.domain.ledger import Statement
from msp_ops.domain.record import record
from msp_ops.journeys.month_priced import OpenLook, look_at_month
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.seal import refuse_tampered, seal_now, write_missing

TRIES = 5  # somebody's time for another client may come in at any moment, and change nothing here


@record
class Due:
    """A client whose month is open, as it would be closed now; `refusal`: why it cannot be, whatever the questions."""

    look: OpenLook
    refusal: str | None

    @property
    def is_ready(self) -> bool:
        return self.refusal is None and not self.look.statement.questions


@record
class MonthEnd:
    """All clients that were asked for: those already closed, and those that are due.

    `gone`: clients in the books whose file is not there any more, so that nobody can price what is open of them.
    """

    month: date
    closed: tuple[Statement, ...]
    due: tuple[Due, ...]
    gone: tuple[str, ...] = ()


def month_end(parts: Parts, month: date, client_ids: Sequence[str] = ()) -> MonthEnd:
    """What a close of the month would find; nothing is written. Without ids: of every client."""
    month = first_day(month)
    ids = client_ids or tuple(parts.workspace.clients)
    known = {name: parts.store.ledger.statement(parts.workspace.client(name).id, month) for name in ids}
    due = tuple(_due(parts, name, month) for name, closed in known.items() if closed is None)
    gone = () if client_ids else tuple(sorted(_in_the_books(parts) - {*parts.workspace.clients}))
    return MonthEnd(month=month, closed=tuple(each for each in known.values() if each), due=due, gone=gone)


def _in_the_books(parts: Parts) -> set[str]:
    return {chain.partition("/")[2] for chain in parts.store.seals.heads()}


def close_months(parts: Parts, due: Sequence[Due], by: str) -> None:
    """Freeze each. What follows, also when this fails, is `seal_closed`.

    Nothing was closed when it raises one of these: FileError there is no key to seal with, StoreError the ledger is not
    as it was written. NotPermitted: one is not ready, or something came in that changes it; those before it are closed.
    """
    for each in due:
        if not each.is_ready:
            raise NotPermitted(f"{each.look.client.id} cannot be closed: {each.refusal or 'it has open questions'}")
    parts.keys.signer()
    refuse_tampered(parts)
    for each in due:
        _close(parts, each.look, by)


def seal_closed(parts: Parts) -> list[Path]:
    """The files to send out: of a new seal, when closed months have none, and of seals that died before theirs."""
    last = parts.store.seals.last()
    told = last.heads if last else {}
    heads = parts.store.seals.heads()
    unsealed = any(told.get(name) != head for name, head in heads.items() if name.startswith("months/"))
    missing = write_missing(parts)
    return [*missing, seal_now(parts).file] if unsealed else missing


def _due(parts: Parts, client_id: str, month: date) -> Due:
    look = look_at_month(parts, client_id, month)
    return Due(look=look, refusal=_refusal(parts, look))


def _refusal(parts: Parts, look: OpenLook) -> str | None:
    if parts.clock.now() < look.opened.until:
        return f"the month is not over before {look.opened.until:%Y-%m-%d %H:%M} in {look.client.timezone}"
    closed = parts.store.ledger.closed_months(look.client.id)
    expected = next_month(closed[-1].month) if closed else look.month
    if look.month != expected:
        return f"{expected:%Y-%m} comes first: msp-ops billing close {expected:%Y-%m} {look.client.id}"
    strange = {line.charge.currency for line in look.statement.lines} - {look.statement.currency}
    if strange:
        return f"corrected lines are in {', '.join(sorted(strange))}, and its file says {look.statement.currency} now"
    priced = {each.entry.record.id for each in look.priced.judged}
    early = [work.id for work in look.opened.records if work.id not in priced]
    if early:
        return f"{len(early)} work records of earlier months are open, such as {early[0]}; close those months first"
    return None


def _close(parts: Parts, look: OpenLook, by: str) -> None:
    """As it was looked at: when something came in meanwhile it is looked at again, and must be the same.

    NotPermitted when it is not, or when there is no end of what comes in.
    """
    for _ in range(TRIES):
        terms = {name: canonical(each).decode() for name, each in look.priced.terms.items()}
        with suppress(Overtaken):
            parts.store.ledger.close_month(look.statement, as_of=look.opened, terms=terms, since=look.since, by=by)
            return
        again = look_at_month(parts, look.client.id, look.month)
        if again.statement != look.statement:
            break
        look = again
    raise NotPermitted(
        f"while {look.month:%Y-%m} of {look.client.id} was being closed, something came in that changes it: look again"
    )
