"""Are packages left half installed or half configured?

Read from dpkg-query: `dpkg --audit` asks for root. rpm keeps no such state (and `rpm -Va` reads every file): an update
that was cut leaves the old version beside the new one, and dnf's own record of it without an end.
"""

from collections.abc import Sequence

from msp_ops.checks.answer import measured, named, only, parts, short, whole
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.checks.manager import MANAGER
from msp_ops.domain.finding import Finding, Reading

# `rpm -q` of a name prints every version of it; kernels lie side by side on purpose. Without any transaction dnf 4
# ends with a traceback.
RPM_COMMAND = r"""
if [ "$manager" != apt ]; then
  echo "== rpm"
  count=$(rpm -qa --qf '%{NAME}.%{ARCH}\n' 2>&1) || { printf '%s\n' "$count" | tail -n 1; exit 3; }
  echo "== twice"
  printf '%s\n' "$count" | sort | uniq -d | grep -v -E '^(kernel[a-z-]*|kmod-.*|gpg-pubkey)\.' | while read -r name; do
    rpm -q --provides -- "$name" | grep -q -E '^(installonlypkg|multiversion)\(' ||
      rpm -q --qf '%{NAME}|%{VERSION}-%{RELEASE}\n' -- "$name"
  done
  echo "== count"; printf '%s\n' "$count" | grep -c .
  echo "== transaction"
  if [ "$manager" = dnf ]; then
    last=$(TZ=UTC dnf -q -C history info last 2>&1) || case $last in
      *"has no attribute 'tid'"* | *"o transaction"*) last= ;;
      *) printf '%s\n' "$last" | tail -n 1; exit 3 ;;
    esac
    printf '%s\n' "$last" | grep -E '^(Transaction ID|Begin time|End time|Return-Code|Command Line) '
  fi
  echo "== end"; exit 0
fi
"""

# One line a package whose state is not finished, and how many were looked at.
COMMAND = rf"""
LC_ALL=C; export LC_ALL
{MANAGER}{RPM_COMMAND}
echo "== unfinished"
dpkg-query -W -f='${{db:Status-Abbrev}}|${{Package}}|${{Version}}\n' | awk '
  substr($0, 2, 1) ~ /[HUFWt]/ || substr($0, 3, 1) == "R" {{ print }}
  END {{ print "== count"; print NR }}'
echo "== end"
"""
STATES = {
    "H": "only half installed",
    "U": "unpacked but not configured",
    "F": "only half configured",
    "W": "waiting for another package's triggers",
    "t": "waiting for its triggers to run",
}


NEVER = " 1970"  # what dnf writes for the end of a transaction that has none


def read(seen: Seen) -> Reading:
    if "rpm" in parts(seen):
        return _read_rpm(seen)
    answer = parts(seen, "unfinished", "count")
    count = whole(only(answer["count"], "dpkg-query"), "packages")
    if count == 0:
        raise UnreadableError("dpkg-query lists no package at all")
    findings = tuple(unfinished(line, check="package-health") for line in answer["unfinished"])
    return Reading(findings=findings, measurements=(measured(seen, "packages_unfinished", len(findings), "packages"),))


def _read_rpm(seen: Seen) -> Reading:
    answer = parts(seen, "twice", "count", "transaction")
    if whole(only(answer["count"], "rpm"), "packages") == 0:
        raise UnreadableError("rpm lists no package at all")
    versions: dict[str, list[str]] = {}
    for line in answer["twice"]:
        name, bar, version = line.partition("|")
        if not bar:
            raise UnreadableError(f"rpm: expected `name|version`, found {short(line)!r}")
        versions.setdefault(name, []).append(version)
    twice = tuple(
        _critical(name, f"there twice, {short(' and '.join(each))}: an installation was interrupted")
        for name, each in versions.items()
    )
    cut = _cut(answer["transaction"])
    return Reading(
        findings=(*twice, *cut), measurements=(measured(seen, "packages_unfinished", len(twice), "packages"),)
    )


def _cut(lines: Sequence[str]) -> tuple[Finding, ...]:
    """What dnf says of its last transaction, `Name : value`."""
    said = {name.strip(): value.strip() for name, _, value in (line.partition(": ") for line in lines)}
    if not said:
        return ()
    if "End time" not in said:
        raise UnreadableError("dnf history does not say when its last transaction ended")
    if NEVER not in said["End time"]:
        return ()
    what = f"dnf {said.get('Command Line', '')} (transaction {said.get('Transaction ID', '?')})"
    return (_critical("dnf", f"{short(what)} was interrupted: it has no end"),)


def _critical(subject: str, message: str) -> Finding:
    return Finding(check="package-health", subject=named(subject), severity="critical", message=message)


def unfinished(line: str, check: str) -> Finding:
    """What a line of `dpkg-query` (abbreviated state, name, version) means."""
    state, bar, rest = line.partition("|")
    name, second_bar, version = rest.partition("|")
    if not bar or not second_bar or len(state) not in {2, 3}:
        raise UnreadableError(f"dpkg-query: expected `state|name|version`, found {short(line)!r}")
    meaning = STATES.get(state[1], "in need of a new installation")
    return Finding(check=check, subject=named(name), severity="critical", message=f"{short(version)} is {meaning}")


CHECK = Check(name="package-health", title="Half-installed packages", command=COMMAND, read=read)
