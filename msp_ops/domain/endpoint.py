"""Where a host is looked at from outside, as its client's file says it."""

import re
from typing import Literal

from msp_ops.domain.record import record
from msp_ops.domain.wording import did_you_mean

Scheme = Literal["https", "http", "tls", "tcp", "dns"]
PORTS: dict[Scheme, int | None] = {"https": 443, "http": 80, "tls": 443, "tcp": None, "dns": 53}
WRITTEN = re.compile(
    r"(?P<scheme>[A-Za-z]+)://(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*)(?::(?P<port>[0-9]{1,5}))?(?P<path>/[!-~]*)?"
)


@record
class Url:
    """The parts of `https://shop.acme.example:8443/health?full`; `name` empty: the host's own address."""

    scheme: Scheme
    name: str
    port: int
    path: str


@record
class Endpoint:
    """One thing that must answer, asked by this machine and not on the host.

    `at`: the address to connect to, in place of what the name resolves to. `status` and `text`: what a page must answer
    (2xx if nothing is said). `addresses`: all that the name must resolve to; `servers`: the DNS servers to ask, in
    place of this machine's own resolver.
    """

    url: str
    at: str | None = None
    status: int | None = None
    text: str | None = None
    addresses: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()

    @property
    def parts(self) -> Url:
        return read_url(self.url)

    @property
    def shown(self) -> str:
        """What tells it apart from the host's other endpoints."""
        return f"{self.url} at {self.at}" if self.at else self.url


def read_url(text: str) -> Url:
    """ValueError says in words what would be right. A name and password in it are refused: none is ever sent."""
    found = WRITTEN.fullmatch(text)
    if "@" in text.partition("://")[2].partition("/")[0]:
        raise ValueError("a user or password stands in the address; none is ever sent, remove it")
    if not found or "#" in text:
        raise ValueError(
            f"'{text}' is no endpoint; write for example https://shop.example/health, tls://:443, tcp://:22"
        )
    scheme = _scheme(found["scheme"])
    port = int(found["port"]) if found["port"] else PORTS[scheme]
    if port is None or not 1 <= port <= 65535:
        raise ValueError(f"'{text}' needs a port from 1 to 65535, such as {scheme}://{found['name']}:5432")
    if found["path"] and scheme not in {"https", "http"}:
        raise ValueError(f"'{text}' has a path; only http and https have one")
    if scheme == "dns" and (not found["name"] or found["port"]):
        raise ValueError(f"'{text}' must be the name that is to resolve and nothing else, such as dns://shop.example")
    return Url(scheme=scheme, name=found["name"].strip("[]"), port=port, path=found["path"] or "/")


def _scheme(word: str) -> Scheme:
    for known in PORTS:
        if known == word:
            return known
    raise ValueError(f"'{word}://' is not known; right is {', '.join(PORTS)}{did_you_mean(word, PORTS)}")
