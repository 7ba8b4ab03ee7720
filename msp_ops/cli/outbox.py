"""`outbox`: what waits to leave the house, what was tried, and what needs a person."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from msp_ops.cli import exit_codes
from msp_ops.cli.complete import clients
from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import Json, emit, next_step, rows, say, tell, who_am_i
from msp_ops.cli.words import plain

if TYPE_CHECKING:
    from msp_ops.domain.outbox import Queued, State
    from msp_ops.journeys.parts import Parts

app = typer.Typer(help="What leaves the house: queued once, tried for days, never silently gone.", no_args_is_help=True)

MessageId = Annotated[str, typer.Argument(metavar="MESSAGE", help="A message's id, as `outbox list` shows it.")]
MOST_SHOWN = 200


@app.command("list")
def list_messages(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="One client; all without it.", autocompletion=clients)] = "",
    every: Annotated[bool, typer.Option("--all", help="Also what was sent and what was dropped.")] = False,
    as_json: Json = False,
) -> None:
    """What waits, what may be there, and what was refused: with how often it was tried, and what was said last.

    Example: msp-ops outbox list
    """
    from msp_ops.domain.outbox import STATES

    shown = STATES if every else tuple(each for each in STATES if each not in {"sent", "dropped"})
    with parts_of(context) as parts:
        found = parts.store.outbox.list(client or None, shown, None if as_json else MOST_SHOWN + 1)
        now = parts.clock.now()
    if as_json:
        emit([_as_json(each, now) for each in found])
        return
    titles = ("message", "client", "about", "state", "tries", "next", "said last")
    rows(titles, (_row(each, now) for each in found[:MOST_SHOWN]), "nothing waits")
    if found[MOST_SHOWN:]:
        say(f"These are the newest {MOST_SHOWN}; all of them: msp-ops outbox list --json")
    dead = sum(each.is_dead(now) for each in found)
    if dead:
        say(f"{dead} need a person: correct what was said and `msp-ops outbox retry`, or `outbox drop`.", "red")


@app.command("show")
def show(context: typer.Context, message: MessageId, as_json: Json = False) -> None:
    """One message: every try with when and what was said, and what would be sent; secrets stand in none.

    Example: msp-ops outbox show psa/connectwise/acme-2026-11-1
    """
    with parts_of(context) as parts:
        found, now = parts.store.outbox.read(message), parts.clock.now()
    if as_json:
        emit(_as_json(found, now))
        return
    there = f", there it is {found.there}" if found.there else ""
    say(f"{found.message.id}: {found.message.about}; {_state(found, now)}{there}")
    told = ((f"{each.at:%Y-%m-%d %H:%M}Z", each.what, each.by, each.said) for each in found.history)
    rows(("when", "what", "by", "said"), told, "nothing happened")
    tell(found.message.body)


@app.command("send")
def send(context: typer.Context, as_json: Json = False) -> None:
    """Send what is due, now; `msp-ops up` does it by itself. What fails is tried again later, for a week.

    Ends with 6 when something may be there and nobody knows, else with 1 when something was not sent.

    Example: msp-ops outbox send
    """
    from msp_ops.journeys.outbox import send_due
    from msp_ops.wiring import senders_of

    with parts_of(context) as parts:
        tried = []
        for each in send_due(parts.store, senders_of(parts)):
            tried.append(each)
            if not as_json:
                tell_tried(each)
        now = parts.clock.now()
        waiting = parts.store.outbox.list(states=("waiting", "unknown", "sending"))
    if as_json:
        emit({"tried": [_as_json(each, now) for each in tried], "waiting": [each.message.id for each in waiting]})
    elif not tried:
        say("Nothing is due." if not waiting else f"Nothing is due; {len(waiting)} wait: msp-ops outbox list")
    states = {each.state for each in tried}
    if "unknown" in states:
        raise typer.Exit(exit_codes.UNKNOWN)
    if states - {"sent"}:
        raise typer.Exit(exit_codes.SOME_FAILED)


@app.command("test-mail")
def queue_test_mail(
    context: typer.Context,
    to: Annotated[str, typer.Argument(metavar="ADDRESS", help="Who gets it: yourself.")],
    as_json: Json = False,
) -> None:
    """Queue a mail to yourself, to see whether `mail:` in msp.yaml is right; then `outbox send`.

    Example: msp-ops outbox test-mail desk@northwind.example
    """
    from msp_ops.journeys.outbox_mail import letter

    with parts_of(context) as parts:
        name = f"test/{to}/{parts.clock.now():%Y-%m-%dT%H:%M:%SZ}"
        text = f"{parts.workspace.msp.name}: mail of msp-ops arrives.\n"
        message = letter(name, to, "msp-ops: a mail to try", text, parts.clock)
        parts.store.outbox.queue([message], who_am_i())
    if as_json:
        emit({"queued": message.id})
        return
    say(f"Queued: {message.id}", "green")
    next_step("msp-ops outbox send")


@app.command("retry")
def retry(context: typer.Context, message: MessageId, as_json: Json = False) -> None:
    """A message is due again at once: what was in its way is mended. One that may be there waits until that is safe.

    Example: msp-ops outbox retry psa/connectwise/acme-2026-11-1
    """
    with parts_of(context) as parts:
        found, now = parts.store.outbox.retry(message, who_am_i()), parts.clock.now()
    if as_json:
        emit(_as_json(found, now))
        return
    say(f"{message} is due {_moment(found.next_at, now)}.", "green")
    next_step("msp-ops outbox send")


@app.command("drop")
def drop(
    context: typer.Context,
    message: MessageId,
    why: Annotated[str, typer.Option("--why", callback=plain, help="The reason that others will read.")],
    as_json: Json = False,
) -> None:
    """A message is not sent any more; it stays in the store, with your name and reason.

    Example: msp-ops outbox drop psa/connectwise/acme-2026-11-1 --why "entered there by hand"
    """
    with parts_of(context) as parts:
        found, now = parts.store.outbox.drop(message, who_am_i(), why), parts.clock.now()
    if as_json:
        emit(_as_json(found, now))
        return
    say(f"Dropped: {message}. It stays in the store; to take it back: msp-ops outbox retry {message}")


def tell_tried(tried: "Queued") -> None:
    """One line a try."""
    there = f" as {tried.there}" if tried.there else ""
    colours: dict[State, str] = {"sent": "green", "refused": "red"}
    said = f": {tried.last_said}" if tried.last_said else ""
    how = "not sent" if tried.state == "waiting" else tried.state
    say(f"{tried.message.id} {how}{there}{said}", colours.get(tried.state, "yellow"))


def tell_dead(parts: "Parts", told: set[str]) -> None:
    """What needs a person, each once in the life of this process; `told` grows by it."""
    now = parts.clock.now()
    for each in parts.store.outbox.list(states=("waiting", "unknown", "refused")):
        if each.is_dead(now) and each.message.id not in told:
            told.add(each.message.id)
            say(f"Needs a person: {each.message.id} {_state(each, now)}: {each.last_said}", "red")


def _row(each: "Queued", now: datetime) -> tuple[str, ...]:
    next_at = "" if each.state not in {"waiting", "unknown"} or each.is_dead(now) else _moment(each.next_at, now)
    last = each.there or each.last_said if each.state == "sent" else each.last_said
    about = (each.message.id, each.message.client_id or "", each.message.about)
    return (*about, _state(each, now), str(each.tries), next_at, last)


def _state(each: "Queued", now: datetime) -> str:
    """With who is at it, or that nobody is any more."""
    if each.is_given_up(now):
        return f"{each.state}, given up"
    return f"sending, {each.history[-1].by}" if each.state == "sending" else each.state


def _moment(moment: datetime, now: datetime) -> str:
    return "now" if moment <= now else f"at {moment:%Y-%m-%d %H:%M}Z"


def _as_json(each: "Queued", now: datetime) -> dict[str, object]:
    message = each.message
    return {
        "id": message.id,
        "kind": message.kind,
        "target": message.target,
        "client": message.client_id,
        "about": message.about,
        "state": each.state,
        "needs_a_person": each.is_dead(now),
        "tries": each.tries,
        "queued_at": each.queued_at,
        "next_at": each.next_at,
        "there": each.there,
        "body": message.body,
        "history": each.history,
    }
