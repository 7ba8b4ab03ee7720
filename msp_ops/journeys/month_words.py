"""Persons' words on what a record costs."""

from decimal import Decimal

from msp_ops.billing.money import in_minor_units
from msp_ops.domain.errors import PlanError
from msp_ops.domain.ledger import Correction, Decision
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.journeys.parts import Parts


def decide(
    parts: Parts, record_id: str, contract_id: str | None, by: str, reason: str, *, void: bool = False
) -> Decision:
    """PlanError when there is no such record, or its client has no such contract; NotPermitted when it is closed."""
    if contract_id is not None:
        client = parts.workspace.client(parts.store.work.read(record_id).client_id)
        known = [contract.id for contract in client.contracts]
        if contract_id not in known:
            hint = did_you_mean(contract_id, known)
            raise PlanError(f"{client.id} has no contract '{contract_id}'; contracts: {listed(known)}{hint}")
    return parts.store.ledger.decide(record_id, contract_id, by, reason, void=void)


def correct(parts: Parts, line_id: str, instead: Decimal | None, by: str, reason: str) -> Correction:
    """PlanError when there is no such line or the amount is finer than its currency; NotPermitted when it cannot be."""
    currency = parts.store.ledger.line(line_id).line.charge.currency
    if instead is not None and in_minor_units(instead, currency) != instead:
        raise PlanError(
            f"{instead} {currency} is finer than {currency} is; write for example {in_minor_units(instead, currency)}"
        )
    return parts.store.ledger.correct(line_id, instead, by, reason)
