"""Runs on demand that a worker carries out: the request lies in our store, Prefect carries only its id."""

import secrets
from threading import Event as Signal

from msp_ops.domain.actor import Actor
from msp_ops.domain.occurrence import Request
from msp_ops.domain.run import Run
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.on_demand import Words, understand
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.run_runbook import new_run_id, run_runbook


def save_request(parts: Parts, words: Words, actor: Actor) -> Request:
    """Checked as for a run at once; PlanError when it would make no sense."""
    asked = understand(parts.workspace, words, actor, attended=None)
    request = Request(
        id=f"q-{secrets.token_hex(6)}",
        client_id=asked.client.id,
        runbook_id=asked.runbook.id,
        hosts=words.target.partition("/")[2],
        parameters=dict(words.parameters),
        ticket=words.ticket,
        reason=words.reason,
        actor=actor.name,
    )
    parts.store.requests.save(request)
    return request


def run_request(parts: Parts, request_id: str, stop: Signal | None = None) -> Run:
    """Claim and carry out. NotPermitted when there is no such request, or it was taken already."""
    run_id = new_run_id(parts.clock)
    request = parts.store.requests.claim(request_id, run_id)
    words = Words(
        runbook=request.runbook_id,
        target=f"{request.client_id}/{request.hosts}",
        parameters=request.parameters,
        ticket=request.ticket,
        reason=request.reason,
        at_once=20,
    )
    actor = Actor(kind="person", name=request.actor, authenticated_by="request in the store")
    asked = understand(parts.workspace, words, actor, attended=None)
    run = to_the_end(run_runbook(parts, asked, stop or Signal(), run_id))
    parts.store.requests.ran(request.id, run.id)
    return run
