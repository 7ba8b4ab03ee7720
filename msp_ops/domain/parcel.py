"""A change on its way to a host: what it is called there, by which right it is sent, and that it was meant."""

from datetime import datetime, timedelta
from typing import Literal

from msp_ops.domain.record import record

RunAs = Literal["root", "login"]


@record
class Parcel:
    """One changing step of one run on one host: all that is needed to find it there again, also after a crash.

    `id` names it on the host: lower-case letters, digits and dashes.
    """

    id: str
    step: str
    run_as: RunAs
    timeout: timedelta


@record
class Lease:
    """The right to change a host. `token` only grows within a store; a host refuses one lower than it has seen.

    `store` tells the tokens of different stores apart.
    """

    store: str
    token: int


@record
class Intent:
    """A parcel that was meant for a host, saved before the host was told to act."""

    parcel: Parcel
    at: datetime
