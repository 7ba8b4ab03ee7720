"""Section: which updates each machine received, and why some did not."""

from collections.abc import Container, Sequence

from msp_ops.domain.client import Client, Host
from msp_ops.domain.outcome import Outcome
from msp_ops.reports import signals
from msp_ops.reports.sections import Note, Standing, UpdateRow, Updates
from msp_ops.reports.standings import STANDINGS
from msp_ops.reports.visits import Visit, about
from msp_ops.reports.words import capital, clip, count, listed

NO_ROUND = Standing(
    mark="unknown",
    state="No round",
    why="No update round included it.",
    what_next="We include it in the next one.",
)
WAITS = Standing(
    mark="attention",
    state="Waits for a restart",
    why="Its updates are installed, but some become active only with a restart.",
    what_next="We restart it when you tell us a time.",
)


def summarise_updates(client: Client, visits: Sequence[Visit], restarts: Container[str]) -> Updates:
    """`visits` of patching only, oldest first; `restarts`: the hosts that wait for one."""
    rows = tuple(
        _row(client, host, [visit for visit in visits if visit.host_id == host.id], waits=host.id in restarts)
        for host in client.hosts()
    )
    return Updates(says=_says(rows), rows=rows)


def _row(client: Client, host: Host, visits: Sequence[Visit], *, waits: bool) -> UpdateRow:
    last = visits[-1] if visits else None
    looked = [visit for visit in visits if visit.looked]
    return UpdateRow(
        machine=clip(host.id, 60),
        about=about(client, host),
        standing=_standing(last, waits=waits),
        installed=tuple(update for visit in visits for update in signals.updates(visit.changed)),
        held=held(looked[-1]) if looked else (),
    )


def held(visit: Visit) -> tuple[Note, ...]:
    """What stays at its version on purpose, each with its reason."""
    return tuple(
        Note(title=alone[0], words=alone[1]) for finding in visit.findings if (alone := signals.left_alone(finding))
    )


def _standing(last: Visit | None, *, waits: bool) -> Standing:
    if last is None:
        return NO_ROUND
    if last.outcome is not Outcome.SUCCEEDED:
        return STANDINGS[last.outcome]
    if waits:
        return WAITS
    return _still_open(last) or Standing(mark="good", state="Up to date")


def _still_open(visit: Visit) -> Standing | None:
    left = sum(int(sum(signals.of_kind(visit.measurements, kind).values())) for kind in signals.UPDATES_LEFT)
    if left <= 0:
        return None
    return Standing(
        mark="attention",
        state=f"{left} open",
        why=f"{capital(count(left, 'update'))} could not be installed yet.",
        what_next="We install what is left in the next window.",
    )


def _says(rows: Sequence[UpdateRow]) -> str:
    touched = [row for row in rows if row.installed]
    installed = sum(len(row.installed) for row in touched)
    first = (
        f"We installed {count(installed, 'update')} on {count(len(touched), 'machine')}."
        if installed
        else "No updates had to be installed on the machines that we reached."
    )
    not_done = [row.machine for row in rows if row.standing.mark != "good"]
    second = f"Not finished: {listed(not_done)}." if not_done else "Each machine was checked afterwards."
    return f"{first} {second}"
