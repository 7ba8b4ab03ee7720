"""What must fit together in contracts, in what may be offered, and in the hours that their prices follow."""

from collections.abc import Iterable
from datetime import time

from msp_ops.calendar.public_holidays import holiday_places
from msp_ops.domain.client import Client
from msp_ops.domain.contract import BlockHours, Contract, Managed
from msp_ops.domain.hours import Hours
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.document import Document

Path = list[str | int]


def check_contracts(document: Document, client: Client) -> None:
    """Complains of what cannot be meant in `contracts`, `offers` and `hours`."""
    known = [host.id for host in client.hosts()]
    for part, contracts in (("contracts", client.contracts), ("offers", client.offers)):
        for number, contract in enumerate(contracts):
            where: Path = [part, number]
            _check_dates(document, where, contract)
            _check_hosts(document, [*where, "scope", "hosts"], contract.scope.hosts, known)
            _check_rounding(document, where, contract)
            _check_classes(document, where, contract, client.hours)
            _check_kind(document, where, contract)
    _check_open(document, client.hours)
    _check_holidays(document, client.hours)


def _check_dates(document: Document, where: Path, contract: Contract) -> None:
    if contract.until and contract.until < contract.since:
        document.complain([*where, "until"], f"until lies before since {contract.since}")


def _check_hosts(document: Document, where: Path, hosts: Iterable[str], known: list[str]) -> None:
    for place, host in enumerate(hosts):
        if host not in known:
            hint = did_you_mean(host, known)
            document.complain([*where, place], f"there is no host '{host}'; hosts: {listed(known)}{hint}")


def _check_rounding(document: Document, where: Path, contract: Contract) -> None:
    here, usual = contract.on_site, contract.rounding
    if usual.grace >= usual.increment:
        document.complain(
            [*where, "rounding", "grace"], "grace must be shorter than increment, else no time is ever billed up"
        )
    elif (here.grace or usual.grace) >= (here.increment or usual.increment):
        document.complain([*where, "on_site"], "grace must be shorter than increment, on site too")


def _check_classes(document: Document, where: Path, contract: Contract, hours: Hours) -> None:
    """A class that never comes is a price that is never asked: most likely the hours were forgotten."""
    covered = contract.covered_hours if isinstance(contract, Managed) else ()
    for key, classes in (("multipliers", tuple(contract.multipliers)), ("covered_hours", covered)):
        for hour_class in classes:
            if hour_class in {"after-hours", "weekend"} and not hours.open:
                said = f"{hour_class} never comes: the client has no business hours; add hours: {{open: [...]}}"
                document.complain([*where, key], said)
            if hour_class == "holiday" and not (hours.holidays.country or hours.holidays.also):
                said = "holiday never comes: the client has no holidays; add hours: {holidays: {country: ...}}"
                document.complain([*where, key], said)


def _check_kind(document: Document, where: Path, contract: Contract) -> None:
    match contract:
        case Managed(overage_rate=None) if contract.covered_hours or contract.included_hours is not None:
            beyond = "covered_hours" if contract.covered_hours else "included_hours"
            document.complain([*where, beyond], f"what lies beyond {beyond} costs the overage_rate; add it")
        case BlockHours() if not contract.hours:
            document.complain([*where, "hours"], "a block of no hours; write how many were bought, such as 20")
        case BlockHours(per="once") if contract.rollover_cap:
            document.complain(
                [*where, "rollover_cap"],
                "only of hours by the month some expire; add per: month or remove rollover_cap",
            )
        case _:
            pass


def _check_open(document: Document, hours: Hours) -> None:
    for number, each in enumerate(hours.open):
        where: Path = ["hours", "open", number]
        if not each.days:
            document.complain([*where, "days"], "no day is named; write for example [mon, tue, wed, thu, fri]")
        if each.end <= each.start and each.end != time():
            said = f"end must lie behind start {each.start:%H:%M}; over midnight write two: up to 00:00, and from 00:00"
            document.complain([*where, "end"], said)


def _check_holidays(document: Document, hours: Hours) -> None:
    found, where = hours.holidays, ["hours", "holidays"]
    for number, day in enumerate(found.worked):
        if day in found.also:
            document.complain([*where, "worked", number], f"{day} stands under also too: is it a holiday or not?")
    if found.region is None:
        return
    if found.country is None:
        document.complain([*where, "region"], "a region belongs to a country; add country")
        return
    regions = holiday_places()[found.country]
    if found.region not in regions:
        hint = did_you_mean(found.region, regions)
        said = f"{found.country} has no region '{found.region}' with holidays of its own; regions: "
        document.complain([*where, "region"], f"{said}{', '.join(regions) or 'none'}{hint}")
