"""What a script says of itself on its standard output, one line each:

    msp: changed SUBJECT TEXT…
    msp: finding SEVERITY SUBJECT TEXT…
    msp: measurement NAME VALUE UNIT
    msp: why TEXT…

and by its exit code: 0 it reached its aim, 75 it was blocked and changed nothing, anything else it failed.
A line that begins with `msp:` and is none of these is a mistake of the script: nobody knows what it would have said, so
a step that said one proves nothing and closes no finding.
"""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import get_args

from msp_ops.domain.finding import EVERYTHING, Finding, Measurement, Reading
from msp_ops.domain.record import record
from msp_ops.domain.runbook import Severity

REACHED = 0
BLOCKED = 75  # EX_TEMPFAIL of sysexits.h: try again later
PREFIX = "msp:"
MOST_DIGITS = 20
SEVERITIES: dict[str, Severity] = {word: word for word in get_args(Severity)}


@record
class ScriptReport:
    """What a script changed, saw and gave as its reason; `malformed` are lines that it misspelt."""

    changed: tuple[str, ...] = ()
    reading: Reading = Reading()
    why: str = ""
    malformed: tuple[str, ...] = ()

    @property
    def misspelt(self) -> str:
        """What is wrong with it, as a sentence; empty when every line could be read."""
        more = f" and {len(self.malformed) - 1} more" if len(self.malformed) > 1 else ""
        return f"its report has a line that cannot be read: '{self.malformed[0]}'{more}" if self.malformed else ""

    @property
    def unjudged(self) -> tuple[str, ...]:
        """What its silence says nothing about."""
        return (EVERYTHING,) if self.malformed else ()


def read_report(text: str, check: str, at: datetime) -> ScriptReport:
    """`check` names the runbook in the findings. Never raises: whatever a host sends is text."""
    changed: list[str] = []
    findings: list[Finding] = []
    measurements: list[Measurement] = []
    why: list[str] = []
    malformed: list[str] = []
    for line in map(_printable, text.split("\n")):
        if not line.startswith(PREFIX):
            continue
        match line.split(maxsplit=4)[1:] if line.startswith(f"{PREFIX} ") else []:
            case ["changed", _, *_]:
                changed.append(_rest(line, 2))
            case ["finding", severity, subject, _] if severity in SEVERITIES:
                message = _rest(line, 4)
                findings.append(Finding(check=check, subject=subject, severity=SEVERITIES[severity], message=message))
            case ["measurement", name, value, unit] if (figure := _figure(value, unit)) is not None:
                measurements.append(Measurement(name=name, value=figure, unit=unit, at=at))
            case ["why", _, *_]:
                why.append(_rest(line, 2))
            case _:
                malformed.append(line)
    reading = Reading(findings=tuple(findings), measurements=tuple(measurements))
    return ScriptReport(changed=tuple(changed), reading=reading, why="; ".join(why), malformed=tuple(malformed))


def _printable(line: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in line.removesuffix("\r"))


def _rest(line: str, fields: int) -> str:
    """What follows the first fields, as it was written."""
    return line.split(maxsplit=fields)[fields].strip()


def _figure(text: str, unit: str) -> Decimal | None:
    """A figure of a size that is measured on machines, with a unit of one word; else None."""
    try:
        figure = Decimal(text)
    except InvalidOperation:
        return None
    return figure if figure.is_finite() and abs(figure.adjusted()) < MOST_DIGITS and len(unit.split()) == 1 else None
