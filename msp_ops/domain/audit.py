"""What a look at the whole ledger found."""

from datetime import datetime

from msp_ops.domain.record import record


@record
class Fault:
    """The first thing of a chain that is not as it was written: which entry, and what is wrong with it."""

    chain: str
    entry: str
    says: str


@record
class Examined:
    """A chain as it is. `sealed`: of how many entries a seal vouches; of the rest nobody could tell."""

    chain: str
    length: int
    hash: str
    sealed: int


@record
class Audit:
    """`seals` in the store and the moment of the last one; sound when there is no fault."""

    chains: tuple[Examined, ...]
    seals: int
    sealed_at: datetime | None
    faults: tuple[Fault, ...]

    @property
    def unsealed(self) -> int:
        """Entries since the last seal."""
        return sum(each.length - each.sealed for each in self.chains)
