"""What a runbook may ask for: names that can be shell variables and options, bounds and defaults that fit."""

from datetime import timedelta

from msp_ops.domain.binding import fit
from msp_ops.domain.duration import spell_duration
from msp_ops.domain.parameters import Choice, GivenFile, Int, OtherHost, Parameter, Secret, Size, Span, Text, takes_many
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.size import read_size
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
        "on-site",
        "reason",
        "ticket",
        "via-prefect",
        "wait",
        "workspace",
        "yes",
    }
)
OWN = "msp-"  # begins what msp-ops itself tells a script


def check_parameter(document: Document, runbook: Runbook, name: str, parameter: Parameter) -> None:
    """Complains of a name or a value that cannot be meant."""
    where = ["parameters", name]
    _check_name(document, where, runbook, name)
    match parameter:
        case Text() | Int() | Span() | Size() if found := _crossed(parameter):
            document.complain([*where, "minimum"], found)
        case Choice(options=options) if len(set(options)) != len(options):
            document.complain([*where, "options"], "an option stands here twice")
        case Choice(options=options) if len(options) < 2:
            document.complain([*where, "options"], "a choice needs two options or more")
        case Text(default=default) | Choice(default=default) | Int(default=default) | Size(default=default):
            _check_default(document, where, parameter, default)
        case Span(default=span):
            _check_default(document, where, parameter, None if span is None else spell_duration(span))
        case Secret() | GivenFile():
            _check_no_playbook(document, runbook, name, parameter)
        case _:
            pass


def _crossed(parameter: Text | Int | Span | Size) -> str:
    """What is wrong with bounds between which there is nothing, or nothing."""
    match parameter:
        case Text(minimum=least, maximum=most) | Int(minimum=least, maximum=most) if least > most:
            return f"minimum is above maximum {most}"
        case Span(minimum=shortest, maximum=timedelta() as longest) if shortest > longest:
            return f"minimum is above maximum {spell_duration(longest)}"
        case Size(minimum=str() as smallest, maximum=str() as largest) if read_size(smallest) > read_size(largest):
            return f"minimum is above maximum {largest}"
        case _:
            return ""


def _check_name(document: Document, where: Where, runbook: Runbook, name: str) -> None:
    try:
        read_id(name)
    except ValueError as error:
        document.complain_of_key(where, f"the name of a parameter: {error}")
    if name in RESERVED:
        document.complain_of_key(where, f"'{name}' is an option of msp-ops itself; choose another name")
    if name.startswith(OWN):
        document.complain_of_key(where, f"'{name}' is kept for what msp-ops itself tells a script; choose another name")
    host = name.removesuffix("-address")
    if host != name and isinstance(runbook.parameters.get(host), OtherHost):
        document.complain_of_key(where, f"'{name}' is the address of the host '{host}' already; choose another name")


def _check_no_playbook(document: Document, runbook: Runbook, name: str, parameter: Secret | GivenFile) -> None:
    """Ansible writes its variables down where msp-ops cannot mask them, and reads files by itself."""
    if any(step.kind in {"playbook", "module"} for step in runbook.steps):
        what = "a secret" if isinstance(parameter, Secret) else "a file"
        document.complain_of_key(
            ["parameters", name],
            f"'{name}' is {what}, which scripts can be given and Ansible cannot; make two runbooks of this one",
        )


def _check_default(document: Document, where: Where, parameter: Parameter, default: str | int | None) -> None:
    if default is None or (default == "" and takes_many(parameter)):
        return
    try:
        fit(parameter, str(default))
    except ValueError as error:
        document.complain([*where, "default"], f"the default does not fit its own parameter: {error}")
