"""DNS: what a name resolves to, by this machine's resolver or by given servers."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from msp_ops.domain.endpoint import Endpoint
from msp_ops.outside.base import Facts, TroubleError, UntoldError
from msp_ops.outside.datagram import SilentError, ask_server
from msp_ops.outside.wire import Deadline, resolve

OWN = "our own resolver"
DNS_PORT = 53


def look_at_name(endpoint: Endpoint, deadline: Deadline, port: int = DNS_PORT) -> Facts:
    """Raises UntoldError when no server could be asked at all."""
    name = endpoint.parts.name
    answers = _by_servers(endpoint.servers, port, name, deadline) if endpoint.servers else [_by_resolver(name)]
    if all(key == "silent" for key, _ in answers):
        raise UntoldError(f"nobody could be asked for {name}: {'; '.join(said for _, said in answers)}")
    wanted: Facts = [("wanted", ", ".join(endpoint.addresses))] if endpoint.addresses else []
    return [*wanted, *answers, ("took", f"{deadline.took():.1f}")]


def _by_resolver(name: str) -> tuple[str, str]:
    try:
        return "answer", f"{OWN}: {', '.join(resolve(name))}"
    except TroubleError as trouble:
        return "refusal", f"{OWN}: {trouble}"


def _by_servers(servers: Sequence[str], port: int, name: str, deadline: Deadline) -> list[tuple[str, str]]:
    """In their order, and all at once: one that is silent takes no time from the others."""
    with ThreadPoolExecutor(max_workers=len(servers), thread_name_prefix="dns") as pool:
        return list(pool.map(lambda server: _by_server(server, port, name, deadline), servers))


def _by_server(server: str, port: int, name: str, deadline: Deadline) -> tuple[str, str]:
    try:
        said = ask_server(server, port, name, deadline)
    except SilentError as silence:
        return "silent", f"{server}: {silence}"
    if said.code or not said.addresses:
        return "refusal", f"{server}: {said.code or 'no address'}"
    return "answer", f"{server}: {', '.join(said.addresses)}"
