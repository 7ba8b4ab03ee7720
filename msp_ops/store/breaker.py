"""Refused logins of all processes: a third refusal within the hour could lock a client's account."""

from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from msp_ops.domain.clock import Clock
from msp_ops.domain.wording import listed
from msp_ops.store.database import Database
from msp_ops.store.rows import AnyRow, clock_time
from msp_ops.store.schema import credential_refusals

AT_MOST = 2
WITHIN = timedelta(hours=1)


class Breaker:
    """A credential's key tells credentials apart and is never made of a secret's value."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def refused_before(self, credential_key: str) -> str | None:
        """Why it must not be tried now: who refused it, when, and when it may be tried again; None when it may be."""
        with self._database.reading() as connection:
            fresh = [
                (row, age) for row, age in self._aged(connection) if row.credential == credential_key and age < WITHIN
            ]
        if len(fresh) < AT_MOST:
            return None
        now = self._clock.now()
        again = now + WITHIN - sorted(age for _, age in fresh)[AT_MOST - 1]
        by = listed([f"{row.who} at {clock_time(row.at, now)}" for row, _ in fresh])
        client_id = fresh[-1][0].who.partition("/")[0]
        return (
            f"the same credential was refused by {by}, and another try could lock the account: correct it, then "
            f"`msp-ops hosts unlock {client_id}`; otherwise it is tried again after {clock_time(again, now)}"
        )

    def note_refusal(self, credential_key: str, who: str) -> None:
        """`who`, as `acme/web1`, refused it just now. What is older than an hour is forgotten."""
        noted = {"credential": credential_key, "who": who, **self._stamp()}
        with self._database.writing() as connection:
            stale = [row.id for row, age in self._aged(connection) if age >= WITHIN]
            connection.execute(delete(credential_refusals).where(credential_refusals.c.id.in_(stale)))
            connection.execute(insert(credential_refusals).values(**noted))

    def reset(self, client_id: str) -> int:
        """A person corrected what the client's hosts refused: how many refusals are forgotten."""
        of_client = credential_refusals.c.who.startswith(f"{client_id}/", autoescape=True)
        with self._database.writing() as connection:
            return connection.execute(delete(credential_refusals).where(of_client)).rowcount

    def _stamp(self) -> dict[str, object]:
        return {
            "at": self._database.kind.moment(self._clock.now()),
            "elapsed": self._clock.elapsed(),
            "boot_id": self._clock.boot_id(),
        }

    def _aged(self, connection: Connection) -> list[tuple[AnyRow, timedelta]]:
        now = self._database.kind.moment(self._clock.now()).label("now")
        chosen = select(credential_refusals, now).order_by(credential_refusals.c.id)
        return [(row, self._age(row)) for row in connection.execute(chosen)]

    def _age(self, row: AnyRow) -> timedelta:
        """By the server's clock or this boot's; across boots by the wall clock, which proves nothing when set back."""
        if not self._database.kind.BEATS_BY_DATABASE_CLOCK and row.boot_id == self._clock.boot_id():
            since_boot: timedelta = self._clock.elapsed() - row.elapsed
            return since_boot
        by_wall: timedelta = row.now - row.at
        return max(by_wall, timedelta(0))
