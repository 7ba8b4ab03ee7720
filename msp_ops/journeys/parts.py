"""The parts that every journey works with; `msp_ops.wiring` builds them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from msp_ops.checks.base import Check
from msp_ops.domain.clock import Clock
from msp_ops.domain.record import record
from msp_ops.domain.sealing import Keys, NoKeys
from msp_ops.engine.job import Patience, Player, nobody_plays
from msp_ops.files.workspace import Workspace
from msp_ops.outside.base import LookFromHere, nobody_looks
from msp_ops.secrets.references import Resolve
from msp_ops.store import Store
from msp_ops.transports.base import Target, Transport


class Wire(Transport, Protocol):
    """A transport that can also look at a host's key before anything is trusted."""

    def present_key(self, target: Target) -> str:
        """The host's public key as `type base64`. Raises NotReached."""
        ...


@record
class Parts:
    """Everything is open and ready."""

    workspace: Workspace
    store: Store
    wire: Wire
    resolve: Resolve
    checks: Mapping[str, Check]
    clock: Clock
    summaries: Path
    patience: Patience = Patience()
    play: Player = nobody_plays
    look_from_here: LookFromHere = nobody_looks
    keys: Keys = NoKeys()
