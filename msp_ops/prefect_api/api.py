"""Prefect's REST API, as much of it as we use; checked against prefect 3.8.8.

Importing httpx costs 0.2 s of CPU, `prefect` 1.1 s: still, import this module only when Prefect is asked.
"""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Self

import httpx

from msp_ops.prefect_api.errors import PrefectRefused, PrefectUnreachable
from msp_ops.prefect_api.pool import POOL, job_template
from msp_ops.prefect_api.records import TAG, Deployment, KnownDeployment, KnownRun, NewRun
from msp_ops.prefect_api.wire import deployment_body, read_deployment, read_run, run_body, state_body

PAGE = 200  # the most that Prefect's filters give at once
BUSY_PAUSES = (0.2, 0.5, 1, 2, 4, 8)  # seconds


class PrefectApi:
    """One server. Every method raises PrefectUnreachable or PrefectRefused; nothing of ours is lost by either."""

    def __init__(self, url: str, auth: str, timeout_seconds: float = 15) -> None:
        """`url` ends in `/api`; `auth` is `user:password`."""
        user, _, password = auth.partition(":")
        # trust_env: a proxy from the environment has no business between us and loopback
        self._http = httpx.Client(auth=(user, password), timeout=timeout_seconds, trust_env=False)
        self._url = url.rstrip("/")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._http.close()

    def answers(self) -> bool:
        """Whether a server is there that takes our password; PrefectRefused when it does not."""
        try:
            self._ask("POST", "/flows/count", {})
        except PrefectUnreachable:
            return False
        return True

    def ensure_pool(self, root: Path) -> None:
        """The work pool with its template, also after somebody edited it."""
        pool = {"base_job_template": job_template(root), "description": "made by msp-ops; edits are undone"}
        if self._look(f"/work_pools/{POOL}") is None:
            self._ask("POST", "/work_pools/", {"name": POOL, "type": "process", **pool})
        self._ask("PATCH", f"/work_pools/{POOL}", {**pool, "is_paused": False})

    def pause_pool(self) -> None:
        """Workers take nothing more from it, until `ensure_pool`."""
        self._ask("PATCH", f"/work_pools/{POOL}", {"is_paused": True})

    def worker_was_seen(self, since: datetime) -> bool:
        """Whether a worker of the pool has given a sign of life later than that."""
        workers = self._ask("POST", f"/work_pools/{POOL}/workers/filter", {"limit": PAGE})
        return any(datetime.fromisoformat(worker["last_heartbeat_time"]) > since for worker in workers)

    def deployments(self) -> tuple[KnownDeployment, ...]:
        """Those with our tag."""
        asked = {"deployments": {"tags": {"all_": [TAG]}}, "sort": "NAME_ASC"}
        return tuple(read_deployment(found) for found in self._pages("/deployments/filter", asked))

    def deployment(self, flow: str, name: str) -> KnownDeployment | None:
        """None when Prefect has none of that name."""
        found = self._look(f"/deployments/name/{flow}/{name}")
        return None if found is None else read_deployment(found)

    def put_deployment(self, deployment: Deployment) -> str:
        """Made, or brought up to date under the same id; a pause made in Prefect stays. The id."""
        flow = self._ask("POST", "/flows/", {"name": deployment.flow})
        return str(self._ask("POST", "/deployments/", deployment_body(deployment, flow["id"]))["id"])

    def remove_deployment(self, deployment: KnownDeployment) -> None:
        """With its runs that have not begun; one that is gone already is fine."""
        self._drop(f"/deployments/{deployment.id}")

    def create_run(self, run: NewRun) -> KnownRun:
        """Scheduled at its time; the same key again gives the same run, begun or ended as it may be."""
        return read_run(self._ask("POST", f"/deployments/{run.deployment_id}/create_flow_run", run_body(run)))

    def runs(self, *state_types: str) -> tuple[KnownRun, ...]:
        """Those with our tag in one of the states, such as `SCHEDULED`, in the order of their times."""
        chosen = {"tags": {"all_": [TAG]}, "state": {"type": {"any_": list(state_types)}}}
        asked = {"flow_runs": chosen, "sort": "EXPECTED_START_TIME_ASC"}
        return tuple(read_run(found) for found in self._pages("/flow_runs/filter", asked))

    def run(self, run_id: str) -> KnownRun | None:
        found = self._look(f"/flow_runs/{run_id}")
        return None if found is None else read_run(found)

    def remove_run(self, run: KnownRun) -> None:
        """One that is gone already is fine."""
        self._drop(f"/flow_runs/{run.id}")

    def set_state(self, run: KnownRun, state_type: str, name: str, message: str) -> None:
        """By force: for runs whose process is dead, so that nobody else can say it."""
        state = state_body(state_type, name, message, run.planned_at)
        self._ask("POST", f"/flow_runs/{run.id}/set_state", {"state": state, "force": True})

    def _pages(self, path: str, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for offset in count(step=PAGE):
            page = self._ask("POST", path, {**asked, "limit": PAGE, "offset": offset})
            yield from page
            if len(page) < PAGE:
                return

    def _look(self, path: str) -> dict[str, Any] | None:
        answer = self._send("GET", path, None)
        return None if answer.status_code == httpx.codes.NOT_FOUND else self._accepted(answer).json()

    def _drop(self, path: str) -> None:
        answer = self._send("DELETE", path, None)
        if answer.status_code != httpx.codes.NOT_FOUND:
            self._accepted(answer)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:  # noqa: ANN401  # JSON
        answer = self._accepted(self._send(method, path, body))
        return answer.json() if answer.content else None

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> httpx.Response:
        """Prefect says 503 when SQLite is locked and asks to be asked again; everything we ask may be asked twice."""
        for pause in BUSY_PAUSES:
            answer = self._send_once(method, path, body)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return answer
            time.sleep(pause)
        raise PrefectUnreachable(
            f"Prefect at {self._url} is too busy: it answered 503 for {sum(BUSY_PAUSES):.0f} s. Our store has lost "
            f"nothing; try again when the machine has less to do"
        )

    def _send_once(self, method: str, path: str, body: Mapping[str, Any] | None) -> httpx.Response:
        try:
            return self._http.request(method, self._url + path, json=body)
        except httpx.HTTPError as error:
            raise PrefectUnreachable(
                f"Prefect does not answer at {self._url} ({type(error).__name__}); start it with: msp-ops up"
            ) from error

    def _accepted(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise PrefectRefused(
                f"the server at {self._url} refuses our password, so it is not the one that msp-ops up started here; "
                "stop that one, or give msp-ops another port"
            )
        raise PrefectRefused(
            f"Prefect answered {answer.status_code} to {answer.request.method} {answer.request.url.path}: "
            f"{_detail(answer)}"
        )


def _detail(answer: httpx.Response) -> str:
    try:
        said = answer.json()
    except ValueError:
        said = answer.text
    return str(said.get("detail", said) if isinstance(said, dict) else said)[:500]
