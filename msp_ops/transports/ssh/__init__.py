"""SSH by paramiko, as a client only."""

import logging
import sys
from typing import Any, cast

# what it would print of a host that does not speak SSH is told by us, in one sentence
logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").propagate = False


def _import_without_invoke() -> None:
    """Paramiko takes the optional `invoke` along, for a line of ssh_config that we never read: 45 modules, 70 ms."""
    modules = cast("dict[str, Any]", sys.modules)
    if "invoke" in modules:
        return
    modules["invoke"] = None  # an import of it fails, as it does where it is not installed
    try:
        import paramiko  # noqa: F401, PLC0415  # for what it leaves out
    finally:
        del modules["invoke"]


_import_without_invoke()
