"""What must fit together within one runbook."""

from msp_ops.domain.parameters import fit
from msp_ops.domain.runbook import (
    REBOOTS,
    CheckStep,
    Choice,
    Int,
    Parameter,
    RebootStep,
    Runbook,
    ScriptStep,
    Step,
    Text,
)
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.client_rules import Placed, check_unique
from msp_ops.files.document import Document, Where
from msp_ops.files.spelling import read_id

RESERVED = frozenset(
    {
        "at-once",
        "check",
        "help",
        "hosts",
        "json",
        "no-input",
        "reason",
        "ticket",
        "via-prefect",
        "wait",
        "workspace",
        "yes",
    }
)


def placed_steps(runbook: Runbook) -> Placed[Step]:
    """Every step with its place in the file."""
    placed: Placed[Step] = [(["steps", number], step) for number, step in enumerate(runbook.steps)]
    placed += [(["verify", number], step) for number, step in enumerate(runbook.verify)]
    if runbook.preview:
        placed.append((["preview"], runbook.preview))
    return placed


def check_runbook(document: Document, runbook: Runbook, known_checks: frozenset[str] | None) -> None:
    """Complains of everything that cannot be meant."""
    _check_impact(document, runbook)
    for part in ("steps", "verify"):
        named = [([part, number, "name"], step.name) for number, step in enumerate(getattr(runbook, part))]
        check_unique(document, named, "the step name")
    for where, step in placed_steps(runbook):
        match step:
            case ScriptStep():
                _check_change(document, runbook, where, step)
            case RebootStep():
                _check_reboot(document, runbook, where, step)
            case CheckStep(check=check) if known_checks is not None and check not in known_checks:
                known = f"checks: {listed(sorted(known_checks))}{did_you_mean(check, known_checks)}"
                document.complain([*where, "check"], f"there is no check '{check}'; {known}")
            case CheckStep():
                pass
    for name, parameter in runbook.parameters.items():
        _check_parameter(document, name, parameter)


def _check_impact(document: Document, runbook: Runbook) -> None:
    if not runbook.steps:
        document.complain(["steps"], "there is no step; add - check: NAME or - script: FILE")
    if not runbook.changes:
        return
    if not runbook.verify:
        document.complain(
            ["impact"], f"impact {runbook.impact} needs verify: a change that nobody proves is not done; add verify"
        )
    if not any(
        isinstance(step, RebootStep) or (isinstance(step, ScriptStep) and step.changes) for step in runbook.steps
    ):
        document.complain(["impact"], f"impact is {runbook.impact} but no step changes anything; right is read-only")


def _check_change(document: Document, runbook: Runbook, where: Where, step: ScriptStep) -> None:
    if not step.changes:
        return
    if where[0] != "steps":
        document.complain([*where, "changes"], f"{where[0]} only looks; a script that changes belongs into steps")
    elif not runbook.changes:
        document.complain([*where, "changes"], "the runbook's impact is read-only; right is changes: no")


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


def _check_parameter(document: Document, name: str, parameter: Parameter) -> None:
    where = ["parameters", name]
    try:
        read_id(name)
    except ValueError as error:
        document.complain_of_key(where, f"the name of a parameter: {error}")
    if name in RESERVED:
        document.complain_of_key(where, f"'{name}' is an option of msp-ops itself; choose another name")
    if isinstance(parameter, Int) and parameter.minimum > parameter.maximum:
        document.complain([*where, "minimum"], f"minimum is above maximum {parameter.maximum}")
    elif isinstance(parameter, Choice) and len(set(parameter.options)) != len(parameter.options):
        document.complain([*where, "options"], "an option stands here twice")
    elif isinstance(parameter, Choice) and len(parameter.options) < 2:
        document.complain([*where, "options"], "a choice needs two options or more")
    elif isinstance(parameter, Text | Choice | Int) and parameter.default is not None:
        try:
            fit(parameter, str(parameter.default))
        except ValueError as error:
            document.complain([*where, "default"], f"the default does not fit its own parameter: {error}")
