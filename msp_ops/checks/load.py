"""Is the host too busy? Load is judged per processor and over fifteen minutes: a short peak is no finding."""

from decimal import Decimal

from msp_ops.checks.answer import measured, number, only, parts, short, whole
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.domain.finding import Finding, Reading
from msp_ops.domain.runbook import Severity

WARNING_PER_PROCESSOR = 2
CRITICAL_PER_PROCESSOR = 5

COMMAND = r"""
LC_ALL=C; export LC_ALL
read -r averages </proc/loadavg || exit 3
echo "== averages"; echo "$averages"
echo "== processors"
if [ -r /sys/devices/system/cpu/online ]; then
  read -r online </sys/devices/system/cpu/online; echo "$online"
else echo "0-$(($(nproc) - 1))"; fi
echo "== end"
"""


def read(seen: Seen) -> Reading:
    answer = parts(seen, "averages", "processors")
    figures = only(answer["averages"], "/proc/loadavg").split()
    if len(figures) != 5:
        raise UnreadableError(f"/proc/loadavg: expected five fields, found {len(figures)}")
    one, fifteen = number(figures[0], "load"), number(figures[2], "load")
    processors = _processors(only(answer["processors"], "processors"))
    return Reading(
        findings=_judge(fifteen, processors),
        measurements=(
            measured(seen, "load_1m", one, "processes"),
            measured(seen, "load_15m", fifteen, "processes"),
            measured(seen, "processors", processors, "processors"),
        ),
    )


def _processors(text: str) -> int:
    """How many the kernel's ranges name: `0-3,8` are five."""
    count = 0
    for span in text.split(","):
        first, _, last = span.partition("-")
        low, high = whole(first, "processors"), whole(last or first, "processors")
        count += high - low + 1
    if count < 1:
        raise UnreadableError(f"processors: found {short(text)!r}")
    return count


def _judge(fifteen: Decimal, processors: int) -> tuple[Finding, ...]:
    each = fifteen / processors
    if each < WARNING_PER_PROCESSOR:
        return ()
    message = f"load {fifteen} over the last 15 minutes on {processors} processors"
    severity: Severity = "critical" if each >= CRITICAL_PER_PROCESSOR else "warning"
    return (Finding(check="load", subject="processors", severity=severity, message=message),)


CHECK = Check(name="load", title="Load per processor", command=COMMAND, read=read)
