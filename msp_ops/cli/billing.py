"""`billing`: what a month costs, what must be answered first, and its close."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from msp_ops.cli import exit_codes
from msp_ops.cli.complete import clients
from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import Json, Yes, confirm, emit, next_step, rows, say, tell, who_am_i
from msp_ops.cli.words import plain
from msp_ops.domain.errors import NotPermitted, PlanError

if TYPE_CHECKING:
    from msp_ops.domain.ledger import Line, Statement
    from msp_ops.journeys.month_closed import Due, MonthEnd
    from msp_ops.journeys.parts import Parts

app = typer.Typer(help="What a month costs, what must be answered first, and its close.", no_args_is_help=True)

Month = Annotated[datetime, typer.Argument(formats=["%Y-%m"], help="Such as 2026-11.")]
Client = Annotated[str, typer.Argument(help="A client's id.", autocompletion=clients)]
Because = Annotated[
    str, typer.Option(callback=plain, help="Why, in a sentence: kept for ever, and the client reads it.")
]


@app.command("show")
def show(context: typer.Context, client: Client, month: Month, as_json: Json = False) -> None:
    """Every line of the month: as it was closed, or as it would be closed now.

    Example: msp-ops billing show acme 2026-11
    """
    from msp_ops.journeys.statements import statement_of

    with parts_of(context) as parts:
        statement = statement_of(parts, client, month.date())
    if as_json:
        emit(statement)
        return
    _show(statement)


@app.command("close")
def close(
    context: typer.Context,
    month: Month,
    client: Annotated[list[str] | None, typer.Argument(help="Only these clients.", autocompletion=clients)] = None,
    check: Annotated[bool, typer.Option("--check", help="Only tell; nothing is closed.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Open questions first; then each client's month without one is frozen for ever, and the ledger is sealed.

    A closed month never changes: what was wrong is corrected in a later one. Ends with 1 when a client stays open.

    Examples: msp-ops billing close 2026-11 --check · msp-ops billing close 2026-11 acme
    """
    from msp_ops.journeys.month_closed import month_end, seal_closed

    with parts_of(context) as parts:
        end = month_end(parts, month.date(), client or ())
        ready = [each for each in end.due if each.is_ready]
        _tell(end)
        if ready and not check:
            _close(parts, end.month, ready, yes=yes)
            end = month_end(parts, end.month, client or ())
        if not check:
            for file in seal_closed(parts):
                say(f"Sealed: {file}; send it to somebody who keeps it.")
    if as_json:
        emit({"month": end.month, "closed": end.closed, "due": [_due_json(each) for each in end.due], "gone": end.gone})
    if end.gone or any(not each.is_ready for each in end.due):
        raise typer.Exit(exit_codes.SOME_FAILED)


@app.command("decide")
def decide(  # noqa: PLR0913, PLR0917  # the options of a command
    context: typer.Context,
    record: Annotated[str, typer.Argument(help="A work record's id, as questions name it.")],
    because: Because,
    contract: Annotated[str | None, typer.Option(help="This contract prices it.")] = None,
    free: Annotated[bool, typer.Option("--free", help="It costs nothing; the client sees that and why.")] = False,
    void: Annotated[
        bool, typer.Option("--void", help="Written by mistake: kept in the books, shown to nobody.")
    ] = False,
    as_json: Json = False,
) -> None:
    """A person's word on a record that no contract prices by itself, or whose time is doubtful. The last one counts.

    Example: msp-ops billing decide w-7k3xq --contract repairs --because "agreed with Dr. Brandt by phone"
    """
    from msp_ops.journeys.month_words import decide as say_so

    if (contract is not None) + free + void != 1:
        raise PlanError("say one of --contract ID, --free and --void")
    with parts_of(context) as parts:
        said = say_so(parts, record, contract, who_am_i(), because, void=void)
    if as_json:
        emit(said)
        return
    word = f"priced by {contract!r}" if contract else "void" if void else "costs nothing"
    say(f"{record}: {word}.", "green")


