"""A technician's words become a request: typed, checked, and with a ticket where the client wants one."""

from collections.abc import Mapping

from msp_ops.domain.actor import Actor
from msp_ops.domain.binding import bind
from msp_ops.domain.client import Client
from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import PlanError
from msp_ops.domain.record import record
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.trigger import OnDemand
from msp_ops.files.workspace import Workspace
from msp_ops.journeys.given import read_files
from msp_ops.journeys.run_runbook import Asked
from msp_ops.journeys.targets import chosen


@record
class Words:
    """What was typed."""

    runbook: str
    target: str
    parameters: Mapping[str, str]
    ticket: str | None
    reason: str
    at_once: int


def understand(
    workspace: Workspace, words: Words, actor: Actor, attended: Stopwatch | None, *, only_looks: bool = False
) -> Asked:
    """PlanError when it makes no sense: it names what was found and what would be right.

    Who only looks at what would happen needs no ticket yet.
    """
    runbook = workspace.runbook(words.runbook)
    client, hosts = chosen(workspace, words.target)
    if not only_looks:
        _require_ticket(client, runbook, words.ticket)
    parameters = bind(runbook, words.parameters, client)
    return Asked(
        client=client,
        runbook=runbook,
        hosts=hosts,
        parameters=parameters,
        files=read_files(workspace, runbook, parameters),
        trigger=OnDemand(ticket=words.ticket, reason=words.reason),
        actor=actor,
        attended=attended,
        at_once=words.at_once,
    )


def _require_ticket(client: Client, runbook: Runbook, ticket: str | None) -> None:
    if ticket or runbook.ticket == "optional":
        return
    if runbook.ticket == "required" or runbook.risk == "R3":
        raise PlanError(f"{runbook.id} is never run without a ticket; add: --ticket T-123")
    if client.policy.ticket_required and runbook.activity == "break/fix":
        raise PlanError(f"{client.name} wants a ticket for every fix; add: --ticket T-123")
