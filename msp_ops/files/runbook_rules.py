"""What must fit together within one runbook."""

from msp_ops.domain.parameters import Choice
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import (
    REBOOTS,
    ApproveStep,
    CheckStep,
    ModuleStep,
    PlaybookStep,
    RebootStep,
    ScriptStep,
    Step,
    WaitStep,
    is_look,
)
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.client_rules import Placed, check_unique
from msp_ops.files.condition_rules import check_condition, check_platforms, check_shell
from msp_ops.files.document import Document, Where
from msp_ops.files.parameter_rules import check_parameter
from msp_ops.files.playbook_rules import check_ansible


def placed_steps(runbook: Runbook) -> Placed[Step]:
    """Every step with its place in the file."""
    parts: Placed[tuple[Step, ...]] = [
        (["evidence"], runbook.evidence),
        (["steps"], runbook.steps),
        (["verify"], runbook.verify),
        (["undo"], runbook.undo),
    ]
    placed: Placed[Step] = [([*part, number], step) for part, steps in parts for number, step in enumerate(steps)]
    return [*placed, (["preview"], runbook.preview)] if runbook.preview else placed


def check_runbook(document: Document, runbook: Runbook, known_checks: frozenset[str] | None) -> None:
    """Complains of everything that cannot be meant."""
    _check_impact(document, runbook)
    _check_undo(document, runbook)
    check_platforms(document, ["platforms"], runbook.platforms)
    placed = placed_steps(runbook)
    for parts in (("steps", "undo"), ("verify",), ("evidence",)):
        named = [([*where, "name"], step.name) for where, step in placed if where[0] in parts]
        check_unique(document, named, "the step name")
    for where, step in placed:
        _check_step(document, runbook, where, step, known_checks)
        check_condition(document, runbook, where, step)
    for name, parameter in runbook.parameters.items():
        check_parameter(document, runbook, name, parameter)


def _check_step(
    document: Document, runbook: Runbook, where: Where, step: Step, known_checks: frozenset[str] | None
) -> None:
    match step:
        case ScriptStep():
            _check_change(document, runbook, where, step)
            check_shell(document, runbook, where, step)
        case RebootStep():
            _check_reboot(document, runbook, where, step)
        case CheckStep(check=check) if known_checks is not None and check not in known_checks:
            known = f"checks: {listed(sorted(known_checks))}{did_you_mean(check, known_checks)}"
            document.complain([*where, "check"], f"there is no check '{check}'; {known}")
        case WaitStep():
            check_shell(document, runbook, where, step)
        case PlaybookStep() | ModuleStep():
            check_ansible(document, runbook, where, step)
        case ApproveStep() if not runbook.changes:
            document.complain([*where, "approve"], "a runbook that only looks needs nobody's word; remove the step")
        case CheckStep() | ApproveStep():
            pass


def _check_impact(document: Document, runbook: Runbook) -> None:
    if not runbook.steps:
        document.complain(["steps"], "there is no step; add - check: NAME or - script: FILE")
    if (runbook.risk == "R0") is runbook.changes:
        right = "R1, R2 or R3" if runbook.changes else "R0"
        document.complain(["risk"], f"risk {runbook.risk} and impact {runbook.impact} cannot both be; right is {right}")
    if not runbook.changes:
        return
    if not runbook.verify:
        document.complain(
            ["impact"], f"impact {runbook.impact} needs verify: a change that nobody proves is not done; add verify"
        )
    if all(is_look(step) for step in runbook.steps):
        document.complain(["impact"], f"impact is {runbook.impact} but no step changes anything; right is read-only")


def _check_undo(document: Document, runbook: Runbook) -> None:
    if runbook.undo and runbook.no_undo:
        document.complain(["no_undo"], "undo and no_undo cannot both be; keep the one that is true")
    if not runbook.changes and (runbook.undo or runbook.no_undo):
        key = "undo" if runbook.undo else "no_undo"
        document.complain([key], "the runbook's impact is read-only: there is nothing to undo; remove it")


def _check_change(document: Document, runbook: Runbook, where: Where, step: ScriptStep) -> None:
    if where[0] == "undo" and not step.changes:
        document.complain([*where, "changes"], "an undo changes the host; a script that only looks belongs into verify")
    _check_repeats(document, where, step)
    if not step.changes:
        return
    if where[0] not in {"steps", "undo"}:
        document.complain([*where, "changes"], f"{where[0]} only looks; a script that changes belongs into steps")
    elif not runbook.changes:
        document.complain([*where, "changes"], "the runbook's impact is read-only; right is changes: no")


def _check_repeats(document: Document, where: Where, step: ScriptStep) -> None:
    if step.repeatable and not step.changes:
        found = "a script that only looks may be repeated anyway, and is when its link breaks; remove it"
        document.complain([*where, "repeatable"], found)
    if not step.repeatable and document.node([*where, "tries"]):
        document.complain([*where, "tries"], "a step is tried once unless it may be repeated; add repeatable: yes")


def _check_reboot(document: Document, runbook: Runbook, where: Where, step: RebootStep) -> None:
    if runbook.impact != "reboots":
        document.complain(
            ["impact"], f"impact is {runbook.impact} but the step '{step.name}' reboots; right is reboots"
        )
    if step.when in REBOOTS:
        return
    decides = runbook.parameters.get(step.when)
    words = ", ".join(REBOOTS)
    if decides is None:
        known = [*REBOOTS, *runbook.parameters]
        document.complain(
            [*where, "reboot"],
            f"'{step.when}' is neither {words} nor a parameter of this runbook{did_you_mean(step.when, known)}",
        )
    elif not isinstance(decides, Choice) or set(decides.options) != set(REBOOTS):
        document.complain(
            [*where, "reboot"],
            f"the parameter '{step.when}' cannot decide: it must be a choice with options: [{words}]",
        )
