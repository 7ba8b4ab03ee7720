"""Are file systems filling up, in space or in inodes? Those with data of their own, and where programs write."""

import re
from collections.abc import Iterator

from msp_ops.checks.answer import measured, named, parts, short, whole
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.domain.client import Policy
from msp_ops.domain.finding import Finding, Measurement, Reading
from msp_ops.domain.record import record
from msp_ops.domain.runbook import Severity

COMMAND = r"""
LC_ALL=C; export LC_ALL
here=-l; df -lP / >/dev/null 2>&1 || here=
echo "== space"; df $here -PTk 2>/dev/null || true
echo "== inodes"; df $here -PTi 2>/dev/null || true
echo "== read-only"
while read -r _ at _ options _; do
  case ",$options," in *,ro,*) echo "$at" ;; esac
done </proc/mounts
echo "== end"
"""

NOT_REAL = re.compile(
    r"tmpfs|devtmpfs|ramfs|rootfs|squashfs|iso9660|udf|erofs|efivarfs|proc|sysfs|cgroup2?|none|autofs|nfs4?|cifs|smb3|"
    r"9p|virtiofs|fuse\..+|fuseblk\..+"
)
WRITTEN_TO = {"/tmp", "/run", "/var/tmp"}  # noqa: S108  # on the host
# Possessive, and a device ends in no blank: a line of a million blanks takes no longer than it is long.
ROW = re.compile(
    r"(?P<device>.+?)(?<!\s)\s++(?P<type>\S++)\s++(?P<all>\d++|-)\s++(?P<used>-?\d++|-)\s++(?P<free>-?\d++|-)\s++"
    r"(?P<percent>\d++%|-)\s++(?P<at>/.*)"
)


@record
class Filesystem:
    """One row of `df -PT`; `percent` as df rounds it (up, of what users may have), None when it does not count."""

    mounted_at: str
    kind: str
    free: int
    percent: int | None


def read(seen: Seen) -> Reading:
    answer = parts(seen, "space", "inodes", "read-only")
    space, inodes = _real(answer["space"]), _real(answer["inodes"])
    if not any(row.mounted_at == "/" for row in space):
        raise UnreadableError("df shows no file system at /")
    frozen = [row.mounted_at for row in space if row.mounted_at in answer["read-only"]]
    findings = [
        *_judge(space, seen.policy, "space", ""),
        *_judge(inodes, seen.policy, "inodes", " inodes"),
        *map(_cannot_write, frozen),
    ]
    return Reading(findings=tuple(findings), measurements=tuple(_measure(seen, space, inodes)))


def _real(lines: list[str]) -> list[Filesystem]:
    rows = {row.mounted_at: row for row in map(_row, lines[1:])}
    return [row for row in rows.values() if _counts(row)]


def _row(line: str) -> Filesystem:
    found = ROW.fullmatch(line)
    if not found:
        raise UnreadableError(f"df: expected seven columns, found {short(line)!r}")
    percent = None if found["percent"] == "-" else whole(found["percent"].rstrip("%"), "df")
    free = 0 if found["free"] == "-" else whole(found["free"], "df")
    return Filesystem(mounted_at=found["at"], kind=found["type"], free=free, percent=percent)


def _counts(row: Filesystem) -> bool:
    """A container's root is an overlay; other overlays, and files that its machine lends it, show others' space.

    A tmpfs that programs write to stops them when it is full, whatever it is made of.
    """
    if row.mounted_at == "/" or (row.kind == "tmpfs" and row.mounted_at in WRITTEN_TO):
        return True
    return not (NOT_REAL.fullmatch(row.kind) or row.kind == "overlay" or row.mounted_at.startswith("/run/host/"))


def _judge(rows: list[Filesystem], policy: Policy, what: str, suffix: str) -> Iterator[Finding]:
    for row in rows:
        if row.percent is None or row.percent < policy.disk_warning_percent:
            continue
        severity: Severity = "critical" if row.percent >= policy.disk_critical_percent else "warning"
        left = f"{row.free // 1024} MiB" if what == "space" else f"{row.free}"
        message = f"{row.percent} % of the {what} is used, {left} left"
        yield Finding(check="disk", subject=named(row.mounted_at) + suffix, severity=severity, message=message)


def _cannot_write(at: str) -> Finding:
    message = "is mounted read-only: nothing can be written there"
    return Finding(check="disk", subject=f"{named(at)} read-only", severity="critical", message=message)


def _measure(seen: Seen, space: list[Filesystem], inodes: list[Filesystem]) -> Iterator[Measurement]:
    for row in space:
        if row.percent is not None:
            yield measured(seen, f"disk_used_percent:{named(row.mounted_at)}", row.percent, "percent")
            yield measured(seen, f"disk_free:{named(row.mounted_at)}", row.free * 1024, "bytes")
    for row in inodes:
        if row.percent is not None:
            yield measured(seen, f"inodes_used_percent:{named(row.mounted_at)}", row.percent, "percent")


CHECK = Check(name="disk", title="Space and inodes", command=COMMAND, read=read)
