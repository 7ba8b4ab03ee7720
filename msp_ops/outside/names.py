"""DNS: what a name resolves to, by this machine's resolver or by given servers."""

from collections.abc import Sequence
from functools import partial

from msp_ops.domain.endpoint import Endpoint
from msp_ops.outside.asking import asked
from msp_ops.outside.base import Facts, TroubleError, UntoldError
from msp_ops.outside.datagram import SilentError, ask_server
from msp_ops.outside.wire import Deadline, resolve

OWN = "our own resolver"
DNS_PORT = 53
MOST_ADDRESSES = 400  # more are no answer that anybody compares


def look_at_name(endpoint: Endpoint, deadline: Deadline, port: int = DNS_PORT) -> Facts:
    """Raises UntoldError when no server could be asked at all, TroubleError when it cannot be a name."""
    name = endpoint.parts.name
    answers = _by_servers(endpoint.servers, port, name, deadline) if endpoint.servers else _by_resolver(name)
    if all(key in {"silent", "unasked"} for key, _ in answers):
        raise UntoldError(f"nobody could be asked for {name}: {'; '.join(said for _, said in answers)}")
    wanted: Facts = [("wanted", each) for each in endpoint.addresses]
    return [*wanted, *answers, ("took", f"{deadline.took():.1f}")]


def _by_resolver(name: str) -> Facts:
    try:
        return _answered(OWN, resolve(name))
    except TroubleError as trouble:
        return [("refusal", f"{OWN}: {trouble}")]


def _by_servers(servers: Sequence[str], port: int, name: str, deadline: Deadline) -> Facts:
    """In their order, and all at once: one that is silent takes no time from the others."""
    answers = asked([partial(_by_server, server, port, name, deadline) for server in servers], len(servers))
    return [fact for answer in answers for fact in answer.result()]


def _by_server(server: str, port: int, name: str, deadline: Deadline) -> Facts:
    try:
        said = ask_server(server, port, name, deadline)
    except SilentError as silence:
        return [("unasked" if silence.ours else "silent", f"{server}: {silence}")]
    if said.code or not said.addresses:
        return [("refusal", f"{server}: {said.code or 'no address'}")]
    return _answered(server, said.addresses)


def _answered(server: str, addresses: Sequence[str]) -> Facts:
    """An address a line: what stands on one line may be cut."""
    if len(addresses) > MOST_ADDRESSES:
        return [("refusal", f"{server}: {len(addresses)} addresses, more than {MOST_ADDRESSES}")]
    return [("answer", f"{server}: {address}") for address in addresses]
