"""TCP: does the port open, and how fast?"""

from msp_ops.outside.base import Facts
from msp_ops.outside.wire import Deadline, Place, connect


def look_at_port(place: Place, deadline: Deadline) -> Facts:
    """Raises TroubleError, UntoldError. Nothing is sent."""
    found = connect(place, deadline)
    found.socket.close()
    return [("address", found.address), ("took", f"{deadline.took():.1f}")]
