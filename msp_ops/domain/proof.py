"""That a runbook once did its work on a real host, as the store saw it."""

from datetime import date

from msp_ops.domain.record import record


@record
class HostProof:
    """`acts` is the digest of what the runbook was then: who changes it, or a script of it, proves it anew."""

    acts: str
    run: str
    hosts: tuple[str, ...]
    day: date
