"""Refused logins of all processes: a third refusal within the hour could lock a client's account.

A login that is being tried counts as refused until the opposite is known: so processes that try in the same second do
not all try.
"""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select

from msp_ops.domain.barred import Barred
from msp_ops.domain.clock import Clock
from msp_ops.domain.wording import listed
from msp_ops.store.database import Database
from msp_ops.store.rows import AnyRow, clock_time
from msp_ops.store.schema import credential_refusals

AT_MOST = 2
WITHIN = timedelta(hours=1)
LOGIN_ENDS_WITHIN = timedelta(seconds=20)  # `transports.base.Limits.login` is 15 s: what is older was refused
_Aged = list[tuple[AnyRow, timedelta]]
_how_many = select(func.count()).where(credential_refusals.c.credential == bindparam("asked_for"))


class Breaker:
    """A credential's key tells credentials apart and is never made of a secret's value."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def refused_before(self, credential_key: str) -> Barred | None:
        """Why it must not be tried now: who refused it, when, and when it may be tried again; None when it may be."""
        with self._database.reading() as connection:
            if connection.execute(_how_many, {"asked_for": credential_key}).scalar_one() < AT_MOST:
                return None
            fresh = self._fresh(connection, credential_key)
        return self._barred(fresh, self._refused)

    def claim(self, credential_key: str, who: str) -> Barred | None:
        """The right to show it to `who` now, which counts as a refusal until it is released: None. Else why not.

        A process that dies in between leaves one refusal for an hour: nobody knows what the host said.
        """
        with self._database.writing() as connection:
            fresh = self._fresh(connection, credential_key)
            barred = self._barred(fresh, _being_tried)
            if barred is None:
                self._save(connection, credential_key, who)
        return barred

    def release(self, credential_key: str, who: str) -> None:
        """`who` did not refuse what was claimed for it."""
        of_host = (credential_refusals.c.credential == credential_key, credential_refusals.c.who == who)
        latest = select(func.max(credential_refusals.c.id)).where(*of_host).scalar_subquery()
        with self._database.writing() as connection:
            connection.execute(delete(credential_refusals).where(credential_refusals.c.id == latest))

    def note_refusal(self, credential_key: str, who: str) -> None:
        """`who`, as `acme/web1`, refused it just now. What is older than an hour is forgotten."""
        with self._database.writing() as connection:
            self._save(connection, credential_key, who)

    def reset(self, client_id: str) -> int:
        """A person corrected what the client's hosts refused: how many refusals are forgotten."""
        of_client = credential_refusals.c.who.startswith(f"{client_id}/", autoescape=True)
        with self._database.writing() as connection:
            return connection.execute(delete(credential_refusals).where(of_client)).rowcount

    def _save(self, connection: Connection, credential_key: str, who: str) -> None:
        stale = [row.id for row, age in self._aged(connection) if age >= WITHIN]
        connection.execute(delete(credential_refusals).where(credential_refusals.c.id.in_(stale)))
        connection.execute(
            insert(credential_refusals).values(
                credential=credential_key,
                who=who,
                at=self._database.kind.moment(self._clock.now()),
                elapsed=self._clock.elapsed(),
                boot_id=self._clock.boot_id(),
            )
        )

    def _fresh(self, connection: Connection, credential_key: str) -> _Aged:
        of_credential = credential_refusals.c.credential == credential_key
        return [(row, age) for row, age in self._aged(connection, of_credential) if age < WITHIN]

    def _barred(self, fresh: _Aged, words_if_soon: Callable[[_Aged], str]) -> Barred | None:
        if len(fresh) < AT_MOST:
            return None
        soon = sum(age >= LOGIN_ENDS_WITHIN for _, age in fresh) < AT_MOST
        return Barred(why=words_if_soon(fresh) if soon else self._refused(fresh), soon=soon)

    def _refused(self, fresh: _Aged) -> str:
        now = self._clock.now()
        again = now + WITHIN - sorted(age for _, age in fresh)[AT_MOST - 1]
        last = {row.who: clock_time(row.at, now) for row, _ in fresh}
        by = listed([f"{who} at {at}" for who, at in last.items()])
        client_id = fresh[-1][0].who.partition("/")[0]
        return (
            f"the same credential was refused by {by}, and another try could lock the account: correct it, then "
            f"`msp-ops hosts unlock {client_id}`; otherwise it is tried again after {clock_time(again, now)}"
        )

    def _aged(self, connection: Connection, *which: ColumnElement[bool]) -> _Aged:
        now = self._database.kind.moment(self._clock.now()).label("now")
        chosen = select(credential_refusals, now).where(*which).order_by(credential_refusals.c.id)
        return [(row, self._age(row)) for row in connection.execute(chosen)]

    def _age(self, row: AnyRow) -> timedelta:
        """By the server's clock or this boot's; across boots by the wall clock, which proves nothing when set back."""
        if not self._database.kind.BEATS_BY_DATABASE_CLOCK and row.boot_id == self._clock.boot_id():
            since_boot: timedelta = self._clock.elapsed() - row.elapsed
            return since_boot
        by_wall: timedelta = row.now - row.at
        return max(by_wall, timedelta(0))


def _being_tried(fresh: _Aged) -> str:
    by = listed(list(dict.fromkeys(row.who for row, _ in fresh)))
    return (
        f"the same password has just been shown to {by}, and none of them is known to have taken it; before that is "
        f"known, another try could lock the account"
    )
