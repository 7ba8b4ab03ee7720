"""What the shell offers on Tab. A workspace that cannot be read offers nothing, and breaks nothing."""

from collections.abc import Iterable

from msp_ops.domain.errors import MspOpsError
from msp_ops.wiring import load_files, read_settings


def targets(incomplete: str) -> Iterable[str]:
    """`acme/` and then its hosts, roles and sites."""
    from msp_ops.domain.selection import host_groups

    try:
        clients = load_files(read_settings()).clients
    except MspOpsError:
        return []
    client_id, slash, _ = incomplete.partition("/")
    if slash and client_id in clients:
        offered = [f"{client_id}/{name}" for name in host_groups(clients[client_id])]
    else:
        offered = [f"{name}/" for name in clients]
    return [each for each in offered if each.startswith(incomplete)]


def clients(incomplete: str) -> Iterable[str]:
    """Ids of clients."""
    try:
        known = load_files(read_settings()).clients
    except MspOpsError:
        return []
    return [name for name in known if name.startswith(incomplete)]


def runbooks(incomplete: str) -> Iterable[str]:
    """Ids of runbooks."""
    try:
        known = load_files(read_settings()).library
    except MspOpsError:
        return []
    return [name for name in known if name.startswith(incomplete)]
