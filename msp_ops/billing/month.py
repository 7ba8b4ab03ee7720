"""A client's month as a whole: its charges, what a person must answer first, and what its blocks of hours hold."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from msp_ops.billing.balances import Balance, Earlier, at_hand, balance, drawn_by, in_force_in
from msp_ops.billing.contracts import Undecided, Waived, choose
from msp_ops.billing.entry import Entry, in_order
from msp_ops.billing.fees import fees
from msp_ops.billing.groups import Piece, groups_of, pieces_of
from msp_ops.billing.minutes import Counted, whose_minutes
from msp_ops.billing.parts import Priced, price_groups
from msp_ops.billing.questions import of_rates, questions_of
from msp_ops.billing.shares import charges_of
from msp_ops.billing.terms import Terms, terms_of
from msp_ops.billing.unpriced import no_charge, not_counted
from msp_ops.domain.canonical import digest
from msp_ops.domain.client import Client
from msp_ops.domain.contract import BlockHours, Contract
from msp_ops.domain.ledger import Question
from msp_ops.domain.record import record
from msp_ops.domain.work import Charge


@record
class Judged:
    """An entry with what was found before its price: which minutes are its own, which contract prices it."""

    entry: Entry
    counted: Counted
    choice: Contract | Undecided | Waived

    @property
    def contract(self) -> Contract | None:
        """The one that prices it; None when it costs nothing or nobody knows yet."""
        if self.entry.is_free or self.entry.succeeded is None or isinstance(self.choice, Undecided | Waived):
            return None
        return self.choice


@record
class PricedMonth:
    """`terms` by their digest, as the charges name them. `groups`: what was rounded together, to be explained."""

    client_id: str
    month: date
    currency: str
    charges: tuple[Charge, ...]
    questions: tuple[Question, ...]
    balances: tuple[Balance, ...]
    terms: dict[str, Terms]
    judged: tuple[Judged, ...]
    groups: tuple[Priced, ...]

    @property
    def total(self) -> Decimal:
        return sum((charge.amount for charge in self.charges), Decimal(0))

    def charges_of(self, record_id: str) -> tuple[Charge, ...]:
        return tuple(charge for charge in self.charges if charge.record_id == record_id)


def price_month(
    client: Client,
    month: date,
    entries: Iterable[Entry],
    elsewhere: Iterable[Entry] = (),
    earlier: Earlier | None = None,
) -> PricedMonth:
    """What the client owes for the month whose first day is `month`.

    `entries`: all its records that began in the month. `elsewhere`: other records of the same persons, of other clients
    and of the months beside it. `earlier`: the charges of the client's months before.
    """
    judged = _judge(client, list({entry.record.id: entry for entry in entries}.values()), elsewhere)
    terms = {contract.id: terms_of(client, contract) for contract in client.contracts}
    digests = {name: digest(each) for name, each in terms.items()}
    groups = [
        found for contract in client.contracts for found in _price(client, contract, judged, month, earlier or {})
    ]
    charges = [
        *fees(client, month, digests),
        *_in_order(
            judged, [charge for each in groups for charge in charges_of(each, client, digests[_id(each)])], client
        ),
    ]
    return PricedMonth(
        client_id=client.id,
        month=month,
        currency=client.currency,
        charges=tuple(charges),
        questions=tuple(_questions(client, judged, charges)),
        balances=tuple(_balances(client, month, earlier or {}, charges)),
        terms={digests[name]: each for name, each in terms.items()},
        judged=tuple(judged),
        groups=tuple(groups),
    )


def _id(priced: Priced) -> str:
    return priced.group.contract.id


def _judge(client: Client, entries: Sequence[Entry], elsewhere: Iterable[Entry]) -> list[Judged]:
    """In the order of their work."""
    mine = {entry.record.id for entry in entries}
    counted = whose_minutes([*entries, *(entry for entry in elsewhere if entry.record.id not in mine)])
    return [
        Judged(entry=entry, counted=counted[entry.record.id], choice=choose(entry, client))
        for entry in sorted(entries, key=in_order)
    ]


def _price(client: Client, contract: Contract, judged: Iterable[Judged], month: date, earlier: Earlier) -> list[Priced]:
    mine = (each for each in judged if each.contract is not None and each.contract.id == contract.id)
    pieces: list[Piece] = [piece for each in mine for piece in pieces_of(each.entry, each.counted.own, client)]
    return list(price_groups(contract, groups_of(contract, pieces), at_hand(contract, month, earlier)))


def _in_order(judged: Iterable[Judged], priced: Iterable[Charge], client: Client) -> list[Charge]:
    """By record; of work whose end is not known there is no charge yet."""
    by_record: dict[str | None, list[Charge]] = {}
    for charge in priced:
        by_record.setdefault(charge.record_id, []).append(charge)
    found: list[Charge] = []
    for each in judged:
        if each.contract is not None:
            found += by_record.get(each.entry.record.id, ())
            found += not_counted(each.entry, client, each.counted, each.contract)
        elif each.entry.succeeded is not None:
            found.append(no_charge(each.entry, client, each.choice))
    return found


def _questions(client: Client, judged: Iterable[Judged], charges: Iterable[Charge]) -> list[Question]:
    asked = [each for one in judged for each in questions_of(one.entry, client, one.choice, one.counted)]
    return [*asked, *(each for charge in charges for each in of_rates(charge))]


def _balances(client: Client, month: date, earlier: Earlier, charges: Sequence[Charge]) -> list[Balance]:
    blocks = [each for each in client.contracts if isinstance(each, BlockHours) and in_force_in(each, month)]
    return [balance(each, month, earlier, drawn_by(each, charges)) for each in blocks]
