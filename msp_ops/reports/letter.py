"""What frames every summary: who writes to whom, and where the figures come from."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msp_ops.domain.canonical import digest
from msp_ops.domain.client import Client
from msp_ops.domain.msp import Msp
from msp_ops.domain.run import Run
from msp_ops.reports.content import Letterhead, Proof
from msp_ops.reports.words import clip, count, full_day, listed


def letterhead(msp: Msp, client: Client, title: str, period: str, prepared_at: datetime) -> Letterhead:
    people = listed([clip(recipient.name, 60) for recipient in client.recipients])
    prepared = f"Prepared on {full_day(local_day(client, prepared_at))}"
    return Letterhead(
        msp=clip(msp.name, 80),
        contact=clip(msp.contact, 160),
        client=clip(client.name, 80),
        title=title,
        period=period,
        prepared=f"{prepared} for {people}" if people else prepared,
        zone=client.timezone,
    )


def local_day(client: Client, moment: datetime) -> date:
    """The client's day of a moment."""
    return moment.astimezone(ZoneInfo(client.timezone)).date()


def proof(client: Client, runs: Sequence[Run]) -> Proof:
    """The runs behind the figures, and a digest of all that they recorded."""
    ordered = sorted(runs, key=lambda run: (run.opened_at, run.id))
    says = (
        f"Every figure here comes from the {count(len(ordered), 'run')} that we recorded; none is typed by hand."
        if ordered
        else "No run was recorded."
    )
    return Proof(
        says=f"{says} All times and days are those of {client.timezone}.",
        runs=tuple(clip(run.id, 60) for run in ordered),
        digest=digest([_recorded(run) for run in ordered])[:16],
    )


def _recorded(run: Run) -> list[object]:
    """What a run proved, by the digests of its evidence."""
    hosts = [
        [host.host_id, host.outcome, [step.evidence.digest for step in steps if step.evidence]]
        for host in run.hosts
        for steps in [host.result.steps if host.result else ()]
    ]
    return [run.id, run.plan.digest, hosts]
