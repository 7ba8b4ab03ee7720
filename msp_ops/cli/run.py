"""`run RUNBOOK CLIENT/HOST`: every runbook is a command, its parameters are the command's options."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.markup import escape
from typer.core import TyperGroup
from typing_extensions import override

from msp_ops.cli.complete import targets
from msp_ops.cli.context import files_of
from msp_ops.cli.words import plain, trimmed
from msp_ops.domain.errors import FileError, PlanError
from msp_ops.domain.parameters import (
    Bool,
    Choice,
    GivenFile,
    Int,
    OtherHost,
    Parameter,
    Secret,
    Size,
    Span,
    Text,
    takes_many,
)
from msp_ops.domain.runbook import Runbook
from msp_ops.engine.plan import AT_ONCE

FIXED: dict[str, Any] = {
    "context": typer.Context,
    "target": Annotated[
        str, typer.Argument(metavar="CLIENT/HOST", help="Such as acme/web1, acme/all.", autocompletion=targets)
    ],
    "ticket": Annotated[str, typer.Option("--ticket", "-t", callback=trimmed, help="The ticket that asked for it.")],
    "reason": Annotated[str, typer.Option("--reason", callback=plain, help="Why, in your words.")],
    "check": Annotated[bool, typer.Option("--check", help="Show plan, permit and what would change; do nothing.")],
    "at_once": Annotated[int, typer.Option("--at-once", min=1, help="How many hosts at the same time.")],
    "wait": Annotated[str, typer.Option("--wait", metavar="DURATION", help="Wait that long for a host that is busy.")],
    "on_site": Annotated[bool, typer.Option("--on-site", help="You are at the client's place: your time says so.")],
    "via_prefect": Annotated[bool, typer.Option("--via-prefect", help="Hand it to a worker instead.")],
    "as_json": Annotated[bool, typer.Option("--json", help="Print events as JSON lines.")],
    "yes": Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")],
}
DEFAULTS: dict[str, Any] = {
    "ticket": "",
    "reason": "",
    "check": False,
    "at_once": AT_ONCE,
    "wait": "",
    "on_site": False,
    "via_prefect": False,
    "as_json": False,
    "yes": False,
}


METAVARS: Mapping[type, str] = {
    Span: "DURATION",
    Size: "SIZE",
    OtherHost: "HOST",
    Secret: "env:NAME|file:PATH",
    GivenFile: "FILE",
    Text: "TEXT",
}


class RunbookCommands(TyperGroup):
    """The library as commands, read when it is asked for."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:  # the context of typer's own click
        """None where there is no workspace: help is help everywhere."""
        try:
            return sorted(files_of(ctx).library)
        except FileError:
            return []

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # typer's own click
        return _command(files_of(ctx).runbook(cmd_name))


app = typer.Typer(
    cls=RunbookCommands,
    help="Run a runbook now. `msp-ops run RUNBOOK --help` shows its parameters.",
    no_args_is_help=True,
    subcommand_metavar="RUNBOOK CLIENT/HOST [OPTIONS]",
)


@app.callback()
def _runbooks() -> None:
    """Run a runbook now. `msp-ops run RUNBOOK --help` shows its parameters."""


def _command(runbook: Runbook) -> Any:  # noqa: ANN401  # typer's own click
    one = typer.Typer(add_completion=False, rich_markup_mode="rich")
    text = f"{runbook.title}\n\nThe client reads: {runbook.client_sentence}\n\nExample: {_example(runbook)}"
    one.command(runbook.id, help=text)(_function(runbook))
    return typer.main.get_command(one)


def _example(runbook: Runbook) -> str:
    from msp_ops.cli.parameter_words import is_required

    needed = [f"--{name} ..." for name, parameter in runbook.parameters.items() if is_required(parameter)]
    return " ".join(["msp-ops run", runbook.id, "acme/web1", *needed, "-t T-7"])


def _function(runbook: Runbook) -> Callable[..., None]:
    """A function whose signature is the fixed options and the runbook's parameters."""
    names = {
        f"of_runbook_{name.replace('-', '_')}": name for name in runbook.parameters
    }  # `except` is a word of Python

    def carry_out(**given: Any) -> None:  # noqa: ANN401  # typer fills it by the signature
        from msp_ops.cli.run_one import Options, run_one

        parameters = {names[key]: _text(names[key], given.pop(key)) for key in names if given[key] is not None}
        given = {key: value for key, value in given.items() if key not in names}
        options: Options = Options(runbook=runbook.id, parameters=parameters, **given)
        run_one(options)

    annotations = FIXED | {key: _option(name, runbook.parameters[name]) for key, name in names.items()}
    defaults = DEFAULTS | dict.fromkeys(names)
    carry_out.__annotations__ = annotations
    carry_out.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # read by inspect.signature
        [
            inspect.Parameter(
                key, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=defaults.get(key, inspect.Parameter.empty)
            )
            for key, kind in annotations.items()
        ]
    )
    return carry_out


def _text(name: str, value: object) -> str:
    """PlanError when one of many values would become two."""
    if isinstance(value, list):
        from msp_ops.domain.binding import together

        try:
            return together(value)
        except ValueError as error:
            raise PlanError(f"{name}: {error}") from error
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _option(name: str, parameter: Parameter) -> Any:  # noqa: ANN401  # an annotation
    if isinstance(parameter, Bool):
        return Annotated[bool | None, typer.Option(f"--{name}/--no-{name}", help=_help(parameter))]
    option = typer.Option(
        f"--{name}", help=_help(parameter), metavar=_metavar(parameter), autocompletion=_offered(parameter)
    )
    return Annotated[list[str] | None if takes_many(parameter) else str | None, option]


def _offered(parameter: Parameter) -> Callable[..., Iterable[str]] | None:
    """What the shell offers on Tab in its place."""
    if not isinstance(parameter, Choice):
        return None

    def beginning(incomplete: str) -> list[str]:
        return [word for word in parameter.options if word.startswith(incomplete)]

    return beginning


def _metavar(parameter: Text | Choice | Int | Span | Size | OtherHost | Secret | GivenFile) -> str:
    match parameter:
        case Choice(options=options):
            return "|".join(options)
        case Int(minimum=minimum, maximum=maximum):
            return f"{minimum}..{maximum}"
        case _:
            return METAVARS[type(parameter)]


def _help(parameter: Parameter) -> str:
    from msp_ops.cli.parameter_words import default_words

    default = default_words(parameter)
    told = "required" if default is None else f"default: {default}"
    many = "; may be given several times" if takes_many(parameter) else ""
    return escape(f"{parameter.title} [{told}{many}]")
