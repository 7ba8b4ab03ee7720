"""What hosts said, kept once by its digest."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, text

from msp_ops.domain.run import Evidence

_add_missing = text("INSERT INTO evidence (digest, body) VALUES (:digest, :body) ON CONFLICT (digest) DO NOTHING")


def keep(connection: Connection, said: Iterable[Evidence]) -> None:
    """ValueError when a digest is not its body's SHA-256: evidence that proves nothing is a defect."""
    bodies: dict[str, bytes] = {}
    for each in said:
        if hashlib.sha256(each.body).hexdigest() != each.digest:
            raise ValueError(f"the evidence {each.digest} has another digest than its body")
        bodies[each.digest] = each.body
    if bodies:
        connection.execute(_add_missing, [{"digest": digest, "body": body} for digest, body in bodies.items()])
