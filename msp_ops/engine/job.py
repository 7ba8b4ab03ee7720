"""What one host's turn needs: the job itself, and the tools that all hosts share."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from msp_ops.checks.base import Check
from msp_ops.domain.client import Client
from msp_ops.domain.clock import Clock
from msp_ops.domain.record import record
from msp_ops.domain.runbook import Runbook
from msp_ops.engine.journal import Journal
from msp_ops.secrets.redact import Redact
from msp_ops.transports.base import Target, Transport


@record
class Tools:
    """The same for every host of a run. `patience`: how long a result is offered to a store that refuses it."""

    transport: Transport
    journal: Journal
    clock: Clock
    redact: Redact
    checks: Mapping[str, Check]
    patience: timedelta = timedelta(seconds=60)


@record
class HostJob:
    """One host of one run. `refused` judges the permit again at the moment of the host's turn."""

    run_id: str
    client: Client
    runbook: Runbook
    parameters: Mapping[str, str]
    target: Target
    refused: Callable[[], str | None]

    @property
    def host_id(self) -> str:
        return self.target.host.id
