"""What hosts said, kept once by its digest."""

import hashlib

from sqlalchemy import Connection, insert, select

from msp_ops.domain.run import Evidence
from msp_ops.store.schema import evidence


def keep(connection: Connection, said: Evidence) -> None:
    """ValueError when the digest is not the body's SHA-256: evidence that proves nothing is a defect."""
    if hashlib.sha256(said.body).hexdigest() != said.digest:
        raise ValueError(f"the evidence {said.digest} has another digest than its body")
    if connection.execute(select(evidence.c.digest).where(evidence.c.digest == said.digest)).first() is None:
        connection.execute(insert(evidence).values(digest=said.digest, body=said.body))
