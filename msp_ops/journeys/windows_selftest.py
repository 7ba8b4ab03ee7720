"""The first real Windows host answers for all: what was only believed is asked, and what it said becomes a transcript.

Nothing is changed there. A transcript is the source of recorded fixtures, so it names no machine and no person.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from msp_ops.domain.client import Client, Host
from msp_ops.domain.errors import LinkLost, NotReached, PlanError
from msp_ops.domain.record import record
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.targets import redactor_for, target_of
from msp_ops.journeys.windows_probes import Probe, probes
from msp_ops.transports.base import Session, Target

IDLE = timedelta(seconds=150)  # Windows closes an idle connection after two minutes
MOST_KEPT = 2000
Nap = Callable[[float], None]


@record
class Probed:
    """One claim. `wrong` is empty where the host bore it out; `output` is masked and cut."""

    name: str
    wrong: str
    source: str
    exit_code: int | None
    took: timedelta
    output: str
    bytes_said: int
    sha256: str


def self_test(parts: Parts, client: Client, host: Host, *, idle: bool, nap: Nap = time.sleep) -> Iterator[Probed]:
    """Each claim as it is tried. Raises PlanError: no Windows host; NotReached."""
    if host.transport != "winrm":
        raise PlanError(f"{client.id}/{host.id} is reached over SSH; this is for hosts with transport: winrm")
    target = target_of(client, host)
    mask = _masked(parts, target)
    with parts.wire.connect(target) as session:
        for probe in probes():
            yield _probed(probe, session, mask)
        if idle:
            nap(IDLE.total_seconds())
            yield _probed(_again(probes()), session, mask)


def _again(asked: Sequence[Probe]) -> Probe:
    first = asked[0]
    return Probe(name="after 150 s idle", script=first.script, judge=first.judge, source="ansible winrm.py")


def _probed(probe: Probe, session: Session, mask: Callable[[bytes], str]) -> Probed:
    began = time.monotonic()
    code, said, wrong = None, b"", ""
    cut = 0
    try:
        answer = session.ask(probe.script, "login", probe.timeout)
        code, said, cut, wrong = answer.exit_code, answer.output, answer.cut, probe.judge(answer)
    except (LinkLost, NotReached) as problem:
        wrong = mask(str(problem).encode())
    return Probed(
        name=probe.name,
        wrong=wrong,
        source=probe.source,
        exit_code=code,
        took=timedelta(seconds=round(time.monotonic() - began, 3)),
        output=mask(said[:MOST_KEPT]),
        bytes_said=len(said) + cut,
        sha256=hashlib.sha256(said).hexdigest(),
    )


def _masked(parts: Parts, target: Target) -> Callable[[bytes], str]:
    """Secrets, and what tells whose machine it is."""
    redact = redactor_for([target], parts.resolve)
    user = target.credential.user
    names = {target.host.address, target.host.id, user, *re.split(r"[\\@]", user)}
    told = re.compile(
        "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if len(name) > 2), re.IGNORECASE
    )
    return lambda said: told.sub("[masked]", redact(said).decode("utf-8", "replace"))
