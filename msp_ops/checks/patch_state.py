"""Which updates wait? The plan of an upgrade that is not made, with the age of the lists that it comes from.

What follows is apt's; `rpm_state` has dnf and zypper.

An upgrade planned from old lists says "nothing to do" of a host that nobody looked after: it is not trusted. A list's
own time is the mirror's; the stamp is written by whoever refreshed all lists. Both only ever look too old. The times
of `lists/partial` and of the package cache do not count: a refresh that failed moves them too (measured, apt 2.6).
A source of which there is no list, or one that has ended by its own word (Valid-Until), is passed over in silence.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from msp_ops.checks.answer import epoch_seconds, listed, measured, only, parts, short, span_in_words
from msp_ops.checks.apt_plan import AptPlan, read_plan
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.checks.manager import MANAGER
from msp_ops.checks.package_health import unfinished
from msp_ops.checks.rpm_state import COMMAND as RPM_COMMAND
from msp_ops.checks.rpm_state import RpmState, read_dnf, read_zypper
from msp_ops.domain.finding import EVERYTHING, Finding, Measurement, Reading
from msp_ops.domain.runbook import Severity

COMMAND = rf"""
LC_ALL=C; export LC_ALL
{MANAGER}{RPM_COMMAND}
echo "== now"; date +%s
echo "== lists"
for list in /var/lib/apt/lists/*Release /var/lib/apt/periodic/update-success-stamp; do
  if [ -e "$list" ]; then stat -c %Y -- "$list"; fi
done
echo "== sources"
uris=$(apt-get update --print-uris 2>&1 </dev/null) || {{ printf '%s\n' "$uris"; exit 3; }}
printf '%s\n' "$uris" | sed -n -e "/^'cdrom:/d" -e "s/^'[^']*' \([^ /]*\)_InRelease .*/\1/p" | sort -u |
  while read -r source; do
    list=/var/lib/apt/lists/${{source}}_InRelease
    if [ ! -e "$list" ]; then list=/var/lib/apt/lists/${{source}}_Release; fi
    until=$(sed -n '/^Valid-Until: */{{s///p;q;}}' "$list" 2>/dev/null) || until=never
    case $until in
      '') echo "known $source" ;;
      never) echo "never $source" ;;
      *) if [ "$(date -d "$until" +%s 2>/dev/null || echo 0)" -lt "$(date +%s)" ]; then echo "ended $source"
        else echo "known $source"; fi ;;
    esac
  done
echo "== plan"; apt-get -s -o Debug::NoLocking=1 dist-upgrade 2>&1 || exit 3
echo "== packages"
dpkg-query -W -f='${{db:Status-Abbrev}}|${{Package}}|${{Version}}\n' | awk '
  /^h/ || substr($0, 2, 1) ~ /[HUFWt]/ || substr($0, 3, 1) == "R" {{ print }}'
