"""What was seen."""

from datetime import datetime
from decimal import Decimal

from msp_ops.domain.record import record
from msp_ops.domain.runbook import Severity

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")


@record
class Finding:
    """Something a person should know; (client, host, check, subject) lets it open and close across runs."""

    check: str
    subject: str
    severity: Severity
    message: str


@record
class Measurement:
    """A figure at a moment: what trends are made of."""

    name: str
    value: Decimal
    unit: str
    at: datetime


EVERYTHING = "*"


@record
class Reading:
    """What a check understood of a host's answer.

    `unjudged` names the subjects about which its silence says nothing, EVERYTHING for all: a lighter look never
    closes what a heavier one found. `untold`: why some of it could not be told; the look is unverified, what it found
    stands. `skipped`: why there was nothing to look at.
    """

    findings: tuple[Finding, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    unjudged: tuple[str, ...] = ()
    untold: str = ""
    skipped: str = ""


def at_least(severity: Severity, floor: Severity) -> bool:
    """Whether `severity` is as bad as `floor`, or worse."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(floor)


@record
class TrackedFinding:
    """A finding over time; `closed_at` is set by the first later run of its check that no longer saw it."""

    client_id: str
    host_id: str
    finding: Finding
    opened_at: datetime
    opened_by: str
    last_seen_at: datetime
    last_seen_by: str
    closed_at: datetime | None = None
