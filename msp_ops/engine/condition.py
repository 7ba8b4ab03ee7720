"""Whether a step is taken: by what is known of the host, and by what became of the steps before it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from msp_ops.domain.finding import EVERYTHING, Finding, at_least
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.record import record
from msp_ops.domain.run import StepResult
from msp_ops.domain.runbook import Severity
from msp_ops.domain.step import OF_CHANGES, Circumstances, Condition, Happened, Step
from msp_ops.domain.wording import listed
from msp_ops.engine.job import HostJob
from msp_ops.engine.platform import told

FLOORS: dict[Happened, Severity] = {"found": "info", "clear": "info", "warning": "warning", "critical": "critical"}


@record
class NotTaken:
    """A step is not taken, and why. `untold`: whether it should be taken cannot be told."""

    why: str
    untold: bool = False


@record
class _Part:
    """One part of the circumstances. `holds` None: that cannot be told."""

    holds: bool | None
    fact: str
    wanted: str = ""


Done = Sequence[StepResult]


def not_taken(
    condition: Condition | None, job: HostJob, platform: Collection[str], done: Done | None
) -> NotTaken | None:
    """Why a step is not taken, or None. `done`: the results so far; None before any step, when all may come yet."""
    if condition is None:
        return None
    wanted = list(_parts(condition, job, platform, done))
    if against := [part for part in wanted if part.holds is False]:
        return NotTaken(why=f"{against[0].wanted}{against[0].fact}")
    unless = list(_parts(condition.unless, job, platform, done)) if condition.unless else []
    if unless and all(part.holds for part in unless):
        return NotTaken(why=" and ".join(part.fact for part in unless))
    open_ones = [part for part in wanted if part.holds is None]
    if not any(part.holds is False for part in unless):
        open_ones += [part for part in unless if part.holds is None]
    return NotTaken(why=open_ones[0].fact, untold=True) if open_ones else None


def may_be_taken(step: Step, job: HostJob, platform: Collection[str], done: Done | None) -> bool:
    """Whether it is taken, as far as that can be told."""
    passed_by = not_taken(step.condition, job, platform, done)
    return passed_by is None or passed_by.untold


def in_turns(steps: Iterable[Step], *, alone: Callable[[Step], bool] = lambda _: False) -> Iterator[list[Step]]:
    """The steps in their order, those together that need no word of each other. `alone`: a turn of its own."""
    turn: list[Step] = []
    for step in steps:
        if turn and (alone(step) or alone(turn[-1]) or _waited_for(step) & {each.name for each in turn}):
            yield turn
            turn = []
        turn.append(step)
    if turn:
        yield turn


def _waited_for(step: Step) -> set[str]:
    condition = step.condition
    if condition is None:
        return set()
    return {*condition.after, *(condition.unless.after if condition.unless else ())}


def _parts(wanted: Circumstances, job: HostJob, platform: Collection[str], done: Done | None) -> Iterator[_Part]:
    if wanted.platform:
        is_one = bool(set(wanted.platform) & set(platform))
        yield _Part(
            holds=is_one, fact=f"this host is {told(platform)}", wanted=f"it is for {listed(wanted.platform)}; "
        )
    if wanted.role:
        roles = job.target.host.roles
        fact = f"this host has {listed(roles)}" if roles else "this host has no role"
        yield _Part(
            holds=bool(set(wanted.role) & set(roles)), fact=fact, wanted=f"it is for the roles {listed(wanted.role)}; "
        )
    for name, value in wanted.parameter.items():
        yield _Part(holds=job.parameters[name] == value, fact=f"{name} is {job.parameters[name]}")
    for name, happened in wanted.after.items():
        yield _after(name, happened, done)


def _after(name: str, happened: Happened, done: Done | None) -> _Part:
    if done is None:
        return _Part(holds=None, fact=f"'{name}' comes before it")
    results = [step for step in done if step.name == name]
    return _after_change(name, happened, results) if happened in OF_CHANGES else _after_look(name, happened, results)


def _after_change(name: str, happened: Happened, results: Done) -> _Part:
    """A step that came to no end may have changed something or not."""
    if any(step.outcome is Outcome.UNKNOWN for step in results):
        return _Part(holds=None, fact=f"nobody knows whether '{name}' changed something")
    changed = any(step.changed for step in results)
    fact = f"'{name}' changed {'something' if changed else 'nothing'}"
    return _Part(holds=changed is (happened == "changed"), fact=fact)


def _after_look(name: str, happened: Happened, results: Done) -> _Part:
    """What was found stands, also where the look came to no end; its silence then says nothing.

    A look that was passed by has found nothing, and has not shown that all is well either.
    """
    floor = FLOORS[happened]
    if not results:
        return _Part(holds=None, fact=f"nobody knows what '{name}' found")
    found = [finding for finding in results[-1].findings if at_least(finding.severity, floor)]
    if found:
        return _Part(holds=happened != "clear", fact=f"'{name}' found {_worst(found)}")
    match results[-1]:
        case StepResult(outcome=Outcome.SKIPPED):
            return _Part(holds=False, fact=f"'{name}' was not looked at")
        case StepResult(outcome=Outcome.SUCCEEDED, unjudged=unjudged) if EVERYTHING not in unjudged:
            return _Part(holds=happened == "clear", fact=f"'{name}' found nothing{_so_bad(happened)}")
        case StepResult(reason=why):
            return _Part(holds=None, fact=f"'{name}' could not tell{': ' if why else ''}{why}")


def _worst(found: Sequence[Finding]) -> str:
    worst = next(one for one in found if all(at_least(one.severity, other.severity) for other in found))
    return f"{worst.severity} {worst.subject}"


def _so_bad(happened: Happened) -> str:
    return f" of severity {happened}" if happened in {"warning", "critical"} else ""
