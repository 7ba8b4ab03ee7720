"""When a step is taken, and by which shell: what must fit together."""

from collections.abc import Sequence

from msp_ops.domain.binding import fit
from msp_ops.domain.parameters import GivenFile, Secret
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import PLATFORMS, POWERSHELL, ScriptStep, Step, WaitStep, is_look
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.document import Document, Where


def check_platforms(document: Document, where: Where, platforms: Sequence[str]) -> None:
    """Complains of words that no host says of itself."""
    for number, word in enumerate(platforms):
        if word not in PLATFORMS:
            hint = did_you_mean(word, PLATFORMS)
            document.complain([*where, number], f"'{word}' is no platform; platforms: {listed(PLATFORMS)}{hint}")


def check_condition(document: Document, runbook: Runbook, where: Where, step: Step) -> None:
    """Complains of a condition that can never hold, or that speaks of what is not there."""
    condition = step.condition
    if condition is None:
        return
    if where[0] == "preview":
        document.complain([*where, "when"], "a preview has no condition: it says what would happen")
    if not (condition.platform or condition.parameter or condition.after):
        document.complain([*where, "when"], "the condition is empty; add platform, parameter or after, or remove it")
    check_platforms(document, [*where, "when", "platform"], condition.platform)
    for name, value in condition.parameter.items():
        _check_parameter(document, runbook, [*where, "when", "parameter", name], name, value)
    if where[0] == "undo" and condition.after:
        document.complain(
            [*where, "when", "after"], "an undo may run weeks later, and alone; let its script look into $msp_kept"
        )
        return
    earlier = _changing_before(runbook, step)
    for name in condition.after:
        if name not in earlier:
            known = f"steps that change something before it: {listed(earlier) or 'none'}{did_you_mean(name, earlier)}"
            document.complain_of_key([*where, "when", "after", name], f"'{name}' comes not before this step; {known}")


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


def _changing_before(runbook: Runbook, step: Step) -> list[str]:
    names = []
    for each in runbook.all_steps():
        if each is step:
            break
        if not is_look(each):
            names.append(each.name)
    return names
