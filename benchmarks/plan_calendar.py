"""`python -m benchmarks.plan_calendar FOLDER`: what the calendar does every minute, twice: first everything is new.

Prefect's server is a stand-in in memory: what is counted is ours.
"""

import sys
import time
from pathlib import Path

from typing_extensions import override

from msp_ops.journeys.schedules import sync
from msp_ops.prefect_api.api import PrefectApi
from msp_ops.prefect_api.records import Deployment, KnownDeployment, KnownRun, NewRun
from msp_ops.wiring import open_workspace, read_settings


class StandIn(PrefectApi):
    """Takes everything at once, and knows it afterwards."""

    def __init__(self) -> None:
        self._deployments: dict[str, KnownDeployment] = {}
        self._runs: dict[str, KnownRun] = {}

    @override
    def deployments(self) -> tuple[KnownDeployment, ...]:
        return tuple(self._deployments.values())

    @override
    def put_deployment(self, deployment: Deployment) -> str:
        self._deployments[deployment.name] = KnownDeployment(
            id=deployment.name,
            name=deployment.name,
            entrypoint=deployment.entrypoint,
            spec=deployment.spec,
            paused=False,
        )
        return deployment.name

    @override
    def runs(self, *state_types: str) -> tuple[KnownRun, ...]:
        return tuple(run for run in self._runs.values() if run.state_type in state_types)

    @override
    def create_run(self, run: NewRun) -> KnownRun:
        self._runs[run.key] = KnownRun(
            id=run.key,
            name=run.name,
            key=run.key,
            occurrence=run.key,
            deployment_id=run.deployment_id,
            state_type="SCHEDULED",
            state_name="Scheduled",
            message="",
            planned_at=run.planned_at,
        )
        return self._runs[run.key]


def main(root: Path) -> None:
    """Prints the seconds of CPU of the first and of the second time, and what is planned then."""
    api = StandIn()
    with open_workspace(read_settings(root)) as parts:
        parts.workspace.check()
        for _ in range(2):
            began = time.process_time()
            sync(parts, api, root)
            print(f"{time.process_time() - began:.3f}")
        print(f"{len(api.deployments())} deployments, {len(api.runs('SCHEDULED'))} runs handed over")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
