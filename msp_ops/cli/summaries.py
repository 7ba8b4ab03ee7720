"""`summaries`: what clients read."""

from datetime import datetime
from typing import Annotated

import typer

from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import say, tell

app = typer.Typer(help="What clients read, written from the store alone.", no_args_is_help=True)


@app.command("run")
def run_summary(context: typer.Context, run: Annotated[str, typer.Argument(help="A run's id, or its tail.")]) -> None:
    """The completion summary of one maintenance, as one HTML file.

    Example: msp-ops summaries run 7k3xq
    """
    from msp_ops.journeys.summaries import write_run_summary

    with parts_of(context) as parts:
        path = write_run_summary(parts, run)
    say("Wrote the summary; open it in a browser.")
    tell(str(path))


@app.command("month")
def month_summary(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="A client's id.")],
    month: Annotated[datetime, typer.Argument(formats=["%Y-%m"], help="Such as 2026-11.")],
) -> None:
    """The month of one client, as one HTML file.

    Example: msp-ops summaries month acme 2026-11
    """
    from msp_ops.journeys.summaries import write_month_summary

    with parts_of(context) as parts:
        path = write_month_summary(parts, client, month.date())
    say("Wrote the summary; open it in a browser.")
    tell(str(path))
