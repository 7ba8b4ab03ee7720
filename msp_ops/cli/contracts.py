"""`contracts`: what was agreed with a client, and which rule priced a piece of work and why."""

from typing import Annotated

import typer

from msp_ops.cli.complete import clients
from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import Json, emit, rows, tell

app = typer.Typer(help="What was agreed with a client, and why work costs what it costs.", no_args_is_help=True)


@app.command("show")
def show(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="A client's id.", autocompletion=clients)],
    as_json: Json = False,
) -> None:
    """A client's contracts in the order in which they are tried, in words, and what its blocks of hours hold.

    Example: msp-ops contracts show acme
    """
    from msp_ops.billing.contract_words import balance_words, contract_words, hours_words
    from msp_ops.journeys.explain import balances_now

    with parts_of(context) as parts:
        known = parts.workspace.client(client)
        balances = {each.contract_id: each for each in balances_now(parts, known)}
    if as_json:
        emit({"client": known.id, "hours": known.hours, "contracts": known.contracts, "balances": balances})
        return
    tell(f"Hours of {known.name} in {known.timezone}: {hours_words(known.hours)}")
    for number, contract in enumerate(known.contracts, start=1):
        tell(f"{number}. {contract.id} ({contract.kind})")
        for line in contract_words(contract, known):
            tell(f"   {line}")
        if contract.id in balances:
            tell(f"   this month: {balance_words(balances[contract.id])}")
    if not known.contracts:
        tell("No contract: a person must decide on every piece of work.")


@app.command("explain")
def explain(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="A run's id or its tail, or a work record's id (w-...).")],
    as_json: Json = False,
) -> None:
    """Which contracts were tried on a piece of work, which one prices it and why, and the arithmetic step by step.

    Example: msp-ops contracts explain 7k3xq
    """
    from msp_ops.billing.words import time_words
    from msp_ops.journeys.explain import explain_work

    with parts_of(context) as parts:
        month, found = explain_work(parts, run)
    if as_json:
        emit({"month": month, "explanation": found})
        return
    tell(f"{found.record.id}, priced in {month:%Y-%m}")
    for each in found.tried:
        tell(f"  contract {each.contract_id} {'prices it' if each.prices else 'does not'}: {each.why}")
    for number, step in enumerate(found.steps, start=1):
        tell(f"  {number}. {step}")
    rows(
        ("rule", "hours", "measured", "billed", "amount", "because"),
        (
            (
                each.rule,
                each.hour_class,
                time_words(each.measured),
                time_words(each.billed),
                f"{each.amount} {each.currency}",
                each.reason,
            )
            for each in found.charges
        ),
        "no price yet",
    )
    for question in found.questions:
        tell(f"  open: {question.says}; {question.do}")
