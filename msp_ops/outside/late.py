"""The looks from here, loaded at their first use: most runs need none of them."""

from functools import partial
from pathlib import Path

from msp_ops.outside.base import LookFromHere, Order


def looking_from(workspace: Path) -> LookFromHere:
    """What the engine is given; `ca_file` of a client lies in the workspace."""
    return partial(_look, workspace)


def _look(workspace: Path, order: Order) -> str:
    from msp_ops.outside.look import look_from_here  # noqa: PLC0415  # ssl and http.client cost 20 ms

    return look_from_here(workspace, order)
