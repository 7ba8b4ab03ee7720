"""Seals: those in the store as a chain of their own, those that were sent out against it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, text

from msp_ops.domain.audit import Fault
from msp_ops.domain.ledger import ChainHead, Seal
from msp_ops.domain.sealing import Witness, hash_of, words_of
from msp_ops.store.chain import START
from msp_ops.store.columns import NONSENSE
from msp_ops.store.encode import rebuild, written
from msp_ops.store.marks import Mark, Marks
from msp_ops.store.rows import AnyRow

CHAIN = "seals"


def stored_seals(connection: Connection, witness: Witness, marks: Marks) -> tuple[list[Seal], list[Fault]]:
    """Those that can be read, and the first fault. Every seal with a true signature leaves its marks."""
    found: list[Seal] = []
    faults: list[Fault] = []
    previous = START
    rows = connection.execute(text("SELECT number, entry FROM seals ORDER BY number"))
    for expected, row in enumerate(rows, start=1):
        seal, why = _read(row, expected, previous)
        why = why or (_forged(seal, witness) if seal else None)
        if why:
            faults.append(Fault(chain=CHAIN, entry=f"seal {expected}", says=why))
        if seal is not None:
            found.append(seal)
            previous = hash_of(seal)
            faults += _mark(seal, witness, marks)
    return found, faults[:1]


def sent_seals(known: Sequence[Seal], sent: Iterable[Seal], witness: Witness, marks: Marks) -> list[Fault]:
    """Seals that somebody kept elsewhere: the store must have the same ones."""
    by_number = {seal.number: seal for seal in known}
    faults = []
    for seal in sent:
        entry = f"seal {seal.number} of {seal.at:%Y-%m-%d}"
        why = _forged(seal, witness)
        if why is not None:
            faults.append(Fault(chain="seal files", entry=entry, says=why))
            continue
        faults += _mark(seal, witness, marks)
        if by_number.get(seal.number) != seal:
            other = "holds another one" if seal.number in by_number else "does not hold it: it was put back or cut off"
            faults.append(Fault(chain=CHAIN, entry=entry, says=f"was sent out, and the store {other}"))
    return faults


def _read(row: AnyRow, expected: int, previous: str) -> tuple[Seal | None, str | None]:
    try:
        seal: Seal = rebuild(Seal, row.entry)
        same = written(seal) == row.entry
    except NONSENSE:
        return None, "is not as it was written"
    if not same:
        return seal, "is not as it was written"
    if (row.number, seal.number) != (expected, expected):
        return seal, f"is number {row.number}, and calls itself {seal.number}: seals before it are missing"
    if seal.previous != previous:
        return seal, "does not follow on the seal before it"
    return seal, None


def _forged(seal: Seal, witness: Witness) -> str | None:
    if not witness.knows(seal.key_id):
        return f"was signed with the key {seal.key_id}, which is no public key that was given"
    return None if _is_true(seal, witness) else "has a signature that is wrong: it was changed"


def _is_true(seal: Seal, witness: Witness) -> bool:
    try:
        return witness.holds(seal.key_id, words_of(seal), seal.signature)
    except NONSENSE:
        return False


def _mark(seal: Seal, witness: Witness, marks: Marks) -> list[Fault]:
    """Only what its owner signed is a mark."""
    if not _is_true(seal, witness):
        return []
    by = f"seal {seal.number} of {seal.at:%Y-%m-%d %H:%M}Z"
    try:
        for chain, head in seal.heads.items():
            marks.add(chain, Mark(by=by, head=ChainHead.read(head), sealed=True))
    except NONSENSE:
        return [Fault(chain=CHAIN, entry=f"seal {seal.number}", says="says a head that is none")]
    return []
