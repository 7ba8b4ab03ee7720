"""What goes wrong with practice hosts in a way that a person can act on."""

from msp_ops.domain.errors import MspOpsError


class LabError(MspOpsError):
    """The lab cannot do what was asked; its text says what was found and what to do."""
