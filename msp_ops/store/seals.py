"""Seals: the heads of all chains, signed. Who signs is handed in, so no key is ever seen here."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, insert, select

from msp_ops.domain.clock import Clock
from msp_ops.domain.ledger import ChainHead, Seal
from msp_ops.domain.sealing import Signer, hash_of, signed
from msp_ops.store.chain import CHAINS, START, Chain
from msp_ops.store.database import Database
from msp_ops.store.encode import rebuild, written
from msp_ops.store.schema_ledger import seals


class Seals:
    """Appended, one after another; each says the hash of the one before."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, signer: Signer) -> Seal:
        """Seal what the store holds at this moment."""
        with self._database.writing() as connection:
            last = _last(connection)
            seal = Seal(
                number=1 if last is None else last.number + 1,
                at=self._clock.now(),
                heads=_heads(connection),
                previous=START if last is None else hash_of(last),
                signature="",
                key_id=signer.key_id,
            )
            whole = signed(seal, signer)
            connection.execute(insert(seals).values(number=whole.number, entry=written(whole)))
        return whole

    def heads(self) -> dict[str, str]:
        """What a seal would say at this moment."""
        with self._database.reading() as connection:
            return _heads(connection)

    def last(self) -> Seal | None:
        with self._database.reading() as connection:
            return _last(connection)

    def list(self) -> Sequence[Seal]:
        """The first one first."""
        with self._database.reading() as connection:
            texts = connection.scalars(select(seals.c.entry).order_by(seals.c.number))
            return [rebuild(Seal, text) for text in texts]


def read_seal(text: str) -> Seal:
    """A seal from its file. ValueError when it is none."""
    seal = rebuild(Seal, text)
    if not isinstance(seal, Seal) or not isinstance(seal.heads, dict):
        raise ValueError("it says nothing of a seal")  # noqa: TRY004  # a file's content, not a type of ours
    return seal


def _last(connection: Connection) -> Seal | None:
    text = connection.scalar(select(seals.c.entry).order_by(seals.c.number.desc()).limit(1))
    return None if text is None else rebuild(Seal, text)


def _heads(connection: Connection) -> dict[str, str]:
    return {name: head.words for chain in CHAINS for name, head in _heads_of(connection, chain)}


def _heads_of(connection: Connection, chain: Chain) -> list[tuple[str, ChainHead]]:
    """Of every client that has an entry."""
    columns = chain.table.c
    longest = (
        select(columns.client_id, func.max(columns.position).label("length")).group_by(columns.client_id).subquery()
    )
    chosen = select(columns.client_id, columns.position, columns.hash).join(
        longest, (longest.c.client_id == columns.client_id) & (longest.c.length == columns.position)
    )
    rows = connection.execute(chosen.order_by(columns.client_id)).all()
    return [(chain.name(row.client_id), ChainHead(length=row.position, hash=row.hash)) for row in rows]
