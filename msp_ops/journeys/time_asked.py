"""What a person says of their own time: for whom, on which hosts, for which ticket."""

import secrets
from typing import get_args

from msp_ops.domain.client import Client
from msp_ops.domain.clock import Clock
from msp_ops.domain.contract import Activity
from msp_ops.domain.errors import PlanError
from msp_ops.domain.record import record
from msp_ops.domain.selection import select_hosts
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.domain.work import Place
from msp_ops.journeys.parts import Parts

ACTIVITIES: tuple[Activity, ...] = get_args(Activity)


@record
class TimeWords:
    """What was typed; `hosts` empty: the work was on none in particular."""

    client: str
    ticket: str
    activity: str
    hosts: str
    note: str
    on_site: bool


@record
class TimeAsked:
    """What is meant."""

    client: Client
    person: str
    activity: Activity
    host_ids: tuple[str, ...]
    ticket: str | None
    place: Place
    note: str


def understand_time(parts: Parts, words: TimeWords, person: str) -> TimeAsked:
    """PlanError: no such client, host or activity, or a ticket that the client wants is missing."""
    client = parts.workspace.client(words.client)
    activity = _activity(words.activity)
    if not words.ticket and activity == "break/fix" and client.policy.ticket_required:
        raise PlanError(f"{client.name} wants a ticket for every fix; add: --ticket T-123")
    return TimeAsked(
        client=client,
        person=person,
        activity=activity,
        host_ids=tuple(host.id for host in select_hosts(client, words.hosts)) if words.hosts else (),
        ticket=words.ticket or None,
        place="on-site" if words.on_site else "remote",
        note=words.note,
    )


def new_id(clock: Clock) -> str:
    """`t-20261122-7k3xq`: no run is called so."""
    letters = "abcdefghjkmnpqrstvwxyz23456789"
    return f"t-{clock.now():%Y%m%d}-" + "".join(secrets.choice(letters) for _ in range(6))


def _activity(words: str) -> Activity:
    for known in ACTIVITIES:
        if known == words:
            return known
    raise PlanError(f"{words!r} is no activity; there are: {listed(ACTIVITIES)}{did_you_mean(words, ACTIVITIES)}")
