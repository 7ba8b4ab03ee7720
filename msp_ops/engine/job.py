"""What one host's turn needs: the job itself, and the tools that all hosts share."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from msp_ops.checks.base import Check
from msp_ops.domain.client import Client
from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import FileError
from msp_ops.domain.given import NOTHING_GIVEN, Given
from msp_ops.domain.record import record
from msp_ops.domain.runbook import Runbook
from msp_ops.engine.journal import Journal
from msp_ops.engine.stopping import Stopping
from msp_ops.outside.base import LookFromHere, nobody_looks
from msp_ops.playbooks.job import ModuleCall, Playbook, PlaybookEvent
from msp_ops.secrets.redact import Redact
from msp_ops.transports.base import Target, Transport


@record
class Patience:
    """How long and how often the world is given another chance.

    `tries`: of a host on which nothing was committed yet. `pause`: before the second try; doubles each time, up to
    a minute, with jitter. `silence`: how long a host that fell silent in the middle of a step is asked again
    before its step counts as unknown (recovery goes on asking). `listen`: how long a step that nobody watches is
    followed before its thread and its connection are let go. `busy`: how long to wait for a host that another run
    holds. `store`: how long a result is offered to a store that refuses it. `restart`: before a host that
    was told to restart is looked at. `apart`: between looks at hosts that wait,
    so that a thousand of them cost about 2 % of a core: a look costs about 6 ms. `beat`: between signs of life to a
    host that is held for a playbook.
    """

    tries: int = 3
    pause: timedelta = timedelta(seconds=2)
    silence: timedelta = timedelta(minutes=5)
    listen: timedelta = timedelta(seconds=3)
    busy: timedelta = timedelta(0)
    store: timedelta = timedelta(seconds=60)
    restart: timedelta = timedelta(seconds=10)
    apart: timedelta = timedelta(seconds=1 / 3)
    beat: timedelta = timedelta(seconds=15)


@record
class PlaybookOrder:
    """One playbook for one host, in words that need no secret. `digest`: of the runbook's folder, as it was read.

    `groups`: what plays may name as their hosts. `check`: nothing is changed, `changed` means "would change".
    """

    step: str
    what: Playbook | ModuleCall
    digest: str
    target: Target
    groups: Mapping[str, tuple[str, ...]]
    variables: Mapping[str, str]
    check: bool
    timeout: timedelta


Player = Callable[[PlaybookOrder, Stopping, Redact], Iterator[PlaybookEvent]]


def nobody_plays(order: PlaybookOrder, _stopping: Stopping, _redact: Redact) -> Iterator[PlaybookEvent]:
    """Where there is no Ansible."""
    raise FileError(f"{order.what.title} cannot be run: nothing here runs playbooks")


@record
class Tools:
    """The same for every host of a run. `watched`: somebody reads what the hosts say while they say it."""

    transport: Transport
    journal: Journal
    clock: Clock
    redact: Redact
    checks: Mapping[str, Check]
    stopping: Stopping
    watched: bool = False
    patience: Patience = Patience()
    play: Player = nobody_plays
    look_from_here: LookFromHere = nobody_looks


@record
class HostJob:
    """One host of one run. `refused` judges the permit again at the moment of the host's turn. `given`: the values
    behind the parameters that are secrets or files.

    `undoes`: the run whose change is taken back; what that one kept for it lies on the host. `peers`: hosts that no
    other run may be changing meanwhile.
    """

    run_id: str
    client: Client
    runbook: Runbook
    parameters: Mapping[str, str]
    target: Target
    refused: Callable[[], str | None]
    undoes: str | None = None
    given: Given = NOTHING_GIVEN
    peers: tuple[str, ...] = ()

    @property
    def host_id(self) -> str:
        return self.target.host.id
