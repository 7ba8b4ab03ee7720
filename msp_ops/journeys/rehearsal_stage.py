"""Where a rehearsal plays: a clock that moves only while the run waits, a journal in memory, a client made up."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from msp_ops.domain.actor import Actor
from msp_ops.domain.approval import Approval
from msp_ops.domain.client import Client, Credential, Host, Site
from msp_ops.domain.parameters import OtherHost
from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.domain.plan import Plan
from msp_ops.domain.rehearsal import Spoken
from msp_ops.domain.run import HostResult
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.trigger import Trigger
from msp_ops.domain.work import Charge, WorkRecord

HOST = Host(id="stand-in", address="192.0.2.1", host_keys=("ssh-ed25519 AAAA",))
CREDENTIAL = Credential(user="ops", agent=True)


class StageClock:
    """See `domain.clock.Clock`: an hour of waiting takes no time."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._since_boot = timedelta(hours=1)

    def now(self) -> datetime:
        return self._at

    def elapsed(self) -> timedelta:
        return self._since_boot

    def boot_id(self) -> str:
        return "stage"

    def pass_time(self, span: timedelta) -> None:
        self._at += span
        self._since_boot += span


class MemoryJournal:
    """See `engine.journal.Journal`: nothing is refused, and all is gone with the rehearsal."""

    def __init__(self, clock: StageClock, word: Callable[[str], Spoken | None]) -> None:
        self._clock = clock
        self._word = word

    def open_run(self, run_id: str, plan: Plan, trigger: Trigger, actor: Actor) -> None: ...

    def take_host(self, run_id: str, host_id: str, peers: Collection[str] = ()) -> Lease:  # noqa: ARG002  # it is alone
        return Lease(store="memory", token=1)

    def intend(self, run_id: str, host_id: str, parcel: Parcel, lease: Lease) -> None: ...

    def record(self, run_id: str, result: HostResult) -> None: ...

    def close_run(self, run_id: str, work: WorkRecord, charges: Sequence[Charge]) -> datetime:  # noqa: ARG002  # as above
        return self._clock.now()

    def prove(self, run_id: str, result: HostResult) -> None: ...

    def ask(self, run_id: str, step: str) -> None: ...

    def approval(self, run_id: str, step: str) -> Approval | None:
        said = self._word(step)
        if said is None:
            return None
        return Approval(
            run_id=run_id,
            step=step,
            granted=said.exit == 0,
            by="somebody",
            reason=said.output.strip(),
            at=self._clock.now(),
        )

    def leave(self) -> None: ...


def client_for(runbook: Runbook, given: Mapping[str, str]) -> Client:
    """Has the stand-in, and every other host that a parameter names."""
    named = {given[name] for name, each in runbook.parameters.items() if isinstance(each, OtherHost) and name in given}
    others = (Host(id=name, address=f"192.0.2.{n}") for n, name in enumerate(sorted(named - {HOST.id}), start=2))
    return Client(
        id="rehearsal",
        name="Nobody",
        timezone="UTC",
        currency="EUR",
        sites=(Site(id="stage", name="Stage", hosts=(HOST, *others)),),
        contracts=(),
        credentials={"default": CREDENTIAL},
    )
