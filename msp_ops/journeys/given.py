"""What parameters stand for: files are read when a run is asked for, secrets when it begins."""

from collections.abc import Iterator, Mapping

from msp_ops.domain.errors import FileError, NotPermitted, PlanError
from msp_ops.domain.given import Given, GivenFiles
from msp_ops.domain.occurrence import Request
from msp_ops.domain.parameters import GivenFile
from msp_ops.domain.plan import Plan
from msp_ops.domain.run import Run
from msp_ops.domain.runbook import Runbook
from msp_ops.files.given_file import read_given_file
from msp_ops.files.workspace import Workspace
from msp_ops.secrets.redact import SHORTEST
from msp_ops.secrets.references import Resolve

LARGEST = 64 * 1024  # bytes of a secret: more is no secret but a file
PEM = "-----BEGIN "


def read_files(workspace: Workspace, runbook: Runbook, parameters: Mapping[str, str]) -> GivenFiles:
    """What the files hold that bound parameters name. PlanError when one cannot be read."""
    contents, mistakes = {}, []
    for name in (name for name, each in runbook.parameters.items() if isinstance(each, GivenFile)):
        try:
            contents[name] = read_given_file(workspace.root, parameters[name])
        except FileError as mistake:
            mistakes.append(f"{name}: {mistake}")
    if mistakes:
        raise PlanError("\n".join(mistakes))
    return GivenFiles(contents=contents)


def same_files(workspace: Workspace, runbook: Runbook, run: Run) -> GivenFiles:
    """The files of an earlier run. PlanError when one of them is another by now."""
    found = read_files(workspace, runbook, run.plan.parameters)
    before = {each.parameter: each.sha256 for each in run.plan.files}
    for each in found.planned():
        if before.get(each.parameter) != each.sha256:
            raise PlanError(
                f"{each.parameter}: the file {run.plan.parameters[each.parameter]} has changed since run {run.id}: "
                f"bring back what it was (sha256 {before.get(each.parameter, 'unknown')}), or start the runbook anew"
            )
    return found


def refuse_other_files(files: GivenFiles, request: Request) -> None:
    """NotPermitted when one is not what was asked for. A request of an earlier version says nothing of its files."""
    now = {each.parameter: each.sha256 for each in files.planned()}
    for each in request.files:
        if now.get(each.parameter) != each.sha256:
            raise NotPermitted(
                f"{each.parameter}: the file {request.parameters[each.parameter]} has changed since request "
                f"{request.id}: bring back what it was (sha256 {each.sha256}), or ask for it anew"
            )


def resolve_secrets(plan: Plan, files: GivenFiles, resolve: Resolve) -> Given:
    """The values, as late as possible and before any host is touched. FileError: one is missing or cannot be used."""
    values = {name: _value(name, plan.parameters[name], resolve) for name in plan.secrets}
    return Given(secrets=values, files=files)


def _value(name: str, reference: str, resolve: Resolve) -> str:
    try:
        value = resolve(reference)
    except FileError as mistake:
        raise FileError(f"{name}: {mistake}") from None
    if why := next(_mistakes(value), None):
        raise FileError(f"{name}: the secret {reference} {why}")
    return value


def _mistakes(value: str) -> Iterator[str]:
    """Never with a part of the value."""
    if not any(len(line.strip()) >= SHORTEST for line in value.splitlines()):
        yield f"has no line of {SHORTEST} characters: it could not be kept out of what hosts say; set a longer one"
    if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
        yield "is not text: it has a NUL byte, or bytes that are not UTF-8"
    if len(value.encode(errors="replace")) > LARGEST:
        yield "has more than 64 KiB; what is larger is no secret: give it as a file"
    if value.startswith("-") and not value.startswith(PEM):
        yield "begins with a dash, which a program could take for an option; set another one"
