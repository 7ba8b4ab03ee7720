"""Whether the ledger is as it was written: every entry, every column, every seal."""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection, text

from msp_ops.domain.audit import Audit, Examined, Fault
from msp_ops.domain.ledger import Seal
from msp_ops.domain.sealing import Witness
from msp_ops.store.chain import CHAINS, MONTHS, Chain
from msp_ops.store.database import Database
from msp_ops.store.marks import Marks
from msp_ops.store.rows import AnyRow
from msp_ops.store.verify_books import Books
from msp_ops.store.verify_chain import Walk, walk
from msp_ops.store.verify_seals import sent_seals, stored_seals


def verify(database: Database, witness: Witness, sent: Sequence[Seal] = ()) -> Audit:
    """The whole ledger at one moment, with the first fault of each chain. `sent`: seals that were kept elsewhere."""
    marks, books = Marks(), Books()
    with database.reading() as connection, database.kind.forgiving(connection):
        seals, faults = stored_seals(connection, witness, marks)
        faults += sent_seals(seals, sent, witness, marks)
        examined = []
        for chain in (MONTHS, *(each for each in CHAINS if each is not MONTHS)):
            for found, fault in _walk_all(connection, chain, marks, books):
                examined.append(found)
                faults += [fault] if fault else []
            if chain is MONTHS:
                books.mark(marks)
        faults += _lost(marks, examined)
        faults += _terms(connection, books)
        broken = {fault.chain for fault in faults}
        faults += [fault for fault in books.faults(connection) if fault.chain not in broken]
    return Audit(
        chains=tuple(sorted(examined, key=attrgetter("chain"))),
        seals=len(seals),
        sealed_at=seals[-1].at if seals else None,
        faults=tuple(faults),
    )


def _walk_all(
    connection: Connection, chain: Chain, marks: Marks, books: Books
) -> Iterable[tuple[Examined, Fault | None]]:
    every = text(f'SELECT * FROM {chain.table.name} ORDER BY client_id, "position"')  # noqa: S608  # names of ours
    rows: Iterable[AnyRow] = connection.execute(every)
    for client_id, of_client in groupby(rows, attrgetter("client_id")):
        what = Walk(
            chain=chain,
            client_id=client_id,
            marks=marks.of(chain.name(client_id)),
            look=books.reader(chain),
        )
        yield walk(what, of_client)


def _lost(marks: Marks, examined: Iterable[Examined]) -> list[Fault]:
    """Chains of which nothing is left."""
    gone = sorted(marks.chains() - {each.chain for each in examined})
    return [
        Fault(chain=chain, entry="number 1", says=f"is missing, and all after it: {_longest(marks, chain)}")
        for chain in gone
    ]


def _longest(marks: Marks, chain: str) -> str:
    last = marks.of(chain)[max(marks.of(chain))][0]
    return f"{last.by} says that there were {last.head.length}"


def _terms(connection: Connection, books: Books) -> list[Fault]:
    """Every text is that of its digest; every line finds what priced it."""
    faults: list[Fault] = []
    kept: set[str] = set()
    for row in connection.execute(text("SELECT digest, terms FROM contract_terms ORDER BY digest")):
        if row.digest in kept:
            faults.append(Fault(chain="terms", entry=f"terms {row.digest}", says="are there twice"))
        kept.add(row.digest)
        if not isinstance(row.terms, str) or hashlib.sha256(row.terms.encode()).hexdigest() != row.digest:
            faults.append(Fault(chain="terms", entry=f"terms {row.digest}", says="are not as they were written"))
    for digest, line in books.terms.items():
        if digest not in kept:
            faults.append(Fault(chain="terms", entry=f"terms {digest}", says=f"are missing; they priced line {line}"))
    return faults
