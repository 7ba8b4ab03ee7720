"""Why work costs what it costs: of an open month worked out anew, of a closed one as it was frozen."""

from datetime import date

from msp_ops.billing.balances import Balance
from msp_ops.billing.explain import Explanation, explain
from msp_ops.calendar.months import first_day, next_month
from msp_ops.calendar.zones import zone
from msp_ops.domain.client import Client
from msp_ops.domain.errors import NotPermitted
from msp_ops.domain.work import WorkRecord
from msp_ops.journeys.month_priced import look_at_month
from msp_ops.journeys.parts import Parts


def explain_work(parts: Parts, name: str) -> tuple[date, Explanation]:
    """Of a run, or of a work record by its id, with the month that it is priced in.

    PlanError when there is none of that name; NotPermitted when it has no work record yet.
    """
    work = _work(parts, name)
    client = parts.workspace.client(work.client_id)
    for statement in parts.store.ledger.statements(client.id):
        frozen = tuple(
            line.charge for line in statement.lines if line.charge.record_id == work.id and not line.reverses
        )
        if frozen:
            closed = f"{statement.month:%Y-%m} was closed by {statement.closed_by}: its lines do not change any more"
            return statement.month, Explanation(record=work, tried=(), steps=(closed,), charges=frozen, questions=())
    month = _month(parts, client, work)
    return month, explain(client, look_at_month(parts, client.id, month).priced, work.id)


def balances_now(parts: Parts, client: Client) -> tuple[Balance, ...]:
    """What the client's blocks of hours hold in the present month; none when that month is closed."""
    month = first_day(parts.clock.now().astimezone(zone(client.timezone)).date())
    if parts.store.ledger.statement(client.id, month) is not None:
        return ()
    return look_at_month(parts, client.id, month).priced.balances


def _work(parts: Parts, name: str) -> WorkRecord:
    if name.startswith("w-"):
        return parts.store.work.read(name)
    run_id = parts.store.runs.find(name)
    run = parts.store.runs.read(run_id, "ends")
    if run.ended_at is None:
        raise NotPermitted(
            f"run {run_id} has no end yet, so no time of it is in the books: wait, or msp-ops recover {run_id}"
        )
    return parts.store.work.read(f"w-{run_id}")


def _month(parts: Parts, client: Client, work: WorkRecord) -> date:
    """In which it began; what came after that month's close, the first that is open."""
    at = work.began_at or parts.clock.now()
    own = first_day(at.astimezone(zone(client.timezone)).date())
    closed = parts.store.ledger.closed_months(client.id)
    return max(own, next_month(closed[-1].month)) if closed else own
