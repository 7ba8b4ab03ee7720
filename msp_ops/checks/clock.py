"""How far is the host's clock from ours? More than five minutes break Kerberos, and every log misleads."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msp_ops.checks.answer import epoch_seconds, measured, only, parts, span_in_words
from msp_ops.checks.base import Check, Seen
from msp_ops.domain.finding import Finding, Reading
from msp_ops.domain.runbook import Severity

COMMAND = r"""
LC_ALL=C; export LC_ALL
echo "== now"; date -u +%s.%N
echo "== end"
"""
# The answer's way home and the steps that share its round trip are in the figure; nobody can take them out afterwards.
UNCERTAIN = timedelta(seconds=3)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(seen: Seen) -> Reading:
    text = only(parts(seen, "now")["now"], "date")
    host = epoch_seconds(text.removesuffix(".%N").removesuffix("."), "date")  # busybox knows no %N
    ours = Decimal((seen.at - EPOCH) // timedelta(microseconds=1)) / 1_000_000
    skew = host - ours
    return Reading(findings=_judge(skew, seen), measurements=(measured(seen, "clock_skew", round(skew, 1), "seconds"),))


def _judge(skew: Decimal, seen: Seen) -> tuple[Finding, ...]:
    limit = seen.policy.clock_skew_max
    if abs(skew) <= Decimal((limit + UNCERTAIN).total_seconds()):
        return ()
    way = "ahead of" if skew > 0 else "behind"
    size = span_in_words(timedelta(seconds=abs(int(skew))))
    message = f"the clock is {size} {way} ours (± {UNCERTAIN.seconds} s; allowed: {span_in_words(limit)})"
    severity: Severity = "critical" if abs(skew) > 10 * Decimal(limit.total_seconds()) else "warning"
    return (Finding(check="clock", subject="clock", severity=severity, message=message),)


CHECK = Check(name="clock", title="Clock against ours", command=COMMAND, read=read)
