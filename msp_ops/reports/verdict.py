"""The sentence at the top. Worst fact first: a failed backup, then the unknown, then an update, then room."""

from collections.abc import Iterable, Iterator

from msp_ops.reports.content import Fact
from msp_ops.reports.sections import Backups, Health, HealthRow, Mark, Problems, Standing, UpdateRow, Updates
from msp_ops.reports.words import capital, count, listed, plural

NO_CALLS = Fact(title="Problems fixed", value="0", total="of 0", words="you reported none", mark="none")


def verdict(updates: Updates | None, backups: Backups | None, health: Health | None, problems: Problems | None) -> str:
    """One or two sentences: how the month went, and the worst of it by name."""
    parts = [part for part in (_backups(backups), _updates(updates)) if part] or [_calls(problems)]
    return f"{capital(' and '.join(parts))}. {_worst(updates, backups, health, problems)}".strip()


def _backups(backups: Backups | None) -> str:
    if backups is None:
        return ""
    if not backups.planned:
        return "no backup was checked"
    if failed := backups.number("failed"):
        return f"{failed} of {count(backups.planned, 'backup check')} found no good copy"
    if backups.proved == backups.planned:
        return "every backup is proved"
    return f"{backups.proved} of {count(backups.planned, 'backup check')} proved a good copy"


def _updates(updates: Updates | None) -> str:
    if updates is None:
        return ""
    machines = len(updates.rows)
    if updates.done == machines:
        return f"all of your {machines} machines are up to date" if machines > 1 else "your machine is up to date"
    return (
        f"{updates.done or 'none'} of your {count(machines, 'machine')} {plural(updates.done, 'is', 'are')} up to date"
    )


def _calls(problems: Problems | None) -> str:
    if problems is None:
        return "you reported no problems"
    if problems.fixed == len(problems.rows):
        return (
            f"the {len(problems.rows)} problems that you reported are fixed"
            if problems.fixed > 1
            else ("the problem that you reported is fixed")
        )
    return f"{problems.fixed or 'none'} of {count(len(problems.rows), 'problem')} that you reported is fixed"


def _worst(updates: Updates | None, backups: Backups | None, health: Health | None, problems: Problems | None) -> str:
    """The first of these that is true; nothing when all is well."""
    updated, well = (updates.rows if updates else ()), (health.rows if health else ())
    failing = [f"{row.machine} ({row.name.lower()})" for row in (backups.failing if backups else ())]
    unknown = dict.fromkeys(row.machine for row in _rows(updates, health) if row.standing.mark == "unknown")
    unfinished = [row.machine for row in updated if row.standing.mark == "bad"]
    unsolved = [row.title for row in (problems.rows if problems else ()) if row.standing.mark not in {"good", "none"}]
    waiting = [row.machine for row in updated if row.standing.mark == "attention"]
    ill = [row.machine for row in well if row.standing.mark in {"attention", "bad"}]
    sentences = (
        (failing, f"Without a good copy at the end: {listed(failing)}."),
        (list(unknown), f"We do not know the present state of {listed(list(unknown))}."),
        (unfinished, f"The updates of {listed(unfinished)} did not finish."),
        (unsolved, f"{capital(count(len(unsolved), 'problem'))} {plural(len(unsolved), 'is', 'are')} still open."),
        (waiting, f"{listed(waiting)} {plural(len(waiting), 'is', 'are')} not finished yet."),
        (ill, f"{listed(ill)} {plural(len(ill), 'needs', 'need')} attention."),
    )
    return next((sentence for found, sentence in sentences if found), "")


def _rows(updates: Updates | None, health: Health | None) -> Iterator[UpdateRow | HealthRow]:
    yield from updates.rows if updates else ()
    yield from health.rows if health else ()


def lede(
    updates: Updates | None, backups: Backups | None, problems: Problems | None, asked: int, unchecked: int
) -> str:
    """What was done, in one sentence; what is needed, in another."""
    done = [
        *([f"installed {count(updates.installed, 'update')}"] if updates else []),
        *([f"made {count(backups.planned - backups.number('unchecked'), 'backup check')}"] if backups else []),
        *([f"worked on {count(len(problems.rows), 'problem')}"] if problems else []),
    ]
    sentences = [
        f"We {listed(done)}." if done else "",
        f"{capital(count(unchecked, 'gap'))} in what we know {plural(unchecked, 'is', 'are')} named below."
        if unchecked
        else "",
        f"{capital(count(asked, 'point'))} below {plural(asked, 'needs', 'need')} an answer from you."
        if asked
        else "Nothing is needed from you.",
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def facts(
    updates: Updates | None, backups: Backups | None, health: Health | None, problems: Problems | None
) -> tuple[Fact, ...]:
    """The four figures, always in the same order; the unknown counts in every total."""
    return (
        _updates_fact(updates) if updates else _empty("Updates"),
        _backups_fact(backups) if backups else _empty("Backups"),
        _health_fact(health) if health else _empty("Health"),
        _problems_fact(problems) if problems else NO_CALLS,
    )


def _updates_fact(updates: Updates) -> Fact:
    machines = plural(len(updates.rows), "machine is", "machines are")
    words = f"{machines} up to date{_not_known(row.standing for row in updates.rows)}"
    return _fact("Updates", updates.done, len(updates.rows), words)


def _backups_fact(backups: Backups) -> Fact:
    if not backups.planned:
        return Fact(title="Backups", value="0", total="", words="no backup was checked", mark="attention")
    missed = backups.number("unchecked")
    rest = f"; {missed} could not be made" if missed else ""
    return _fact("Backups", backups.proved, backups.planned, f"checks proved a good copy{rest}")


def _health_fact(health: Health) -> Fact:
    machines = plural(len(health.rows), "machine is", "machines are")
    words = f"{machines} healthy{_not_known(row.standing for row in health.rows)}"
    return _fact("Health", health.well, len(health.rows), words)


def _problems_fact(problems: Problems) -> Fact:
    return _fact("Problems fixed", problems.fixed, len(problems.rows), f"fixed and checked, in {problems.time}")


def _not_known(standings: Iterable[Standing]) -> str:
    number = sum(standing.mark == "unknown" for standing in standings)
    return f"; {number} {plural(number, 'is', 'are')} not known" if number else ""


def _fact(title: str, value: int, total: int, words: str) -> Fact:
    mark: Mark = "good" if value == total and total else "attention"
    permille = value * 1000 // total if total else 0
    return Fact(title=title, value=str(value), total=f"of {total}", words=words, mark=mark, permille=permille)


def _empty(title: str) -> Fact:
    return Fact(title=title, value="\N{EN DASH}", total="", words="not agreed for you, so nobody looked", mark="none")
