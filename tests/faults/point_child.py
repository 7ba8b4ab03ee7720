"""Runs one run against a real sshd and kills itself at a named point. Arguments: workspace, point, effect file."""

import os
import signal
import sys
from pathlib import Path

from msp_ops.domain.actor import Actor
from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import ScriptStep
from msp_ops.domain.trigger import OnDemand
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.run_runbook import Asked, run_runbook
from msp_ops.wiring import Settings, open_workspace

workspace, point, effect = Path(sys.argv[1]), sys.argv[2], sys.argv[3]


class DiesAt:
    """Passes every call on, and kills the process before or after the named one."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        real = getattr(self._inner, name)
        if not callable(real):
            return real

        def call(*given, **named):
            if point == f"before {name}":
                os.kill(os.getpid(), signal.SIGKILL)
            result = real(*given, **named)
            if point == f"after {name}":
                os.kill(os.getpid(), signal.SIGKILL)
            return DiesAt(result) if name == "connect" else result

        return call

    def __enter__(self):
        self._inner.__enter__()
        return self

    def __exit__(self, *raised):
        return self._inner.__exit__(*raised)


class Replaced:
    """Some parts of another object, the rest as it is."""

    def __init__(self, inner, **parts):
        self._inner = inner
        self.__dict__.update(parts)

    def __getattr__(self, name):
        return getattr(self._inner, name)


ACT = ScriptStep(kind="script", name="act", file="act.sh", run_as="login")
BOOK = Runbook(
    id="act",
    title="Leave a trace",
    activity="break/fix",
    impact="changes",
    steps=(ACT,),
    client_sentence="Left a trace.",
    parameters={},
    scripts={"act.sh": f"echo ran >>{effect}\n"},
    digest="d",
)

settings = Settings(workspace=workspace, store_url=f"sqlite:///{workspace}/.state/store.db", prefect_url="")
with open_workspace(settings) as parts:
    client = parts.workspace.client("acme")
    dying = Replaced(parts, wire=DiesAt(parts.wire), store=Replaced(parts.store, journal=DiesAt(parts.store.journal)))
    asked = Asked(
        client=client,
        runbook=BOOK,
        hosts=tuple(client.hosts()),
        parameters={},
        trigger=OnDemand(ticket="T-1", reason="a test"),
        actor=Actor(kind="person", name="kim", authenticated_by="a test"),
        attended=Stopwatch.start(parts.clock),
    )
    list(run_runbook(dying, asked, Stopping()))
