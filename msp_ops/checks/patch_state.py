"""Which updates wait (apt)? The plan of a simulated upgrade, with the age of the lists it was made from.

An upgrade planned from old lists says "nothing to do" of a host that nobody looked after: it is not trusted. A list's
own time is the mirror's; the stamp is written by whoever refreshed all lists. Both only ever look too old. The times
of `lists/partial` and of the package cache do not count: a refresh that failed moves them too (measured, apt 2.6).
"""

from collections.abc import Iterator
from datetime import timedelta

from msp_ops.checks.answer import epoch_seconds, listed, measured, only, parts, span_in_words
from msp_ops.checks.apt_plan import AptPlan, read_plan
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.checks.package_health import unfinished
from msp_ops.domain.finding import EVERYTHING, Finding, Measurement, Reading
from msp_ops.domain.runbook import Severity

COMMAND = r"""
LC_ALL=C; export LC_ALL
echo "== now"; date +%s
echo "== lists"
for list in /var/lib/apt/lists/*Release /var/lib/apt/periodic/update-success-stamp; do
  if [ -e "$list" ]; then stat -c %Y -- "$list"; fi
done
echo "== plan"; apt-get -s -o Debug::NoLocking=1 dist-upgrade 2>&1 || exit 3
echo "== packages"
dpkg-query -W -f='${db:Status-Abbrev}|${Package}|${Version}\n' | awk '
  /^h/ || substr($0, 2, 1) ~ /[HUFWt]/ || substr($0, 3, 1) == "R" { print }'
echo "== end"
"""
OLDEST_LISTS = timedelta(hours=48)


def read(seen: Seen) -> Reading:
    answer = parts(seen, "now", "lists", "plan", "packages")
    plan = read_plan(answer["plan"])
    age = _age(answer)
    held = [line.split("|")[1] for line in answer["packages"] if line.startswith("h") and line.count("|") == 2]
    broken = [unfinished(line, "patch-state") for line in answer["packages"] if line[1:2] != "i" or line[2:3] == "R"]
    security = [install.shown for install in plan.installs if install.is_security]
    other = [install.shown for install in plan.installs if not install.is_security]
    return Reading(
        findings=(*_lists(age), *_waiting(security, other), *_left_alone(plan, held), *broken),
        measurements=tuple(_measure(seen, age, len(security), len(other), len(held))),
        # old lists show fewer updates than there are: they must not close what better ones have found
        unjudged=() if age is not None and age <= OLDEST_LISTS else (EVERYTHING,),
    )


def _measure(seen: Seen, age: timedelta | None, security: int, other: int, held: int) -> Iterator[Measurement]:
    """No count of updates from lists that are not trusted: a trend would show it as a good day."""
    yield measured(seen, "packages_held", held, "packages")
    if age is not None:
        yield measured(seen, "package_lists_age", int(age.total_seconds()), "seconds")
    if age is not None and age <= OLDEST_LISTS:
        yield measured(seen, "updates_security", security, "packages")
        yield measured(seen, "updates_other", other, "packages")


def _age(answer: dict[str, list[str]]) -> timedelta | None:
    now = epoch_seconds(only(answer["now"], "date"), "date")
    times = [epoch_seconds(line, "time of a package list") for line in answer["lists"]]
    if not times:
        return None
    age = timedelta(seconds=int(now - max(times)))
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
