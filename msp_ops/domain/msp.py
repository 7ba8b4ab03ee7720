"""Who we are, as a client reads it, and who works here."""

from typing import Literal

from msp_ops.domain.record import record


@record
class Person:
    """One of us. `name` is the login, as runs and work records say it; `role` is what contracts have rates for."""

    name: str
    role: str


@record
class Mail:
    """Through which server our mail goes. `starttls` and `tls` are refused when they cannot be had.

    `none`: in the clear, to this very machine only. `password` is a reference. `seals_to`: who outside keeps the
    ledger's seals, each of which is mailed to them.
    """

    server: str
    sender: str
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None
    seals_to: tuple[str, ...] = ()


@record
class Msp:
    """The managed service provider that runs this workspace."""

    name: str
    contact: str
    people: tuple[Person, ...] = ()
    mail: Mail | None = None

    def role_of(self, name: str | None) -> str | None:
        """The role of who has that login; None when nobody is known by it."""
        return next((person.role for person in self.people if person.name == name), None)
