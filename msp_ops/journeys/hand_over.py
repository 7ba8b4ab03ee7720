"""A stored request is handed to Prefect: a worker takes it, only its id travels."""

from datetime import datetime

from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.occurrence import Request
from msp_ops.prefect_api.api import PrefectApi
from msp_ops.prefect_api.desired import ON_DEMAND
from msp_ops.prefect_api.records import NewRun


def hand_over(api: PrefectApi, request: Request, now: datetime) -> None:
    """NotPermitted when Prefect does not know the on-demand deployment yet."""
    home = api.deployment(ON_DEMAND, ON_DEMAND)
    if home is None:
        raise NotPermitted("Prefect has no on-demand deployment yet; do: msp-ops schedules sync")
    name = f"{request.client_id} {request.runbook_id} {request.ticket or request.id}"
    api.create_run(NewRun(deployment_id=home.id, takes="request", key=request.id, name=name, planned_at=now))
