"""Which systemd units have failed?"""

from msp_ops.checks.answer import listed, measured, named, only, parts, short
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.domain.finding import Finding, Reading

# `is-system-running` ends with 1 on a degraded system: its word counts, not its code.
COMMAND = r"""
LC_ALL=C; export LC_ALL
echo "== state"; systemctl is-system-running 2>&1 || true
echo "== failed"; systemctl list-units --state=failed --plain --no-legend --full --no-pager --all || exit 3
echo "== end"
"""
KNOWN_STATES = {"running", "degraded", "starting", "initializing", "maintenance", "stopping"}


def read(seen: Seen) -> Reading:
    answer = parts(seen, "state", "failed")
    state = only(answer["state"], "systemctl is-system-running")
    if state not in KNOWN_STATES:
        raise UnreadableError(f"systemd does not run this host: {short(state)!r}")
    findings = [_finding(line) for line in answer["failed"]]
    if state == "degraded" and not findings:
        raise UnreadableError("systemd calls the host degraded but lists no failed unit")
    if state in {"maintenance", "stopping"}:
        findings.append(
            Finding(check="failed-units", subject="system", severity="critical", message=f"systemd is in state {state}")
        )
    return Reading(
        findings=tuple(findings), measurements=(measured(seen, "failed_units", len(answer["failed"]), "units"),)
    )


def _finding(line: str) -> Finding:
    fields = line.lstrip("\N{BLACK CIRCLE}\N{MULTIPLICATION SIGN}* ").split(maxsplit=4)
    if len(fields) < 4 or fields[2] != "failed":
        raise UnreadableError(f"systemctl: expected `unit load failed sub`, found {short(line)!r}")
    what = listed([fields[4]]) if len(fields) == 5 else "no description"
    return Finding(check="failed-units", subject=named(fields[0]), severity="warning", message=f"has failed ({what})")


CHECK = Check(name="failed-units", title="Failed systemd units", command=COMMAND, read=read)
