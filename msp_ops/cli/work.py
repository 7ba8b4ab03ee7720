"""`work`: measured time and what it costs."""

from datetime import datetime
from typing import Annotated

import typer

from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import Json, emit, rows
from msp_ops.domain.work import Charge, WorkRecord

app = typer.Typer(help="Measured time and what it costs.", no_args_is_help=True)


@app.command("list")
def list_work(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="One client's id.")],
    month: Annotated[datetime | None, typer.Option(formats=["%Y-%m"], help="Only this month, such as 2026-11.")] = None,
    as_json: Json = False,
) -> None:
    """Every record with its charges: the rule, and the reason in words.

    Example: msp-ops work list borealis --month 2026-11
    """
    from msp_ops.calendar.months import month_span

    with parts_of(context) as parts:
        known = parts.workspace.client(client)
        since, until = month_span(known.timezone, month.date()) if month else (None, None)
        found = parts.store.work.list(known.id, since, until)
    if as_json:
        emit([{"record": record, "charges": charges} for record, charges in found])
        return
    rows(
        ("run", "ticket", "who", "charge", "rule", "because"),
        (_line(record, charge) for record, charges in found for charge in charges or (None,)),
        "nothing was recorded",
    )


def _line(record: WorkRecord, charge: Charge | None) -> tuple[str, ...]:
    who, run = record.person or "on schedule", record.run_id or record.source
    if charge is None:
        why = "it is not known yet how the work ended" if record.run_id else "the month will price it"
        return (run, record.ticket or "", who, "open", "", why)
    return (run, record.ticket or "", who, f"{charge.amount} {charge.currency}", charge.rule, charge.reason)
