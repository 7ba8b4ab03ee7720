"""Time entries on their way to a stand-in of a PSA, and a clock that is hours ahead of the machine's."""

import json
import re
from datetime import timedelta

from msp_ops.domain.outbox import Message
from msp_ops.engine.system_clock import SystemClock
from msp_ops.exports.push.send import requests_of
from msp_ops.exports.targets import TARGETS
from msp_ops.journeys.outbox import send_due
from msp_ops.journeys.outbox_psa import psa_sender
from tests.exports.cast import IDS, one_entry
from tests.files.cast import write

TOKEN = "t0ken-of-the-psa-7f3a"
SECRETS = {"env:PSA_TOKEN": TOKEN}


class AheadClock(SystemClock):
    """The machine's own clocks, so that processes are what they are, some hours later."""

    def __init__(self, hours):
        super().__init__()
        self.ahead = timedelta(hours=hours)

    def now(self):
        return super().now() + self.ahead

    def elapsed(self):
        return super().elapsed() + self.ahead


def workspace_with(folder, url, target="kimai", **more):
    urls = {target: url, **more}
    api = "".join(f"{name}:\n  api: {{url: '{one}', token: 'env:PSA_TOKEN'}}\n" for name, one in urls.items())
    write(folder / "exports.yaml", api)
    return folder


def messages(count, target="kimai"):
    """A month of so many entries, as `export --push` queues them."""
    found = []
    for number in range(1, count + 1):
        (request,) = requests_of(TARGETS[target].write([one_entry(line_id=f"acme-2026-11-{number}")], IDS))
        body = json.dumps({"id": request.id, "path": request.path, "body": request.body}, sort_keys=True)
        about = f"2026-11 T-7 entry {number}"
        known = {"kind": "psa", "target": target, "client_id": "acme", "about": about, "body": body}
        found.append(Message(id=f"psa/{target}/{request.id}", **known))
    return found


def send(store, folder, senders=None):
    """All that is due; by id, the state it has now."""
    senders = senders or {"psa": psa_sender(folder, SECRETS.__getitem__)}
    return {each.message.id: each.state for each in send_due(store, senders)}


def marks(server):
    """Which entries the PSA has, each as often as it has it."""
    return sorted(name for each in server.entries for name in re.findall(r"\[msp-ops (.+?)\]", str(each)))


def ids(count):
    return sorted(f"acme-2026-11-{number}" for number in range(1, count + 1))
