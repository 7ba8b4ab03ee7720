"""What hosts said, kept once by its digest."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, select

from msp_ops.domain.run import Evidence
from msp_ops.store.rows import insert_all
from msp_ops.store.schema import evidence


def keep(connection: Connection, said: Iterable[Evidence]) -> None:
    """ValueError when a digest is not its body's SHA-256: evidence that proves nothing is a defect."""
    bodies: dict[str, bytes] = {}
    for each in said:
        if hashlib.sha256(each.body).hexdigest() != each.digest:
            raise ValueError(f"the evidence {each.digest} has another digest than its body")
        bodies[each.digest] = each.body
    known = set(connection.scalars(select(evidence.c.digest).where(evidence.c.digest.in_(bodies)))) if bodies else set()
    insert_all(connection, evidence, [{"digest": one, "body": bodies[one]} for one in bodies if one not in known])
