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
echo "== service"
if systemd-detect-virt --quiet --container 2>/dev/null; then echo container
elif [ ! -d /run/systemd/system ]; then echo unknown
else
  for unit in chrony chronyd ntpsec ntp ntpd openntpd systemd-timesyncd ptp4l phc2sys vmtoolsd open-vm-tools; do
    if systemctl is-active --quiet "$unit" 2>/dev/null; then echo "$unit"; fi
  done
fi
echo "== end"
"""
# The answer's way home and the steps that share its round trip are in the figure; nobody can take them out afterwards.
UNCERTAIN = timedelta(seconds=3)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(seen: Seen) -> Reading:
    answer = parts(seen, "now", "service")
    text = only(answer["now"], "date")
    host = epoch_seconds(text.removesuffix(".%N").removesuffix("."), "date")  # busybox knows no %N
    ours = Decimal((seen.at - EPOCH) // timedelta(microseconds=1)) / 1_000_000
    skew = host - ours
    return Reading(
        findings=(*_judge(skew, seen), *_kept(answer["service"])),
        measurements=(measured(seen, "clock_skew", round(skew, 1), "seconds"),),
    )


def _kept(services: list[str]) -> tuple[Finding, ...]:
    """A clock that nobody keeps is right until it is not; a container's is kept by its machine."""
    if services:
        return ()
    message = "no time service keeps this clock (chrony, ntp, openntpd, systemd-timesyncd): it will drift"
    return (Finding(check="clock", subject="time service", severity="warning", message=message),)


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
