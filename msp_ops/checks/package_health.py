"""Are packages left half installed or half configured? Read from dpkg-query: `dpkg --audit` asks for root."""

from msp_ops.checks.answer import measured, only, parts, short, whole
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.domain.finding import Finding, Reading

# One line a package whose state is not finished, and how many were looked at.
COMMAND = r"""
LC_ALL=C; export LC_ALL
echo "== unfinished"
dpkg-query -W -f='${db:Status-Abbrev}|${Package}|${Version}\n' | awk '
  substr($0, 2, 1) ~ /[HUFWt]/ || substr($0, 3, 1) == "R" { print }
  END { print "== count"; print NR }'
echo "== end"
"""
STATES = {
    "H": "only half installed",
    "U": "unpacked but not configured",
    "F": "only half configured",
    "W": "waiting for another package's triggers",
    "t": "waiting for its triggers to run",
}


def read(seen: Seen) -> Reading:
    answer = parts(seen, "unfinished", "count")
    count = whole(only(answer["count"], "dpkg-query"), "packages")
    if count == 0:
        raise UnreadableError("dpkg-query lists no package at all")
    findings = tuple(unfinished(line, check="package-health") for line in answer["unfinished"])
    return Reading(findings=findings, measurements=(measured(seen, "packages_unfinished", len(findings), "packages"),))


def unfinished(line: str, check: str) -> Finding:
    """What a line of `dpkg-query` (abbreviated state, name, version) means."""
    state, bar, rest = line.partition("|")
    name, second_bar, version = rest.partition("|")
    if not bar or not second_bar or len(state) not in {2, 3}:
        raise UnreadableError(f"dpkg-query: expected `state|name|version`, found {short(line)!r}")
    meaning = STATES.get(state[1], "in need of a new installation")
    return Finding(check=check, subject=short(name), severity="critical", message=f"{short(version)} is {meaning}")


CHECK = Check(name="package-health", title="Half-installed packages", command=COMMAND, read=read)
