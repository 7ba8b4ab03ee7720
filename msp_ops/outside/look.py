"""All endpoints of a host that a check is about, looked at together; and its dates, which need no look at all."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from msp_ops.domain.client import Host
from msp_ops.domain.duration import spell_duration
from msp_ops.domain.endpoint import Endpoint, Scheme
from msp_ops.outside.asking import asked
from msp_ops.outside.base import (
    Facts,
    HandshakeError,
    Order,
    TroubleError,
    UntoldError,
    nothing,
    written,
)
from msp_ops.outside.certificate import look_at_certificate
from msp_ops.outside.names import look_at_name
from msp_ops.outside.page import look_at_page
from msp_ops.outside.port import look_at_port
from msp_ops.outside.wire import Deadline, Place

AT_ONCE = 16
GRACE = timedelta(seconds=2)  # more than an endpoint may take: only the system's resolver knows no deadline
ABOUT: dict[str, tuple[Scheme, ...]] = {
    "dns": ("dns",),
    "tcp": ("tcp",),
    "tls": ("tls", "https"),
    "http": ("http", "https"),
}
Look = Callable[[Endpoint], Facts]


def look_from_here(workspace: Path, order: Order) -> str:
    """The answer of one check. Never raises for the world: what could not be asked is `untold`."""
    if order.check == "dates":
        return _dates(order)
    schemes = ABOUT[order.check]
    endpoints = [each for each in order.host.endpoints if each.parts.scheme in schemes]
    if not endpoints:
        return nothing(f"no endpoint of {order.host.id} is for {' or '.join(schemes)}")
    ca_file = workspace / order.client.ca_file if order.client.ca_file else None
    return written(together(endpoints, partial(_facts, order, ca_file), order.timeout + GRACE))


def together(endpoints: Sequence[Endpoint], look: Look, limit: timedelta) -> Iterator[Facts]:
    """Each endpoint's facts, in their order. Who is not done within the limit is untold, and no longer waited for."""
    answers = asked([partial(look, endpoint) for endpoint in endpoints], AT_ONCE)
    turns = -(-len(endpoints) // AT_ONCE)
    wait(answers, timeout=limit.total_seconds() * turns)
    return map(_ended, endpoints, answers)


def _ended(endpoint: Endpoint, answer: "Future[Facts]") -> Facts:
    if answer.cancel():
        told = [("untold", "its turn did not come: other names took too long")]
    else:
        told = answer.result() if answer.done() else [("untold", "its name took too long")]
    return [("url", endpoint.shown), *told]


def _facts(order: Order, ca_file: Path | None, endpoint: Endpoint) -> Facts:
    deadline = Deadline(order.timeout)
    try:
        return _look(order, ca_file, endpoint, deadline)
    except TroubleError as trouble:
        return [("trouble", str(trouble))]
    except HandshakeError as trouble:
        return [("handshake", str(trouble))]
    except UntoldError as why:
        return [("untold", str(why))]
    except TimeoutError:
        return [("trouble", f"did not come to an end within {spell_duration(order.timeout)}")]


def _look(order: Order, ca_file: Path | None, endpoint: Endpoint, deadline: Deadline) -> Facts:
    url = endpoint.parts
    place = _place(endpoint, order.host)
    match order.check:
        case "dns":
            return look_at_name(endpoint, deadline)
        case "tcp":
            return look_at_port(place, deadline)
        case "tls":
            return look_at_certificate(place, deadline, ca_file)
        case _:
            own = replace(url, name=place.name)
            page = look_at_page(place, own, (endpoint.status, endpoint.text), deadline, ca_file)
            return [("expected", str(endpoint.status or "2xx")), *page]


def _place(endpoint: Endpoint, host: Host) -> Place:
    url = endpoint.parts
    name = url.name or host.address
    return Place(name=name, address=endpoint.at or name, port=url.port)


def _dates(order: Order) -> str:
    """What the client's file says, and which day it is there."""
    mine = [one for one in order.client.dates if one.host == order.host.id]
    if not mine:
        return nothing(f"no date is written for {order.host.id}")
    today = order.at.astimezone(ZoneInfo(order.client.timezone)).date()
    return written(
        [
            ("what", one.what),
            ("kind", one.kind),
            ("ends", one.ends.isoformat()),
            ("today", today.isoformat()),
            *([("warn", spell_duration(one.warn))] if one.warn else []),
            *([("note", one.note)] if one.note else []),
        ]
        for one in mine
    )
