"""People of `msp.yaml`, and whether contracts speak of roles that somebody has."""

from collections.abc import Iterable, Iterator

from msp_ops.domain.client import Client
from msp_ops.domain.msp import Msp
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.client_rules import check_unique
from msp_ops.files.document import Document


def check_people(document: Document, msp: Msp) -> None:
    """A login is one person."""
    check_unique(
        document, [(["people", number, "name"], one.name) for number, one in enumerate(msp.people)], "the login"
    )


def remarks_on_roles(msp: Msp, clients: Iterable[Client]) -> Iterator[str]:
    """One sentence for each rate of a role that nobody has: no price would ever say so."""
    roles = sorted({person.role for person in msp.people})
    for client in clients:
        for contract in (*client.contracts, *client.offers):
            for role in contract.role_rates:
                if role not in roles:
                    known = f"roles in msp.yaml: {listed(roles)}{did_you_mean(role, roles)}"
                    said = f"contract '{contract.id}' has a rate for '{role}', which is nobody's role"
                    yield f"{client.id}: {said}; {known}"
