"""A runbook as a person reads it before running it: what it may do, what it wants, step by step."""

from collections.abc import Iterator

from msp_ops.cli.parameter_words import parameter_words
from msp_ops.cli.talk import out, shown
from msp_ops.domain.duration import spell_duration
from msp_ops.domain.runbook import Risk, Runbook
from msp_ops.domain.step import (
    REBOOTS,
    ApproveStep,
    CheckStep,
    Circumstances,
    Condition,
    ModuleStep,
    PlaybookStep,
    RebootStep,
    ScriptStep,
    Step,
    WaitStep,
)

PARTS = ("preview", "evidence", "steps", "verify", "undo")
RISKS: dict[Risk, str] = {
    "R0": "it only looks",
    "R1": "it can be taken back",
    "R2": "a service feels it",
    "R3": "data or the next boot are at stake",
}


def show_runbook(book: Runbook) -> None:
    """All that its file says, but for its words to the client."""
    out.print(f"[bold]{shown(book.title)}[/bold]  ({book.activity}, {book.impact})")
    if book.symptoms:
        out.print(f"For: {shown('; '.join(book.symptoms))}")
    out.print(f"Risk: {book.risk}, {RISKS[book.risk]}")
    out.print(f"Expected: {spell_duration(book.expected)}")
    out.print(f"Platforms: {', '.join(book.platforms) or 'any'}")
    out.print(f"Ticket: {ticket_words(book)}")
    for name, parameter in book.parameters.items():
        out.print(f"  --{name}  {shown(parameter.title)}")
        out.print(f"            {shown(parameter_words(parameter))}")
    for part in PARTS:
        _show_part(part, getattr(book, part))
    if book.no_undo:
        out.print(f"No undo: {shown(book.no_undo)}")
    if book.fails_on:
        out.print(f"Fails on: a finding of severity {book.fails_on} or worse")
    if book.uses:
        out.print(f"Uses what runbooks share: {shown(', '.join(book.uses))}")


def ticket_words(book: Runbook) -> str:
    """Whether a person's run of it needs a ticket."""
    if book.ticket == "optional":
        return "not needed"
    if book.ticket == "required" or book.risk == "R3":
        return "required"
    return "as the client's policy says" if book.activity == "break/fix" else "not needed"


def step_words(step: Step) -> Iterator[str]:  # noqa: C901  # one case a kind of step
    """What a step is, as whom it runs, how long it may take."""
    match step:
        case CheckStep(check=check):
            yield f"check {check}{', from here' if step.from_here else ''}"
        case ScriptStep(file=file, changes=changes):
            yield f"script {file}, {'changes' if changes else 'looks'}"
            if step.repeatable:
                yield f"{step.tries} tries"
        case PlaybookStep(file=file):
            yield f"playbook {file}, changes"
        case ModuleStep(module=module, changes=changes):
            yield f"module {module}, {'changes' if changes else 'looks'}"
        case RebootStep(when=when):
            yield f"reboot {when}" if when in REBOOTS else f"reboot as --{when} says"
        case WaitStep(file=file, every=every):
            yield f"wait {file} every {spell_duration(every)}"
        case ApproveStep(question=question, another=another):
            yield f"{'another person' if another else 'a person'} is asked: {question}"
    if isinstance(step, ScriptStep | WaitStep | ModuleStep):
        yield f"as {step.run_as}"
    yield f"within {spell_duration(step.timeout)}"


def condition_words(condition: Condition) -> str:
    """When a step is taken."""
    said = [*_circumstances(condition)]
    if condition.unless:
        said.append(f"unless {' and '.join(_circumstances(condition.unless))}")
    return "; ".join(said)


def _circumstances(wanted: Circumstances) -> Iterator[str]:
    if wanted.platform:
        yield f"platform {' or '.join(wanted.platform)}"
    if wanted.role:
        yield f"role {' or '.join(wanted.role)}"
    yield from (f"{name} is {value or 'empty'}" for name, value in wanted.parameter.items())
    yield from (f"'{name}' {happened}" for name, happened in wanted.after.items())


def _show_part(part: str, steps: Step | tuple[Step, ...] | None) -> None:
    for step in steps if isinstance(steps, tuple) else [steps] if steps else []:
        out.print(f"  {part.removesuffix('s'):8}  {shown(step.name)}  ({shown(', '.join(step_words(step)))})")
        if step.condition:
            out.print(f"            when {shown(condition_words(step.condition))}")
