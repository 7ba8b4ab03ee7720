"""Section: what was reported, what was done, and whether it was checked afterwards."""

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from msp_ops.domain.client import Client
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import Run
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.trigger import OnDemand
from msp_ops.domain.work import Charge
from msp_ops.reports.money import amount_of, care_of, measured_of, price
from msp_ops.reports.sections import Problem, Problems, Standing
from msp_ops.reports.signals import check_words
from msp_ops.reports.standings import STANDINGS
from msp_ops.reports.visits import Visit, Work
from msp_ops.reports.words import capital, clip, count, listed, money, plural, short_day, span

FIXED = Standing(mark="good", state="Fixed and checked")
LOOKED_INTO = Standing(mark="none", state="Looked into", why="Nothing was changed.")


def summarise_problems(
    client: Client, visits: Sequence[Visit], runbooks: Mapping[str, Runbook], work: Work
) -> Problems | None:
    """One row a ticket, in the order of the first call; None when nothing was reported."""
    calls: dict[str, list[Visit]] = {}
    for visit in visits:
        if visit.is_problem:
            calls.setdefault(visit.ticket or f"run {visit.run.id}", []).append(visit)
    if not calls:
        return None
    charges = {record.run_id: tuple(charges) for record, charges in work if record.run_id}
    rows = tuple(_row(client, call, runbooks, _charges_of(call, charges)) for call in calls.values())
    paid = [charge for call in calls.values() for charge in _charges_of(call, charges)]
    return Problems(
        says=_says(rows),
        rows=rows,
        time=span(measured_of(paid)),
        charge=money(amount_of(paid), client.currency),
    )


def _charges_of(call: Iterable[Visit], charges: Mapping[str, tuple[Charge, ...]]) -> tuple[Charge, ...]:
    """Of each run once, however many hosts it had."""
    run_ids = dict.fromkeys(visit.run.id for visit in call)
    return tuple(charge for run_id in run_ids for charge in charges.get(run_id, ()))


def _row(client: Client, call: Sequence[Visit], runbooks: Mapping[str, Runbook], paid: Sequence[Charge]) -> Problem:
    first, zone = call[0], ZoneInfo(client.timezone)
    last = {visit.host_id: visit for visit in call}
    return Problem(
        when=short_day(first.run.opened_at.astimezone(zone)),
        ticket=clip(first.ticket or "", 40),
        title=title_of(first.run, runbooks),
        machines=listed(tuple(dict.fromkeys(clip(visit.host_id, 60) for visit in call))),
        done=_done(call, runbooks),
        standing=_standing(call),
        checked=_checked(tuple(last.values())),
        time=span(measured_of(paid)) if paid else "not yet",
        charge=price(client, paid),
        reason=" ".join(dict.fromkeys(_sentence(charge.reason) for charge in paid)),
    )


def title_of(run: Run, runbooks: Mapping[str, Runbook]) -> str:
    """What the person wrote who asked; else the kind of care."""
    reason = run.trigger.reason if isinstance(run.trigger, OnDemand) else ""
    return capital(clip(reason or care_of(runbooks.get(run.plan.runbook_id), run.plan.runbook_id)))


def _done(call: Sequence[Visit], runbooks: Mapping[str, Runbook]) -> str:
    """The client's sentence of a runbook claims its success: it is used only where that is proved."""
    outcomes: dict[str, list[Outcome | None]] = {}
    for visit in call:
        outcomes.setdefault(visit.run.plan.runbook_id, []).append(visit.outcome)
    return " ".join(
        clip(runbook.client_sentence) if ended[-1] is Outcome.SUCCEEDED else f"Tried: {clip(runbook.title)}."
        for runbook_id, ended in outcomes.items()
        if (runbook := runbooks.get(runbook_id))
    )


def _standing(call: Sequence[Visit]) -> Standing:
    """A problem is fixed when the last change on each of its machines was done and verified."""
    last = {visit.host_id: visit.outcome for visit in call if visit.run.plan.impact != "read-only"}
    if not last:
        worst = _worst(visit.outcome for visit in call)
        return LOOKED_INTO if worst is Outcome.SUCCEEDED else STANDINGS[worst]
    worst = _worst(last.values())
    return FIXED if worst is Outcome.SUCCEEDED else STANDINGS[worst]


def _worst(outcomes: Iterable[Outcome | None]) -> Outcome | None:
    """What goes on is as uncertain as can be."""
    known = list(outcomes)
    return None if None in known else max(outcome for outcome in known if outcome is not None)


def _checked(visits: Sequence[Visit]) -> str:
    checks = dict.fromkeys(check_words(check) for visit in visits if visit.looked for check in visit.checks)
    return f"Checked: {listed(tuple(checks))}." if checks else ""


def _sentence(text: str) -> str:
    return capital(clip(text).rstrip(".")) + "."


def _says(rows: Sequence[Problem]) -> str:
    fixed = sum(row.standing.mark == "good" for row in rows)
    opening = f"{capital(count(len(rows), 'problem'))} {plural(len(rows), 'was', 'were')} worked on"
    if fixed == len(rows):
        return f"{opening}; {plural(fixed, 'it is', 'all are')} fixed and checked afterwards."
    return f"{opening}; {fixed or 'none'} of them {plural(fixed, 'is', 'are')} fixed and checked."
