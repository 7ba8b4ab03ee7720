"""The fresh layer: what must be as old as it says it is, made at each `up`: backups, dumps and a certificate."""

from collections.abc import Sequence
from pathlib import Path

from msp_ops.lab.layers import add_layer, script


def make_fresh(layer: Path, below: Sequence[Path]) -> Path:
    """The layer, relative to this moment; a lab that stays up for days has old backups, as in life."""
    add_layer(below, layer, script("fresh.sh"))
    return layer
