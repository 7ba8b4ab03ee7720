"""Who we are, as a client reads it."""

from msp_ops.domain.record import record


@record
class Msp:
    """The managed service provider that runs this workspace."""

    name: str
    contact: str
