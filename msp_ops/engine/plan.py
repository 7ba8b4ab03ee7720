"""From what was asked to a Plan. No host is touched."""

from collections.abc import Mapping, Sequence

from msp_ops.domain.client import Client, Host
from msp_ops.domain.errors import PlanError
from msp_ops.domain.plan import Plan, PlannedHost
from msp_ops.domain.runbook import Runbook

AT_ONCE = 20


def plan(
    client: Client, runbook: Runbook, hosts: Sequence[Host], parameters: Mapping[str, str], at_once: int = AT_ONCE
) -> Plan:
    """Exactly what would run. `parameters` are bound already. PlanError when there is nothing to run it on."""
    if not hosts:
        raise PlanError(f"{runbook.id} on {client.id}: no host was chosen; name one, or say all")
    if at_once < 1:
        raise PlanError(f"{at_once} hosts at once cannot be; 1 or more would be right")
    return Plan(
        client_id=client.id,
        runbook_id=runbook.id,
        runbook_digest=runbook.digest,
        activity=runbook.activity,
        impact=runbook.impact,
        parameters=dict(parameters),
        hosts=tuple(_planned(host) for host in hosts),
        at_once=at_once,
    )


def _planned(host: Host) -> PlannedHost:
    return PlannedHost(id=host.id, address=host.address, port=host.port, host_keys=host.host_keys)
