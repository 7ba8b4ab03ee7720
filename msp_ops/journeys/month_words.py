"""Persons' words on what a record costs."""

from msp_ops.domain.errors import PlanError
from msp_ops.domain.ledger import Decision
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.journeys.parts import Parts


def decide(parts: Parts, record_id: str, contract_id: str | None, by: str, reason: str) -> Decision:
    """PlanError when there is no such record, or its client has no such contract; NotPermitted when it is closed."""
    if contract_id is not None:
        client = parts.workspace.client(parts.store.work.read(record_id).client_id)
        known = [contract.id for contract in client.contracts]
        if contract_id not in known:
            hint = did_you_mean(contract_id, known)
            raise PlanError(f"{client.id} has no contract '{contract_id}'; contracts: {listed(known)}{hint}")
    return parts.store.ledger.decide(record_id, contract_id, by, reason)
