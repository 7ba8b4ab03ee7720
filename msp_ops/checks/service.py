"""Is the service that the parameter `service` names up, and does it stay up?"""

from msp_ops.checks.answer import measured, named, number, parts
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.domain.finding import Finding, Reading
from msp_ops.domain.runbook import Severity

COMMAND = r"""
LC_ALL=C; export LC_ALL
echo "== unit"
systemctl show --property=Id,LoadState,ActiveState,SubState,Result,NRestarts,UnitFileState -- "$service" || exit 3
echo "== end"
"""
WANTED = ("Id", "LoadState", "ActiveState", "SubState", "Result")


def read(seen: Seen) -> Reading:
    unit = dict(line.partition("=")[::2] for line in parts(seen, "unit")["unit"])
    missing = [name for name in WANTED if name not in unit]
    if missing:
        raise UnreadableError(f"systemctl show says no {missing[0]}")
    restarts = number(unit.get("NRestarts", "") or "0", "NRestarts")  # unknown to systemd before 235 and to sockets
    return Reading(
        findings=_judge(unit), measurements=(measured(seen, f"restarts:{named(unit['Id'])}", restarts, "restarts"),)
    )


def _judge(unit: dict[str, str]) -> tuple[Finding, ...]:
    subject = named(unit["Id"])
    if unit["LoadState"] != "loaded":
        return (_finding(subject, "critical", f"the host has no such service ({unit['LoadState']})"),)
    if unit["ActiveState"] != "active":
        said = f"{unit['ActiveState']} ({unit['SubState']}), its last result: {unit['Result']}"
        return (_finding(subject, "critical", f"is not up: {said}"),)
    if unit.get("UnitFileState") == "disabled":
        return (_finding(subject, "info", "runs, but would not be started after a reboot"),)
    return ()


def _finding(subject: str, severity: Severity, message: str) -> Finding:
    return Finding(check="service", subject=subject, severity=severity, message=message)


CHECK = Check(name="service", title="A service is up", command=COMMAND, read=read)
