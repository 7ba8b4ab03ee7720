"""What a month would have cost under the other business model, and which fixes come back."""

from msp_ops.billing.balances import Earlier
from msp_ops.billing.comparisons import by_the_hour, with_a_plan
from msp_ops.billing.proposals import WITHIN, proposals
from msp_ops.calendar.months import month_span
from msp_ops.domain.client import Client
from msp_ops.domain.ledger import Statement
from msp_ops.journeys.month_entries import gather
from msp_ops.journeys.month_priced import look_at_month
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.statements import work_of
from msp_ops.reports.money import Otherwise


def otherwise_of(parts: Parts, client: Client, statement: Statement) -> Otherwise:
    """Of a month that is closed, or as it would be closed now."""
    since, until = month_span(client.timezone, statement.month)
    gathered = gather(parts, client.id, [work for work, _ in work_of(parts, statement)], until)
    entries, elsewhere = gathered.entries, gathered.elsewhere
    runs = parts.store.runs.list(client.id, since=since - WITHIN, until=until, limit=None, depth="steps")
    return Otherwise(
        by_the_hour=by_the_hour(client, statement.month, entries, elsewhere),
        with_a_plan=with_a_plan(client, statement.month, entries, elsewhere, _earlier(parts, statement)),
        proposals=tuple(proposals(client, runs)),
    )


def _earlier(parts: Parts, statement: Statement) -> Earlier:
    if statement.closed_at is None:
        return look_at_month(parts, statement.client_id, statement.month).earlier
    closed = parts.store.ledger.statements(statement.client_id)
    return {each.month: each.charges for each in closed if each.month < statement.month}
