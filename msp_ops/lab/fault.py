"""What one fault is: how a practice host is broken, and the way back."""

from collections.abc import Callable

from msp_ops.domain.record import record
from msp_ops.lab.machine import Machine


@record
class InHost:
    """Shell as root inside the host; `$1` is the argument in both. An empty `undo` says that nothing stays."""

    make: str
    undo: str


@record
class Packets:
    """One nftables rule in the host's own network; `{}` is the argument, a whole number."""

    hook: str
    rule: str


@record
class Outside:
    """Done to the host from the machine."""

    make: Callable[[Machine, str], None]
    undo: Callable[[Machine], None]


How = InHost | Packets | Outside


@record
class Fault:
    """One kind; `default` is the argument when none is given, `means` says what it is (none is taken if empty)."""

    kind: str
    does: str
    how: How
    default: str = ""
    means: str = ""