@app.command("correct")
def correct(
    context: typer.Context,
    line: Annotated[str, typer.Argument(help="A line of a closed month, as `billing show --json` names it.")],
    because: Because,
    instead: Annotated[str | None, typer.Option(help="What it should have cost, such as 95.00.")] = None,
    as_json: Json = False,
) -> None:
    """Take back a line of a closed month: the next month that closes reverses it, and charges --instead where given.

    Example: msp-ops billing correct w-7k3xq-1 --because "agreed price" --instead 95.00
    """
    from msp_ops.journeys.month_words import correct as say_so

    with parts_of(context) as parts:
        said = say_so(parts, line, _amount(instead), who_am_i(), because)
    if as_json:
        emit(said)
        return
    say(f"{line} will be taken back by the next month that closes.", "green")


@app.command("statement")
def statement(context: typer.Context, client: Client, month: Month) -> None:
    """The month's statement as one HTML file; of an open month as a draft.

    Example: msp-ops billing statement acme 2026-11
    """
    from msp_ops.journeys.summaries import write_statement

    with parts_of(context) as parts:
        path = write_statement(parts, client, month.date())
    say("Wrote the statement; open it in a browser.")
    tell(str(path))


def _close(parts: "Parts", month: date, ready: "Sequence[Due]", *, yes: bool) -> None:
    from msp_ops.journeys.month_closed import close_months, seal_closed

    names = ", ".join(each.look.client.id for each in ready)
    confirm(f"Close {month:%Y-%m} of {names}? It never changes again.", yes=yes)
    try:
        close_months(parts, ready, who_am_i())
    except NotPermitted:
        seal_closed(parts)  # those before it are closed
        raise
    say(f"Closed {month:%Y-%m} of {names}.", "green")


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise PlanError(f"--instead '{text}' is no amount; write for example 95.00")
    return amount


def _show(statement: "Statement") -> None:
    rows(
        ("line", "measured", "billed", "amount", "rule", "because"),
        [_line(each) for each in statement.lines],
        "nothing is owed for this month",
    )
    how = f"closed by {statement.closed_by}" if statement.closed_at else "open: it may still change"
    say(f"{statement.client_id} {statement.month:%Y-%m}: {statement.total} {statement.currency}, {how}.")
    _ask(statement)


def _line(line: "Line") -> Sequence[str]:
    from msp_ops.billing.words import time_words

    charge = line.charge
    times = time_words(charge.measured), time_words(charge.billed)
    return (line.id, *times, f"{charge.amount} {charge.currency}", charge.rule, charge.reason)


def _ask(statement: "Statement") -> None:
    for question in statement.questions:
        say(f"{statement.client_id}: {question.subject}: {question.says}", "yellow")
        say(f"  {question.do}")


def _tell(end: "MonthEnd") -> None:
    for closed in end.closed:
        say(f"{closed.client_id}: closed by {closed.closed_by}, {closed.total} {closed.currency}")
    for due in end.due:
        look = due.look
        asked = len(look.statement.questions)
        questions = f"{asked} open question{'' if asked == 1 else 's'}"
        lines = f"{look.statement.total} {look.statement.currency} in {len(look.statement.lines)} lines"
        say(f"{look.client.id}: {lines}, {questions}", "" if due.is_ready else "red")
        if due.refusal:
            say(f"  {due.refusal}", "yellow")
        _ask(look.statement)
        for each in look.differences:
            say(f"  {each.record_id}: {each.said} was said when it ended, {each.now} in the month as a whole")
    for name in end.gone:
        say(
            f"{name}: it is in the books, and its file is gone: bring it back under that name, or it is never closed",
            "red",
        )
    if any(due.look.statement.questions for due in end.due):
        next_step("msp-ops billing decide RECORD --contract ID --because '...'")


def _due_json(due: "Due") -> dict[str, object]:
    look = due.look
    return {
        "client": look.client.id,
        "statement": look.statement,
        "balances": look.priced.balances,
        "differences": look.differences,
        "refusal": due.refusal,
    }
