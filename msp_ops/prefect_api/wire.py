"""How our values look on Prefect's wire, in both directions (prefect 3.8.8)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msp_ops.prefect_api.pool import POOL
from msp_ops.prefect_api.records import SPEC, Deployment, Key, KnownDeployment, KnownRun, NewRun

KEY_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


def deployment_body(deployment: Deployment, flow_id: str) -> dict[str, Any]:
    """Everything that decides what runs is said, also the empty parts: what a person put there is undone."""
    return {
        "name": deployment.name,
        "flow_id": flow_id,
        "work_pool_name": POOL,
        "path": deployment.root,
        "entrypoint": deployment.entrypoint,
        "description": deployment.description,
        "tags": [*deployment.tags, SPEC + deployment.spec],
        "parameters": {},
        "parameter_openapi_schema": _only_parameter(deployment.takes),
        "enforce_parameter_schema": True,
        "job_variables": {},
        "pull_steps": [],
        "schedules": [],
    }


def run_body(run: NewRun) -> dict[str, Any]:
    return {
        "name": run.name,
        "parameters": {run.takes: run.key},
        "idempotency_key": run.key,
        "state": state_body("SCHEDULED", "Scheduled", "", run.planned_at),
    }


def state_body(state_type: str, name: str, message: str, planned_at: datetime | None) -> dict[str, Any]:
    state: dict[str, Any] = {"type": state_type, "name": name, "message": message or None}
    if state_type == "SCHEDULED" and planned_at is not None:
        state["state_details"] = {"scheduled_time": planned_at.isoformat()}
    return state


def _only_parameter(takes: Key) -> dict[str, Any]:
    """A run with anything else than one id is refused before it exists."""
    parameter = {"type": "string", "title": takes, "pattern": KEY_PATTERN, "position": 0}
    return {
        "title": "Parameters",
        "type": "object",
        "properties": {takes: parameter},
        "required": [takes],
        "additionalProperties": False,
    }


def read_deployment(found: Mapping[str, Any]) -> KnownDeployment:
    """One that somebody bent by hand has no specification, so it is told again."""
    bent = (
        any(found[part] for part in ("job_variables", "parameters", "pull_steps", "schedules"))
        or not found["enforce_parameter_schema"]
    )
    said = next((tag.removeprefix(SPEC) for tag in found["tags"] if tag.startswith(SPEC)), "")
    return KnownDeployment(
        id=found["id"],
        name=found["name"],
        entrypoint=found["entrypoint"] or "",
        spec="" if bent else said,
        paused=found["paused"],
    )


def read_run(found: Mapping[str, Any]) -> KnownRun:
    planned = found["expected_start_time"]
    return KnownRun(
        id=found["id"],
        name=found["name"],
        key=found["idempotency_key"] or "",
        occurrence=found["parameters"].get("occurrence"),
        deployment_id=found["deployment_id"],
        state_type=found["state_type"],
        state_name=found["state_name"],
        message=(found["state"] or {}).get("message") or "",
        planned_at=None if planned is None else datetime.fromisoformat(planned),
    )
