"""A credential that must not be shown now."""

from msp_ops.domain.record import record


@record
class Barred:
    """`why`: in words for a person. `soon`: only because others are showing it just now, so some seconds help."""

    why: str
    soon: bool
