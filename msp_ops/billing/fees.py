"""What is owed for a month whatever was done in it: the fee of a plan, the price of a block of hours."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from msp_ops.billing.balances import in_force_in, is_bought
from msp_ops.billing.money import in_minor_units
from msp_ops.billing.rounding import NOTHING
from msp_ops.billing.words import money_words, number_words
from msp_ops.domain.client import Client
from msp_ops.domain.contract import BlockHours, Contract, Managed
from msp_ops.domain.work import Charge

FEE = "managed.fee"
BOUGHT = "block.bought"


def fees(client: Client, month: date, terms: dict[str, str]) -> Iterator[Charge]:
    """In the order of the file. A fee is owed in full for each month in which the plan is in force on a day."""
    for contract in client.contracts:
        match contract:
            case Managed() if in_force_in(contract, month):
                said = (
                    f"the plan '{contract.id}' for {month:%Y-%m}: {money_words(contract.monthly_fee, client.currency)}"
                )
                yield _fee(client, contract, FEE, contract.monthly_fee, said, terms)
            case BlockHours() if contract.price and is_bought(contract, month):
                what = f"{number_words(contract.hours)} h of the block '{contract.id}'"
                said = f"{what} bought for {month:%Y-%m}: {money_words(contract.price, client.currency)}"
                yield _fee(client, contract, BOUGHT, contract.price, said, terms)
            case _:
                pass


def _fee(client: Client, contract: Contract, rule: str, amount: Decimal, reason: str, terms: dict[str, str]) -> Charge:
    return Charge(
        record_id=None,
        contract_id=contract.id,
        rule=rule,
        reason=reason,
        measured=NOTHING,
        billed=NOTHING,
        rate=Decimal(0),
        amount=in_minor_units(amount, client.currency),
        currency=client.currency,
        terms=terms[contract.id],
        tax=contract.tax,
    )
