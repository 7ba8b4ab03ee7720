"""Runs on demand that a worker carries out: the request lies in our store, Prefect carries only its id."""

import secrets

from msp_ops.domain.actor import Actor
from msp_ops.domain.errors import FileError, NotPermitted, PlanError
from msp_ops.domain.occurrence import Request
from msp_ops.domain.run import Run
from msp_ops.engine.plan import AT_ONCE
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.given import refuse_other_files
from msp_ops.journeys.on_demand import Words, understand
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.run_runbook import Asked, new_run_id, permit_now, run_runbook


def save_request(parts: Parts, words: Words, actor: Actor) -> Request:
    """Checked as for a run at once: PlanError when it makes no sense, NotPermitted when it would be refused."""
    asked = understand(parts.workspace, words, actor, attended=None)
    judged = permit_now(parts, asked)
    if not judged.granted:
        raise NotPermitted("; ".join(refusal.reason for refusal in judged.refusals if refusal.host_id is None))
    request = Request(
        id=f"q-{secrets.token_hex(6)}",
        client_id=asked.client.id,
        runbook_id=asked.runbook.id,
        hosts=words.target.partition("/")[2],
        parameters=dict(words.parameters),
        files=asked.files.planned(),
        ticket=words.ticket,
        reason=words.reason,
        actor=actor.name,
    )
    parts.store.requests.save(request)
    return request


def run_request(parts: Parts, request_id: str, stopping: Stopping | None = None) -> Run:
    """Claim and carry out. NotPermitted when there is no such request, or it was taken already.

    A refusal is raised and kept in the store: whoever asked reads it there.
    """
    run_id = new_run_id(parts.clock)
    request = parts.store.requests.claim(request_id, run_id)
    try:
        run = to_the_end(run_runbook(parts, _asked(parts, request), stopping or Stopping(), run_id))
    except (FileError, PlanError, NotPermitted) as refusal:
        parts.store.requests.refuse(request.id, str(refusal))
        raise
    parts.store.requests.ran(request.id, run.id)
    return run


def _asked(parts: Parts, request: Request) -> Asked:
    words = Words(
        runbook=request.runbook_id,
        target=f"{request.client_id}/{request.hosts}",
        parameters=request.parameters,
        ticket=request.ticket,
        reason=request.reason,
        at_once=AT_ONCE,
    )
    actor = Actor(kind="person", name=request.actor, authenticated_by="request in the store")
    asked = understand(parts.workspace, words, actor, attended=None)
    refuse_other_files(asked.files, request)
    return asked
