"""From what was asked to a Plan. No host is touched."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from msp_ops.domain.client import Client, Host
from msp_ops.domain.errors import PlanError
from msp_ops.domain.parameters import Secret
from msp_ops.domain.plan import Plan, PlannedHost
from msp_ops.domain.rollout import Rollout
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.schedule import Schedule
from msp_ops.engine.stages import canaries

AT_ONCE = 20


def plan(
    client: Client,
    runbook: Runbook,
    hosts: Sequence[Host],
    parameters: Mapping[str, str],
    at_once: int = AT_ONCE,
    schedule: Schedule | None = None,
) -> Plan:
    """Exactly what would run. `parameters` are bound already. PlanError when there is nothing to run it on.

    A change is rolled out as its schedule says, else as the client does; who only looks looks everywhere at once.
    """
    if not hosts:
        raise PlanError(f"{runbook.id} on {client.id}: no host was chosen; name one, or say all")
    if at_once < 1:
        raise PlanError(f"{at_once} hosts at once cannot be; 1 or more would be right")
    rollout = (schedule and schedule.rollout) or client.rollout
    planned = tuple(_planned(host) for host in hosts)
    return Plan(
        client_id=client.id,
        runbook_id=runbook.id,
        runbook_digest=runbook.digest,
        activity=runbook.activity,
        impact=runbook.impact_with(parameters),
        parameters=dict(parameters),
        hosts=planned,
        at_once=at_once,
        rollout=_exact(rollout, planned) if runbook.changes else None,
        secrets=tuple(name for name, each in runbook.parameters.items() if isinstance(each, Secret)),
    )


def _planned(host: Host) -> PlannedHost:
    return PlannedHost(
        id=host.id, address=host.address, port=host.port, host_keys=host.host_keys, ring=host.ring, group=host.group
    )


def _exact(rollout: Rollout, hosts: Sequence[PlannedHost]) -> Rollout:
    return replace(rollout, canary=canaries(rollout, hosts) or None)
