"""Is everything there that a run needs: the way in, the login, sudo, tools, room, the time, no second patch manager?"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from msp_ops.domain.client import Client, Host
from msp_ops.domain.errors import NotReached, TransportError
from msp_ops.domain.outcome import Outcome, fold
from msp_ops.domain.parcel import RunAs
from msp_ops.domain.record import record
from msp_ops.domain.run import StepResult
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import CheckStep
from msp_ops.engine.job import HostJob
from msp_ops.engine.look import look
from msp_ops.engine.plan import AT_ONCE
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.host_check_windows import Looked, look_at_windows
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.targets import target_of
from msp_ops.journeys.tools import tools_for
from msp_ops.transports.base import Session

BRIEF = timedelta(seconds=20)
NEEDED = "sh head tail wc cut sha256sum timeout setsid mkdir mv"
LOOKS = ("disk", "clock", "patch-managers")
NOTHING = Runbook(
    id="hosts-check",
    title="Look at a host",
    activity="health",
    impact="read-only",
    steps=(),
    client_sentence="",
    parameters={},
    scripts={},
    digest="",
)


@record
class HostCheck:
    """One host, in the order in which it was looked at; what could not be reached is not there."""

    host_id: str
    looked: tuple[Looked, ...]

    @property
    def outcome(self) -> Outcome:
        return fold(each.outcome for each in self.looked)


def check_hosts(parts: Parts, client: Client, hosts: Sequence[Host]) -> Iterator[HostCheck]:
    """Many at the same time, in their order, each as soon as those before it are done."""
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        yield from pool.map(lambda host: check_host(parts, client, host), hosts)


def check_host(parts: Parts, client: Client, host: Host) -> HostCheck:
    """Never raises for the world: it is what is reported."""
    return HostCheck(host_id=host.id, looked=tuple(_look(parts, client, host)))


def _look(parts: Parts, client: Client, host: Host) -> Iterator[Looked]:
    target = target_of(client, host)
    try:
        with parts.wire.connect(target) as session:
            yield Looked(what="login", outcome=Outcome.SUCCEEDED, said=f"{target.credential.user}, {_trusted(host)}")
            if host.transport == "winrm":
                yield from look_at_windows(session, client, parts.clock.now())
                return
            yield _ask(session, "tools", f"for t in {NEEDED}; do command -v $t >/dev/null || echo $t; done", "login")
            yield _ask(session, "root", "id -u | grep -vx 0", "root")
            for result in _checks(parts, client, host, session):
                yield _told(result)
    except TransportError as problem:
        yield Looked(what="reach", outcome=Outcome.NOT_REACHED, said=str(problem))


def _trusted(host: Host) -> str:
    if host.transport == "ssh":
        return "host key as pinned"
    if not host.winrm.tls:
        return "every message encrypted by the login itself"
    return "certificate as pinned" if host.host_keys else "certificate vouched for by an authority"


def _ask(session: Session, what: str, script: str, run_as: RunAs) -> Looked:
    """The script prints what is missing, or nothing."""
    try:
        answer = session.ask(f"{script}\n".encode(), run_as, BRIEF)
    except NotReached as refusal:
        return Looked(what=what, outcome=Outcome.FAILED, said=f"{refusal}{_advice(refusal, run_as)}")
    missing = answer.output.decode(errors="replace").strip()
    if answer.exit_code is None or missing:
        return Looked(what=what, outcome=Outcome.FAILED, said=f"missing: {missing.replace(chr(10), ', ')}")
    return Looked(what=what, outcome=Outcome.SUCCEEDED, said="as needed")


def _advice(refusal: NotReached, run_as: RunAs) -> str:
    """A shell that talks, or starts something else, is no matter of passwords."""
    if not refusal.credential_refused:
        return (
            "; look into what its login starts (.bashrc, .profile): it must wait for nobody and start what it is told"
        )
    return "; set sudo_password in its credential, or NOPASSWD on the host" if run_as == "root" else ""


def _checks(parts: Parts, client: Client, host: Host, session: Session) -> Iterator[StepResult]:
    target = target_of(client, host)
    tools = tools_for(parts, [target], Stopping())
    job = HostJob(run_id="", client=client, runbook=NOTHING, parameters={}, target=target, refused=lambda: None)
    steps = [CheckStep(kind="check", name=name, check=name) for name in LOOKS]
    yield from look(steps, lambda: session, job, tools)


def _told(result: StepResult) -> Looked:
    messages = "; ".join(f"{finding.subject}: {finding.message}" for finding in result.findings)
    outcome = Outcome.FAILED if result.findings else result.outcome
    return Looked(what=result.name, outcome=outcome, said=messages or result.reason or "fine")
