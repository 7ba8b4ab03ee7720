"""The terms of a charge: all of the client's file that decides a price. What is stamped on a charge is their digest."""

from msp_ops.calendar.public_holidays import RULES
from msp_ops.domain.client import Client
from msp_ops.domain.contract import Contract
from msp_ops.domain.hours import Hours
from msp_ops.domain.record import record


@record
class Terms:
    """A contract with the hours that its classes follow. `holidays`: whose rules say which days are holidays."""

    contract: Contract
    hours: Hours
    timezone: str
    currency: str
    holidays: str | None = None


def terms_of(client: Client, contract: Contract) -> Terms:
    return Terms(
        contract=contract,
        hours=client.hours,
        timezone=client.timezone,
        currency=client.currency,
        holidays=RULES if client.hours.holidays.country else None,
    )
