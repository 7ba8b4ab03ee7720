"""What needs the client, and what we could not check: named, never left out."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from msp_ops.billing.proposals import Proposal
from msp_ops.domain.contract import MAINTENANCE, Activity
from msp_ops.domain.growth import Growth
from msp_ops.domain.runbook import Runbook
from msp_ops.reports import signals
from msp_ops.reports.content import Decision, Unchecked
from msp_ops.reports.sections import BackupRow, Backups, Health, HealthRow, Problems, Standing, Updates
from msp_ops.reports.updates import WAITS
from msp_ops.reports.words import capital, clip, count, full_day, listed

NOT_PLANNED = "This care is not agreed for you, so nobody looked."
ASK_US = "Ask us if you want it."
SOON = timedelta(days=90)
UNPLANNED_WORDS: dict[Activity, str] = {"patching": "updates", "backup": "backups", "health": "health"}


def decisions(
    updates: Updates | None, health: Health | None, unreached: Collection[str], growing: Mapping[str, Growth]
) -> tuple[Decision, ...]:
    """Only what the client alone can answer; `growing`: the place of each machine that will be full first."""
    full = [row for row in (health.rows if health else ()) if _fills(row)]
    named = {row.machine for row in full}
    return (
        *(restart(row.machine) for row in (updates.rows if updates else ()) if row.standing == WAITS),
        *map(_storage, full),
        *(_grows(machine, place) for machine, place in growing.items() if machine not in named),
        *(reach(machine) for machine in unreached),
    )


def _fills(row: HealthRow) -> bool:
    return any(note.title == signals.FINDING_WORDS[signals.STORAGE] for note in row.notes)


def restart(machine: str) -> Decision:
    return Decision(
        title=f"Tell us when {machine} may restart",
        words="Some of its updates become active only then. It takes about ten minutes.",
    )


def _storage(row: HealthRow) -> Decision:
    used = f"Its storage is {row.storage.percent}% full. " if row.storage else ""
    return Decision(
        title=f"Decide about the storage of {row.machine}",
        words=f"{used}Tell us what may be removed, or ask us for an offer for more.",
    )


def first_full(growing: Mapping[str, Sequence[Growth]], today: date) -> dict[str, Growth]:
    """The place of each machine that will be full first, where that is soon enough to speak of."""
    soon = {
        machine: [place for place in places if place.full_on and place.full_on <= today + SOON]
        for machine, places in growing.items()
    }
    return {
        machine: min(places, key=lambda place: place.full_on or today) for machine, places in soon.items() if places
    }


def _grows(machine: str, place: Growth) -> Decision:
    when = f"around {full_day(place.full_on)}" if place.full_on else "soon"
    return Decision(
        title=f"Plan more storage for {machine}",
        words=f"At the present rate {clip(place.place, 60)} will be full {when}. "
        "Tell us what may be removed, or ask us for an offer for more.",
    )


def reach(machine: str) -> Decision:
    return Decision(
        title=f"See whether {machine} is switched on and connected",
        words="We could not connect to it, so nobody knows how it is.",
    )


def recurring(proposal: Proposal, runbooks: Mapping[str, Runbook]) -> Decision:
    """A fix that comes back is no fix."""
    runbook = runbooks.get(proposal.runbook_id)
    what = runbook.title if runbook else proposal.runbook_id.replace("-", " ")
    return Decision(
        title=f"End the cause of what comes back on {proposal.host_id}",
        words=f"“{clip(what)}” was needed {count(len(proposal.run_ids), 'time')} within 30 days. "
        "Ask us for an offer to find the cause, instead of repairing it again.",
    )


def unchecked(
    updates: Updates | None,
    backups: Backups | None,
    health: Health | None,
    problems: Problems | None,
) -> tuple[Unchecked, ...]:
    """By machine, with all the parts of it that we do not know; last the care that nobody agreed to."""
    gaps: dict[str, list[tuple[str, Standing]]] = {}
    for machine, part, standing in (*_of_care(updates, health), *_of_backups(backups), *_of_problems(problems)):
        if standing.mark == "unknown":
            gaps.setdefault(machine, []).append((part, standing))
    of_care = {"patching": updates, "backup": backups, "health": health}
    unplanned = [activity for activity in MAINTENANCE if of_care[activity] is None]
    return (*(_gap(machine, parts) for machine, parts in gaps.items()), *_not_agreed(unplanned))


def _of_care(updates: Updates | None, health: Health | None) -> Iterator[tuple[str, str, Standing]]:
    for updated in updates.rows if updates else ():
        yield updated.machine, "updates", updated.standing
    for well in health.rows if health else ():
        yield well.machine, "health", well.standing


def _of_backups(backups: Backups | None) -> Iterator[tuple[str, str, Standing]]:
    for row in backups.rows if backups else ():
        if missed := row.number("unchecked"):
            yield row.machine, _missed(row, missed), _why(row)


def _of_problems(problems: Problems | None) -> Iterator[tuple[str, str, Standing]]:
    for row in problems.rows if problems else ():
        yield row.machines, f"the end of “{row.title}”", row.standing


def _missed(row: BackupRow, missed: int) -> str:
    return f"{missed} of {count(row.planned, 'check')} of the {row.name.lower()}"


def _why(row: BackupRow) -> Standing:
    reason = next(cell.reason for cell in reversed(row.cells) if cell.state == "unchecked")
    return Standing(mark="unknown", state="", why=reason, what_next="We check it at the next time.")


def _gap(machine: str, parts: Sequence[tuple[str, Standing]]) -> Unchecked:
    standing = parts[0][1]
    return Unchecked(
        machine=machine,
        parts=capital(listed([part for part, _ in parts], 4)),
        why=standing.why,
        what_next=standing.what_next,
    )


def _not_agreed(unplanned: Sequence[Activity]) -> Iterator[Unchecked]:
    if unplanned:
        parts = capital(listed([UNPLANNED_WORDS[activity] for activity in MAINTENANCE if activity in unplanned]))
        yield Unchecked(machine="All machines", parts=parts, why=NOT_PLANNED, what_next=ASK_US)
