"""One host with the endpoints of a test, looked at for real and judged by the real readers."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from msp_ops.checks.base import Seen
from msp_ops.checks.table import CHECKS
from msp_ops.domain.client import Host
from msp_ops.domain.endpoint import Endpoint
from msp_ops.engine.system_clock import SystemClock
from msp_ops.outside.base import Order
from msp_ops.outside.look import look_from_here
from tests.engine.parts import ACME

LIMIT = timedelta(seconds=3)


def order_of(check, *endpoints, address="127.0.0.1", ca_file=None, timeout=LIMIT, dates=()):
    return Order(
        check=check,
        client=replace(ACME, ca_file=ca_file, dates=dates),
        host=Host(id="web1", address=address, endpoints=endpoints),
        timeout=timeout,
        at=SystemClock().now(),
    )


def looked(check, *endpoints, workspace=Path(), **changes):
    """What the check makes of the endpoints, each a URL or an Endpoint."""
    made = [each if isinstance(each, Endpoint) else Endpoint(url=each) for each in endpoints]
    order = order_of(check, *made, **changes)
    output = look_from_here(workspace, order)
    seen = Seen(output=output, exit_code=0, parameters={}, policy=order.client.policy, at=order.at)
    return CHECKS[check].read(seen)


def said(reading):
    """Each finding as a line."""
    return [f"{each.severity} {each.subject}: {each.message}" for each in reading.findings]
