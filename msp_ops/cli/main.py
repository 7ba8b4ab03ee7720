"""The program: its commands, and the one place where an error becomes a sentence and a number."""

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from msp_ops.cli import (
    billing,
    clients,
    contracts,
    demo,
    exit_codes,
    export,
    findings,
    hosts,
    lab,
    ledger,
    outbox,
    recover,
    run,
    runbooks,
    runs,
    schedules,
    service,
    stop_all,
    store,
    summaries,
    time_spent,
    winrm,
    work,
    workspace,
)
from msp_ops.cli.talk import Command, complain, say
from msp_ops.domain.errors import MspOpsError, PlanError

app = typer.Typer(
    name="msp-ops",
    help="Runbooks for managed service providers: scheduled maintenance and break/fix, proved, timed and priced.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def choose_workspace(
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", "-w", help="The folder with msp.yaml. Else $MSP_OPS_WORKSPACE, else this one."),
    ] = None,
) -> None:
    """Runbooks for managed service providers: scheduled maintenance and break/fix, proved, timed and priced."""


app.add_typer(run.app, name="run")
app.add_typer(runs.app, name="runs")
app.add_typer(findings.app, name="findings")
app.add_typer(runbooks.app, name="runbooks")
app.add_typer(clients.app, name="clients")
app.add_typer(hosts.app, name="hosts")
app.add_typer(schedules.app, name="schedules")
app.add_typer(work.app, name="work")
app.add_typer(contracts.app, name="contracts")
app.add_typer(billing.app, name="billing")
app.add_typer(time_spent.app, name="time")
app.add_typer(ledger.app, name="ledger")
app.add_typer(summaries.app, name="summaries")
app.add_typer(export.app, name="export")
app.add_typer(outbox.app, name="outbox")
app.add_typer(store.app, name="store")
app.add_typer(lab.app, name="lab")
app.add_typer(winrm.app, name="winrm")
app.command("init")(workspace.init)
app.command("validate")(workspace.validate)
app.command("recover")(recover.recover)
app.command("stop-all")(stop_all.stop_all)
app.command("up")(service.up)
app.command("demo")(demo.demo)


def main(program: Command = app) -> None:
    """Ends the process with one of `exit_codes`."""
    try:
        _refuse_what_is_no_text(sys.argv[1:])
        program()
    except MspOpsError as error:
        complain(error)
        sys.exit(exit_codes.of_error(error))
    except KeyboardInterrupt:
        sys.exit(exit_codes.INTERRUPTED)
    except Exception:  # noqa: BLE001  # the program's edge: whatever is left is a defect of ours
        for line in traceback.format_exc().splitlines():
            say(f"  {line}")  # an exception's text may be a host's
        say("This is a defect in msp-ops. Its run stays open in the store: msp-ops runs list --open", "red")
        sys.exit(exit_codes.DEFECT)


def _refuse_what_is_no_text(words: Sequence[str]) -> None:
    """Python keeps bytes that are no UTF-8 as lone surrogates, which neither the store nor a terminal can take."""
    for word in words:
        if any("\ud800" <= sign <= "\udfff" for sign in word):
            raise PlanError(f"the argument '{word}' is not text in UTF-8; type it again")
