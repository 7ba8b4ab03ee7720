"""When a step is taken, and by which shell: what must fit together."""

from collections.abc import Mapping, Sequence

from msp_ops.domain.binding import fit
from msp_ops.domain.parameters import GivenFile, Secret
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import (
    OF_CHANGES,
    OF_LOOKS,
    PLATFORMS,
    POWERSHELL,
    CheckStep,
    Circumstances,
    Happened,
    ScriptStep,
    Step,
    WaitStep,
    is_look,
    is_platform,
)
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.document import Document, Where


def check_platforms(document: Document, where: Where, platforms: Sequence[str]) -> None:
    """Complains of words that no host says of itself."""
    for number, word in enumerate(platforms):
        if not is_platform(word):
            hint = did_you_mean(word, PLATFORMS)
            known = f"{listed(PLATFORMS)}, and one with its release as debian-12"
            document.complain([*where, number], f"'{word}' is no platform; platforms: {known}{hint}")


def check_condition(document: Document, runbook: Runbook, where: Where, step: Step) -> None:
    """Complains of a condition that can never hold, or that speaks of what is not there."""
    condition = step.condition
    if condition is None:
        return
    if where[0] == "preview":
        document.complain([*where, "when"], "a preview has no condition: it says what would happen")
    if condition.is_empty and condition.unless is None:
        words = "the condition is empty; add platform, role, parameter, after or unless, or remove it"
        document.complain([*where, "when"], words)
    _check_circumstances(document, runbook, [*where, "when"], step, condition)
    if condition.unless is None:
        return
    if condition.unless.is_empty:
        words = "nothing stands here; add platform, role, parameter or after, or remove it"
        document.complain([*where, "when", "unless"], words)
    _check_circumstances(document, runbook, [*where, "when", "unless"], step, condition.unless)


def _check_circumstances(
    document: Document, runbook: Runbook, where: Where, step: Step, circumstances: Circumstances
) -> None:
    check_platforms(document, [*where, "platform"], circumstances.platform)
    for name, value in circumstances.parameter.items():
        _check_parameter(document, runbook, [*where, "parameter", name], name, value)
    if where[0] == "undo" and circumstances.after:
        document.complain(
            [*where, "after"], "an undo may run weeks later, and alone; let its script look into $msp_kept"
        )
        return
    earlier = _before(runbook, step)
    for name, happened in circumstances.after.items():
        _check_after(document, [*where, "after", name], name, happened, earlier)


def _check_after(
    document: Document, where: Where, name: str, happened: Happened, earlier: Mapping[str, tuple[Happened, ...]]
) -> None:
    tells = [each for each, words in earlier.items() if words]
    if name not in earlier:
        known = f"steps before it that tell something: {listed(tells) or 'none'}{did_you_mean(name, tells)}"
        document.complain_of_key(where, f"'{name}' comes not before this step; {known}")
    elif not earlier[name]:
        found = f"'{name}' neither changes nor finds anything: nothing can depend on it"
        document.complain_of_key(where, f"{found}; steps before it that do: {listed(tells)}")
    elif happened not in earlier[name]:
        does = "changes the host" if earlier[name] == OF_CHANGES else "only looks"
        document.complain(where, f"'{name}' {does}; right is {', '.join(earlier[name])}")


def check_shell(document: Document, runbook: Runbook, where: Where, step: ScriptStep | WaitStep) -> None:
    """Complains of PowerShell that a host without it could get."""
    said = step.condition.platform if step.condition and step.condition.platform else runbook.platforms
    windows_only = tuple(said) == ("windows",)
    if step.file.endswith(POWERSHELL) and not windows_only:
        document.complain(
            [*where, step.kind], "PowerShell needs Windows; add when: {platform: [windows]} or platforms: [windows]"
        )
    elif windows_only and not step.file.endswith(POWERSHELL):
        document.complain([*where, step.kind], "Windows has no POSIX sh; right is a file that ends in .ps1")


def _check_parameter(document: Document, runbook: Runbook, where: Where, name: str, value: str) -> None:
    parameter = runbook.parameters.get(name)
    if parameter is None:
        hint = did_you_mean(name, runbook.parameters)
        document.complain_of_key(
            where, f"there is no parameter '{name}'; parameters: {listed(runbook.parameters)}{hint}"
        )
        return
    if isinstance(parameter, Secret | GivenFile):
        document.conceal(where)
        document.complain_of_key(where, f"nothing can depend on '{name}': what it stands for is not in the plan")
        return
    try:
        bound = fit(parameter, value)
    except ValueError as error:
        document.complain(where, str(error))
    else:
        if bound != value:
            document.complain(where, f"'{value}' reaches a step as '{bound}'; right is {bound}")


def _before(runbook: Runbook, step: Step) -> dict[str, tuple[Happened, ...]]:
    """The steps that a host comes to before it, each with the words that can be said of it afterwards."""
    before: dict[str, tuple[Happened, ...]] = {}
    for each in (*runbook.steps, *runbook.verify):
        if each is step:
            return before
        before[each.name] = _words_of(each)
    return {}


def _words_of(step: Step) -> tuple[Happened, ...]:
    if not is_look(step):
        return OF_CHANGES
    return OF_LOOKS if isinstance(step, CheckStep | ScriptStep) else ()
