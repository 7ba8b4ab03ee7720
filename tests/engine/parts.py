"""A small world for the engine: one client, one runbook, a journal in memory."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.domain.client import Client, Credential, Host, Site
from msp_ops.domain.errors import HostBusy, StoreError
from msp_ops.domain.finding import Finding, Measurement, Reading
from msp_ops.domain.parcel import Lease
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import CheckStep, ScriptStep
from msp_ops.engine.job import HostJob, Patience, Tools
from msp_ops.engine.stopping import Stopping
from msp_ops.transports.base import Answer, Target
from msp_ops.transports.fake import FakeTransport

LEASE = Lease(store="memory", token=1)


class StandingClock:
    """Moves only when it is told to."""

    def __init__(self):
        self.at = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.since_boot = timedelta(hours=1)

    def now(self):
        return self.at

    def elapsed(self):
        return self.since_boot

    def boot_id(self):
        return "boot-1"

    def pass_time(self, span):
        self.at += span
        self.since_boot += span


class MemoryJournal:
    """Keeps the order of what it was told; `refuse` names a call that fails."""

    def __init__(self, refuse=None, leased=()):
        self.told = []
        self.words = {}
        self._refuse = refuse
        self._leased = leased

    def _tell(self, *what):
        if self._refuse == what[0]:
            raise StoreError("the disk of the store is full; free some space")
        self.told.append(what)

    def open_run(self, run_id, plan, trigger, actor):
        self._tell("open", run_id)

    def take_host(self, run_id, host_id, peers=()):
        if host_id in self._leased:
            raise HostBusy(f"{host_id} is being changed by run r-0 (kim, since 11:58)")
        self._tell("take", host_id)
        return LEASE

    def intend(self, run_id, host_id, parcel, lease):
        self._tell("intend", host_id, parcel.step, parcel.id)

    def record(self, run_id, result):
        self._tell("record", result)

    def prove(self, run_id, result):
        self._tell("prove", result)

    def ask(self, run_id, step):
        self._tell("ask", step)

    def approval(self, run_id, step):
        return self.words.get(step)

    def leave(self):
        self._tell("leave")

    def close_run(self, run_id, work, charges):
        self._tell("close", run_id)


def _read_disk(seen: Seen) -> Reading:
    if "%" not in seen.output:
        raise UnreadableError(f"df printed {seen.output.strip()!r}")
    used = Decimal(seen.output.split("%")[0].split()[-1])
    figure = Measurement(name="disk_used:/", value=used, unit="percent", at=seen.at)
    full = Finding(check="disk", subject="/", severity="critical", message=f"/ is {used}% full")
    return Reading(findings=(full,) if used > 95 else (), measurements=(figure,))


CHECKS = {"disk": Check(name="disk", title="Disk", command="df /", read=_read_disk)}
LOOK = CheckStep(kind="check", name="look at the disk", check="disk")
ACT = ScriptStep(kind="script", name="clean up", file="clean.sh")


def runbook(**changes):
    fields = {
        "id": "fix-disk",
        "title": "Free space",
        "activity": "break/fix",
        "impact": "changes",
        "steps": (ACT,),
        "verify": (LOOK,),
        "client_sentence": "Made room on the disk.",
        "parameters": {},
        "scripts": {"clean.sh": "echo cleaning\n"},
        "digest": "d",
        **changes,
    }
    return Runbook(**fields)


def audit(**changes):
    return runbook(id="audit", impact="read-only", activity="health", steps=(LOOK,), verify=(), **changes)


HOSTS = tuple(
    Host(id=name, address=f"10.0.0.{n}", host_keys=("ssh-ed25519 AAAA",)) for n, name in enumerate(["a", "b"])
)
ACME = Client(
    id="acme",
    name="Acme Dental",
    timezone="Europe/Berlin",
    currency="EUR",
    sites=(Site(id="praxis", name="Praxis", hosts=HOSTS),),
    contracts=(),
    credentials={"default": Credential(user="ops", agent=True)},
)


def job(book, host=HOSTS[0], refused=None, parameters=None):
    return HostJob(
        run_id="r-1",
        client=ACME,
        runbook=book,
        parameters=parameters or {},
        target=Target(who=f"acme/{host.id}", host=host, credential=ACME.credentials["default"]),
        refused=lambda: refused,
    )


IMPATIENT = Patience(
    tries=1,
    pause=timedelta(0),
    silence=timedelta(0),
    listen=timedelta(seconds=3),
    store=timedelta(0),
    apart=timedelta(0),
)


def tools(hosts, journal=None, patience=IMPATIENT, stopping=None, clock=None):
    return Tools(
        transport=FakeTransport(hosts),
        journal=journal or MemoryJournal(),
        clock=clock or StandingClock(),
        redact=lambda output: output.replace(b"hunter2", b"[secret]"),
        checks=CHECKS,
        stopping=stopping or Stopping(),
        watched=True,
        patience=patience,
    )


def disk_answer(used):
    """A host whose disk check answers with this text before the per cent sign; scripts get it as their output."""

    def looked(script):
        marked = re.search(r"printf '\\n(\w+) 0 ", script)
        tail = f"\n\n{marked[1]} 0 0\n" if marked else "\n"
        return Answer(exit_code=0, output=f"{used}{tail}".encode())

    return looked
