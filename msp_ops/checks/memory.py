"""Is memory running out? By MemAvailable: free memory alone says nothing on Linux."""

from decimal import Decimal

from msp_ops.checks.answer import measured, parts, short, whole
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.domain.finding import Finding, Reading
from msp_ops.domain.runbook import Severity

WARNING_PERCENT = 10
CRITICAL_PERCENT = 5

COMMAND = r"""
LC_ALL=C; export LC_ALL
echo "== meminfo"
while IFS= read -r line; do
  case $line in MemTotal:*|MemAvailable:*|SwapTotal:*|SwapFree:*) echo "$line" ;; esac
done </proc/meminfo || exit 3
echo "== end"
"""


def read(seen: Seen) -> Reading:
    kib = dict(_line(line) for line in parts(seen, "meminfo")["meminfo"])
    for name in ("MemTotal", "MemAvailable"):
        if name not in kib:
            raise UnreadableError(f"/proc/meminfo says no {name}")
    if not kib["MemTotal"]:
        raise UnreadableError("/proc/meminfo says that there is no memory")
    available = 100 * kib["MemAvailable"] / kib["MemTotal"]
    swap_total = kib.get("SwapTotal", Decimal(0))
    swap_used = swap_total - kib.get("SwapFree", swap_total)
    return Reading(
        findings=_judge(available, kib["MemTotal"]),
        measurements=(
            measured(seen, "memory_available_percent", round(available, 1), "percent"),
            measured(seen, "memory_total", kib["MemTotal"] * 1024, "bytes"),
            measured(seen, "swap_used", swap_used * 1024, "bytes"),
        ),
    )


def _line(line: str) -> tuple[str, Decimal]:
    fields = line.split()
    if len(fields) != 3 or fields[2] != "kB":
        raise UnreadableError(f"/proc/meminfo: expected `name: figure kB`, found {short(line)!r}")
    return fields[0].rstrip(":"), Decimal(whole(fields[1], fields[0]))


def _judge(available: Decimal, total: Decimal) -> tuple[Finding, ...]:
    if available >= WARNING_PERCENT:
        return ()
    message = f"{available:.1f} % of {total / 1024:.0f} MiB are left for programs"
    severity: Severity = "critical" if available < CRITICAL_PERCENT else "warning"
    return (Finding(check="memory", subject="memory", severity=severity, message=message),)


CHECK = Check(name="memory", title="Memory left", command=COMMAND, read=read)
