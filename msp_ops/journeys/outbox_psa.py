"""Time entries for a PSA's API: queued once from a closed month, and sent from the outbox."""

import json
from collections.abc import Sequence
from pathlib import Path

from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.export_map import ExportMap, PsaApi
from msp_ops.domain.outbox import Ending, Held, Message, Queueing, Sender
from msp_ops.domain.record import record
from msp_ops.domain.time_entry import TimeEntry
from msp_ops.domain.wording import listed
from msp_ops.exports.push.login import secrets_of, wire_to
from msp_ops.exports.push.psas import PSAS
from msp_ops.exports.push.send import Outcome, Request, requests_of, send_one
from msp_ops.exports.push.wire import HeldWire
from msp_ops.files.export_file import FILE, load_export_map
from msp_ops.journeys.exports import Exported
from msp_ops.journeys.parts import Parts
from msp_ops.secrets.redact import redactor
from msp_ops.secrets.references import Resolve


@record
class Pushed:
    """What became of each entry, by its message's id, in the order of the file."""

    became: dict[str, Queueing]

    def ids(self, what: Queueing) -> tuple[str, ...]:
        return tuple(message_id for message_id, each in self.became.items() if each == what)


def push(parts: Parts, done: Exported, by: str) -> Pushed:
    """Each entry of the month as a message, in one commit; a second push queues nothing new.

    PlanError when the target takes no requests from us, or nobody wrote down where its API lies; NotPermitted for a
    draft; FileError.
    """
    target = done.export.target
    if target not in PSAS:
        raise PlanError(f"nothing can be pushed to '{target}'; right is one of {listed(PSAS)}; else write files: --out")
    if done.is_draft:
        raise NotPermitted("a draft is not pushed: what is there once stays there; close the month first")
    api = _api_of(load_export_map(parts.workspace.root), target)
    entries = {entry.id: entry for entry in done.export.written}
    requests = requests_of(done.export) if entries else ()
    messages = [_message(target, each, entries[each.id], api) for each in requests]
    return Pushed(became=parts.store.outbox.queue(messages, by))


def psa_sender(workspace: Path, resolve: Resolve) -> Sender:
    """Reads `exports.yaml` for each entry: what was mended there counts at once. FileError, PlanError at sending."""

    def send(message: Message, held: Held) -> Ending:
        api = _api_of(load_export_map(workspace), message.target)
        wire = HeldWire(wire_to(api, resolve), held)
        redact = redactor(secrets_of(api, resolve))
        outcome = send_one(Request(**json.loads(message.body)), PSAS[message.target], wire)
        return _ending(outcome, redact(outcome.reason.encode()).decode())

    return send


def _api_of(ids: ExportMap, target: str) -> PsaApi:
    api = ids.api_of(target)
    if api is None:
        raise PlanError(
            f"{FILE} does not say where the API of {target} lies: add api: with its url and the references of its "
            f"secrets to the section {target}; docs/exports.md shows how"
        )
    return api


def _message(target: str, request: Request, entry: TimeEntry, api: PsaApi) -> Message:
    said = {"id": request.id, "path": request.path, "body": request.body}
    return Message(
        id=f"psa/{target}/{request.id}",
        kind="psa",
        target=target,
        client_id=entry.client_id,
        about=_about(entry),
        body=json.dumps(said, sort_keys=True),
        busy_for=api.busy_for,
    )


def _about(entry: TimeEntry) -> str:
    """`2026-11 T-7 95.00 EUR`."""
    words: Sequence[str | None] = (f"{entry.month:%Y-%m}", entry.ticket, f"{entry.amount} {entry.currency}")
    return " ".join(filter(None, words))


def _ending(outcome: Outcome, said: str) -> Ending:
    """That it was found is that it was sent: by a try whose answer was lost, or by hand from the file."""
    there = outcome.there[:100] if outcome.there else None
    kind = "sent" if outcome.kind == "found" else outcome.kind
    words = said or ("it was there already" if outcome.kind == "found" else "")
    return Ending(kind=kind, said=words, there=there, again_after=outcome.again_after)
