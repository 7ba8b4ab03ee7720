"""What needs the client, and what we could not check: named, never left out."""

from collections.abc import Collection, Iterable, Sequence

from msp_ops.domain.contract import MAINTENANCE, Activity
from msp_ops.reports import signals
from msp_ops.reports.content import (
    BackupRow,
    Backups,
    Decision,
    Health,
    HealthRow,
    Problems,
    Standing,
    Unchecked,
    Updates,
)
from msp_ops.reports.updates import WAITS
from msp_ops.reports.words import capital, count, listed

NOT_PLANNED = "This care is not agreed for you, so nobody looked."
ASK_US = "Ask us if you want it."
UNPLANNED_WORDS: dict[Activity, str] = {"patching": "updates", "backup": "backups", "health": "health"}


def decisions(updates: Updates | None, health: Health | None, unreached: Collection[str]) -> tuple[Decision, ...]:
    """Only what the client alone can answer."""
    return (
        *(restart(row.machine) for row in (updates.rows if updates else ()) if row.standing == WAITS),
        *(_storage(row) for row in (health.rows if health else ()) if _fills(row)),
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


def reach(machine: str) -> Decision:
    return Decision(
        title=f"See whether {machine} is switched on and connected",
        words="We could not connect to it, so nobody knows how it is.",
    )


def unchecked(
    updates: Updates | None,
    backups: Backups | None,
    health: Health | None,
    problems: Problems | None,
    unplanned: Sequence[Activity],
) -> tuple[Unchecked, ...]:
    """By machine, with all the parts of it that we do not know; last the care that nobody agreed to."""
    gaps: dict[str, list[tuple[str, Standing]]] = {}
    for updated in updates.rows if updates else ():
        if updated.standing.mark == "unknown":
            gaps.setdefault(updated.machine, []).append(("updates", updated.standing))
    for well in health.rows if health else ():
        if well.standing.mark == "unknown":
            gaps.setdefault(well.machine, []).append(("health", well.standing))
    for backup in backups.rows if backups else ():
        if missed := backup.number("unchecked"):
            gaps.setdefault(backup.machine, []).append((_missed(backup, missed), _why(backup)))
    for problem in problems.rows if problems else ():
        if problem.standing.mark == "unknown":
            gaps.setdefault(problem.machines, []).append((f"the end of “{problem.title}”", problem.standing))
    named = tuple(_gap(machine, parts) for machine, parts in gaps.items())
    return (*named, *_not_agreed(unplanned))


def _missed(backup: BackupRow, missed: int) -> str:
    name = f" of {backup.name}" if backup.name else ""
    return f"{missed} of {count(backup.planned, 'backup check')}{name}"


def _why(backup: BackupRow) -> Standing:
    words = next(cell.words for cell in reversed(backup.cells) if cell.state == "unchecked")
    return Standing(mark="unknown", state="", why=capital(words) + ".", what_next="We check it at the next time.")


def _gap(machine: str, parts: Sequence[tuple[str, Standing]]) -> Unchecked:
    standing = parts[0][1]
    return Unchecked(
        machine=machine,
        parts=capital(listed([part for part, _ in parts], 4)),
        why=standing.why,
        what_next=standing.what_next,
    )


def _not_agreed(unplanned: Sequence[Activity]) -> Iterable[Unchecked]:
    if unplanned:
        parts = capital(listed([UNPLANNED_WORDS[activity] for activity in MAINTENANCE if activity in unplanned]))
        yield Unchecked(machine="All machines", parts=parts, why=NOT_PLANNED, what_next=ASK_US)
