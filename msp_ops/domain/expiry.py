"""Days on which something ends that somebody has to renew, as a client's file says them."""

from datetime import date, timedelta
from typing import Literal

from msp_ops.domain.record import record


@record
class ExpiryDate:
    """`ends` is the last good day, by the client's calendar. `host`: which one it would hurt; its findings are there.

    `warn`: how long before, in place of the client's policy.
    """

    what: str
    kind: Literal["domain", "licence", "warranty", "support", "other"]
    host: str
    ends: date
    warn: timedelta | None = None
    note: str = ""
