"""What the head of a chain was at some moment, by the word of a seal or of a closed month."""

from collections import defaultdict
from collections.abc import Mapping

from msp_ops.domain.ledger import ChainHead
from msp_ops.domain.record import record


@record
class Mark:
    """`by`: who says it, in words."""

    by: str
    head: ChainHead
    sealed: bool


class Marks:
    """By chain and length: what an entry's hash must be."""

    def __init__(self) -> None:
        self._marks: dict[str, dict[int, list[Mark]]] = defaultdict(dict)

    def add(self, chain: str, mark: Mark) -> None:
        """An empty chain says nothing."""
        if mark.head.length:
            self._marks[chain].setdefault(mark.head.length, []).append(mark)

    def of(self, chain: str) -> Mapping[int, list[Mark]]:
        return self._marks.get(chain, {})

    def chains(self) -> frozenset[str]:
        """Those of which something must be there."""
        return frozenset(self._marks)
