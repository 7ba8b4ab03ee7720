"""`findings`: what a person should know."""

from typing import Annotated

import typer

from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import Json, emit, rows
from msp_ops.domain.finding import SEVERITIES

app = typer.Typer(help="What a person should know.", no_args_is_help=True)


@app.command("list")
def list_findings(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="One client; all without it.")] = "",
    closed: Annotated[bool, typer.Option("--closed", help="Also those that are over.")] = False,
    as_json: Json = False,
) -> None:
    """Open findings, the worst first.

    Example: msp-ops findings list acme
    """
    with parts_of(context) as parts:
        if client:
            parts.workspace.client(client)
        found = list(parts.store.findings.list(client or None, open_only=not closed))
    if as_json:
        emit(found)
        return
    found.sort(key=lambda each: SEVERITIES.index(each.finding.severity), reverse=True)
    rows(
        ("severity", "host", "what", "since", "message"),
        (
            (
                each.finding.severity if each.closed_at is None else "closed",
                f"{each.client_id}/{each.host_id}",
                f"{each.finding.check} {each.finding.subject}",
                f"{each.opened_at:%Y-%m-%d %H:%M}Z",
                each.finding.message,
            )
            for each in found
        ),
        "no open findings (what was never checked is not in here: msp-ops runs list)",
    )
