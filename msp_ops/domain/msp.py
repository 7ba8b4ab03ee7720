"""Who we are, as a client reads it, and who works here."""

from msp_ops.domain.record import record


@record
class Person:
    """One of us. `name` is the login, as runs and work records say it; `role` is what contracts have rates for."""

    name: str
    role: str


@record
class Msp:
    """The managed service provider that runs this workspace."""

    name: str
    contact: str
    people: tuple[Person, ...] = ()

    def role_of(self, name: str | None) -> str | None:
        """The role of who has that login; None when nobody is known by it."""
        return next((person.role for person in self.people if person.name == name), None)