echo "== end"
"""
OLDEST_LISTS = timedelta(hours=48)


def read(seen: Seen) -> Reading:
    answer = parts(seen)
    if "dnf" in answer:
        rest = ("now", "lists", "advisories", "all", "security", "installed", "locked")
        return _read_rpm(seen, read_dnf(parts(seen, *rest)))
    if "zypper" in answer:
        return _read_rpm(seen, read_zypper(parts(seen, "now", "lists", "all", "security", "replaces", "locked")))
    return _read_apt(seen)


def _read_rpm(seen: Seen, state: RpmState) -> Reading:
    age = _plausible(state.age)
    doubts = [*_lists(age), *_without_lists(state.missing)]
    findings = [*doubts, *_waiting(list(state.security), list(state.other))]
    if not state.knows_security and age is not None:
        message = "not verified: no repository says which updates are for security"
        findings.append(_finding("security updates", "info", message))
    if state.held:
        findings.append(_finding("held packages", "info", f"{listed(state.held)}: a person holds them back"))
    measurements = [measured(seen, "packages_held", len(state.held), "packages")]
    if age is not None:
        measurements.append(measured(seen, "package_lists_age", int(age.total_seconds()), "seconds"))
    if not doubts and state.knows_security:
        measurements.append(measured(seen, "updates_security", len(state.security), "packages"))
    if not doubts:
        measurements.append(measured(seen, "updates_other", len(state.other), "packages"))
    return _reading(findings, measurements, doubts)


def _read_apt(seen: Seen) -> Reading:
    answer = parts(seen, "now", "lists", "sources", "plan", "packages")
    plan = read_plan(answer["plan"])
    age = _age(answer)
    held = [line.split("|")[1] for line in answer["packages"] if line.startswith("h") and line.count("|") == 2]
    broken = [unfinished(line, "patch-state") for line in answer["packages"] if line[1:2] != "i" or line[2:3] == "R"]
    security = [install.shown for install in plan.installs if install.is_security]
    other = [install.shown for install in plan.installs if not install.is_security]
    doubts = [*_lists(age), *_sources(answer["sources"])] if age is not None else [*_lists(age)]
    findings = [*doubts, *_waiting(security, other), *_left_alone(plan, held), *broken]
    measurements = [measured(seen, "packages_held", len(held), "packages")]
    if age is not None:
        measurements.append(measured(seen, "package_lists_age", int(age.total_seconds()), "seconds"))
    if not doubts:
        # no count of updates from lists that are not trusted: a trend would show it as a good day
        measurements.append(measured(seen, "updates_security", len(security), "packages"))
        measurements.append(measured(seen, "updates_other", len(other), "packages"))
    return _reading(findings, measurements, doubts)


def _reading(findings: list[Finding], measurements: list[Measurement], doubts: list[Finding]) -> Reading:
    """Lists in doubt show fewer updates than there are: they must not close what better ones have found."""
    return Reading(
        findings=tuple(findings),
        measurements=tuple(measurements),
        unjudged=(EVERYTHING,) if doubts else (),
        untold="; ".join(doubt.message.removeprefix("not verified: ") for doubt in doubts),
    )


def _age(answer: dict[str, list[str]]) -> timedelta | None:
    now = epoch_seconds(only(answer["now"], "date"), "date")
    times = [epoch_seconds(line, "time of a package list") for line in answer["lists"]]
    if not times:
        return None
    return _plausible(timedelta(seconds=int(now - max(times))))


def _plausible(age: timedelta | None) -> timedelta | None:
    if age is None:
        return None
    if age < timedelta(days=-1):
        raise UnreadableError(f"the package lists are dated {span_in_words(age)} in the future: which clock is wrong?")
    return max(age, timedelta(0))


def _lists(age: timedelta | None) -> tuple[Finding, ...]:
    if age is None:
        return (_finding("package lists", "warning", "not verified: there are no package lists"),)
    if age > OLDEST_LISTS:
        message = f"not verified: the package lists are {span_in_words(age)} old, newer updates are not known here"
        return (_finding("package lists", "warning", message),)
    return ()


def _sources(lines: list[str]) -> Iterator[Finding]:
    """Each line is `known`, `never` or `ended`, and a source. Raises UnreadableError when one is not."""
    told = [line.partition(" ")[::2] for line in lines]
    for state, source in told:
        if state not in {"known", "never", "ended"} or not source:
            raise UnreadableError(f"apt sources: expected known, never or ended, found {short(f'{state} {source}')!r}")
    if not told:
        yield _finding("repositories", "warning", "not verified: this host has no repository to ask")
    yield from _without_lists([source for state, source in told if state == "never"])
    ended = [source for state, source in told if state == "ended"]
    if ended:
        message = f"not verified: the package lists of {listed(ended)} have ended by their own word (Valid-Until)"
        yield _finding("repositories that ended", "warning", message)


def _without_lists(missing: Sequence[str]) -> tuple[Finding, ...]:
    if not missing:
        return ()
    message = f"not verified: there are no package lists of {listed(missing)}"
    return (_finding("repositories", "warning", message),)


def _waiting(security: list[str], other: list[str]) -> tuple[Finding, ...]:
    found = []
    if security:
        message = f"{len(security)} wait: {listed(security)}"
        found.append(_finding("security updates", "warning", message))
    if other:
        found.append(_finding("updates", "info", f"{len(other)} wait: {listed(other)}"))
    return tuple(found)


def _left_alone(plan: AptPlan, held: list[str]) -> tuple[Finding, ...]:
    """Held by somebody, deferred by the publisher, or kept back for another package's sake: three different things."""
    kept = [name for name in plan.kept_back if name not in held and name not in plan.phased]
    rows: list[tuple[str, list[str], str]] = [
        (
            "held packages",
            [name for name in plan.kept_back if name in held],
            "a person holds them back at an old version",
        ),
        ("phased updates", list(plan.phased), "the publisher has not yet released them to every host"),
        ("kept back", kept, "apt keeps them back for the sake of other packages"),
        ("removals", list(plan.removals), "a full upgrade would remove them"),
    ]
    return tuple(_finding(subject, "info", f"{listed(names)}: {why}") for subject, names, why in rows if names)


def _finding(subject: str, severity: Severity, message: str) -> Finding:
    return Finding(check="patch-state", subject=subject, severity=severity, message=message)


CHECK = Check(name="patch-state", title="Updates that wait", command=COMMAND, read=read)
