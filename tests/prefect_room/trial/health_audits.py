"""The flow of the tests: it stands where flows/health_audits.py stands and plays what the occurrence's id says."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow
from prefect.client.schemas.objects import State

from flows.states import carry_out, why_held
from msp_ops.domain.actor import Actor
from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.plan import Plan
from msp_ops.domain.run import HostState, Run
from msp_ops.domain.trigger import Scheduled

PLAN = Plan(
    client_id="acme",
    runbook_id="health-audit",
    runbook_digest="0" * 64,
    activity="health",
    impact="read-only",
    parameters={},
    hosts=(),
    at_once=1,
)


def play(occurrence: str, held: str | None) -> Run:
    """`good`, `not-reached`, `unknown` are outcomes; `asleep-…` never ends, `defect` raises, all others are refused."""
    Path("seen", occurrence).write_text(f"{os.getpid()} {os.environ.get('X')} {os.environ['MSP_OPS_WORKSPACE']}")
    if held:
        raise NotPermitted(held)
    match occurrence:
        case "good":
            return run(occurrence, Outcome.SUCCEEDED)
        case "not-reached":
            return run(occurrence, Outcome.NOT_REACHED)
        case "unknown":
            return run(occurrence, Outcome.UNKNOWN)
        case "asleep-True" | "asleep-False":
            time.sleep(120)
            return run(occurrence, Outcome.SUCCEEDED)
        case "defect":
            raise ZeroDivisionError("a mistake of ours")
        case _:
            raise NotPermitted(f"no occurrence {occurrence} is planned")


def run(key: str, outcome: Outcome) -> Run:
    """One host, web1."""
    return Run(
        id=f"run-{key}",
        plan=PLAN,
        trigger=Scheduled(occurrence=key),
        actor=Actor(kind="schedule", name="audits", authenticated_by="calendar"),
        opened_at=datetime(2026, 11, 28, 21, tzinfo=UTC),
        ended_at=None,
        hosts=(HostState(host_id="web1", outcome=outcome, reason="it said so", result=None),),
    )


@flow(name="health-audits")
async def health_audits(occurrence: str) -> State[None]:
    """As the real one, but for the play."""
    held = await why_held()
    return await carry_out(lambda _stop: play(occurrence, held))
