"""How our clients, persons, hours and taxes are called elsewhere: `exports.yaml` of the workspace."""

from dataclasses import field
from datetime import timedelta
from typing import Literal

from msp_ops.domain.hours import HourClass
from msp_ops.domain.outbox import BUSY_FOR
from msp_ops.domain.record import record

Words = dict[str, str]
NOBODY = "nobody"
Sort = Literal["business", "after-hours", "weekend", "holiday", "fee"]


@record
class Reached:
    """Where a program's API lies, and how long it may be at work on an entry after it has fallen silent."""

    url: str
    busy_for: timedelta = BUSY_FOR


@record
class ConnectWiseApi(Reached):
    """An API member's two keys, by reference; `client_id` names the integration, and is no secret."""

    company: str
    client_id: str
    public_key: str
    private_key: str


@record
class AutotaskApi(Reached):
    """An API user; its secret and the integration's code by reference."""

    user: str
    secret: str
    integration_code: str


@record
class TokenApi(Reached):
    """An API that takes a token as bearer's, by reference: Syncro, Kimai."""

    token: str


PsaApi = ConnectWiseApi | AutotaskApi | TokenApi


@record
class Named:
    """What every target needs: ids or names there, by our client's id and our person's name.

    `ticket_prefix` stands before the number in our tickets (`T-` in `T-7`) and not in theirs.
    """

    clients: Words = field(default_factory=dict)
    persons: Words = field(default_factory=dict)
    ticket_prefix: str = ""


@record
class ConnectWise(Named):
    """Companies, members, work types by hour class, work roles, agreements by `client/contract`.

    `custom_field`: the number of a custom field of time entries for our id, which stands in the internal notes too.
    """

    hours: dict[HourClass, str] = field(default_factory=dict)
    roles: Words = field(default_factory=dict)
    agreements: Words = field(default_factory=dict)
    custom_field: int | None = None
    api: ConnectWiseApi | None = None


@record
class Autotask(Named):
    """Companies are known from the ticket; resources, billing codes by hour class, roles, contracts."""

    hours: dict[HourClass, str] = field(default_factory=dict)
    roles: Words = field(default_factory=dict)
    agreements: Words = field(default_factory=dict)
    api: AutotaskApi | None = None


@record
class HaloPsa(Named):
    """Agents, charge rates by hour class. `time_unit`: what `timetaken` is counted in; installations differ."""

    hours: dict[HourClass, str] = field(default_factory=dict)
    time_unit: Literal["hours", "minutes"] = "hours"


@record
class Syncro(Named):
    """Users, labour products by hour class: the product has the price."""

    hours: dict[HourClass, str] = field(default_factory=dict)
    api: TokenApi | None = None


@record
class Kimai(Named):
    """Projects by client, users, activities by hour class. `timezone`: that of the user whose token sends."""

    hours: dict[HourClass, str] = field(default_factory=dict)
    timezone: str = "UTC"
    api: TokenApi | None = None


@record
class InvoiceNinja(Named):
    """Clients, users, projects by client."""

    projects: Words = field(default_factory=dict)


@record
class QuickBooks(Named):
    """Customers, employees in `persons`, those who are vendors in `vendors`, service items by hour class."""

    hours: dict[HourClass, str] = field(default_factory=dict)
    vendors: Words = field(default_factory=dict)
    taxable: bool = True


@record
class Xero(Named):
    """Contacts by name, accounts by hour class or for `fee`, the names of tax rates by our labels.

    `dates` as the organisation's region has them; `payment_days` after the month's last day the invoice is due; one
    invoice a month or one a ticket.
    """

    accounts: dict[Sort, str] = field(default_factory=dict)
    taxes: Words = field(default_factory=dict)
    dates: Literal["DD/MM/YYYY", "MM/DD/YYYY"] = "DD/MM/YYYY"
    payment_days: int = 14
    invoices: Literal["month", "ticket"] = "month"
    number_prefix: str = "MSP-"


@record
class ExportMap:
    """A section for each target that is used; what is left out of it makes rows that are listed as rejected."""

    connectwise: ConnectWise = ConnectWise()
    autotask: Autotask = Autotask()
    halopsa: HaloPsa = HaloPsa()
    syncro: Syncro = Syncro()
    kimai: Kimai = Kimai()
    invoiceninja: InvoiceNinja = InvoiceNinja()
    quickbooks: QuickBooks = QuickBooks()
    xero: Xero = Xero()

    def api_of(self, target: str) -> PsaApi | None:
        """Where that target's API lies; None when nobody wrote it down, or none is known."""
        section = getattr(self, target, None)
        match section:
            case ConnectWise() | Autotask() | Syncro() | Kimai():
                return section.api
            case _:
                return None
