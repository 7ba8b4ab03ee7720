"""The engine's tools, made of the journey's parts."""

from collections.abc import Sequence

from msp_ops.domain.given import NOTHING_GIVEN, Given
from msp_ops.engine.job import Patience, Tools
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.targets import redactor_for
from msp_ops.transports.base import Target


def tools_for(
    parts: Parts,
    targets: Sequence[Target],
    stopping: Stopping,
    patience: Patience | None = None,
    *,
    watched: bool = False,
    given: Given = NOTHING_GIVEN,
) -> Tools:
    """Resolves every secret that the targets need: that fails here, before any host is touched.

    Those that parameters stand for are masked too.
    """
    return Tools(
        transport=parts.wire,
        journal=parts.store.journal,
        clock=parts.clock,
        redact=redactor_for(targets, parts.resolve, given.spoken()),
        checks=parts.checks,
        stopping=stopping,
        watched=watched,
        patience=patience or parts.patience,
        play=parts.play,
        look_from_here=parts.look_from_here,
    )
