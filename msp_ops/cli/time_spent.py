"""`time`: a person's own time, measured by a timer or written down by hand."""

from typing import TYPE_CHECKING, Annotated

import typer

from msp_ops.cli.complete import clients
from msp_ops.cli.context import parts_of
from msp_ops.cli.talk import Json, emit, next_step, rows, say, who_am_i
from msp_ops.cli.words import plain, trimmed

if TYPE_CHECKING:
    from datetime import timedelta

    from msp_ops.domain.work import Timer, WorkRecord
    from msp_ops.journeys.parts import Parts
    from msp_ops.journeys.time_asked import TimeAsked, TimeWords

app = typer.Typer(help="Your own time: by a timer, or written down by hand.", no_args_is_help=True)

Client = Annotated[str, typer.Argument(help="For whom: a client's id.", autocompletion=clients)]
Ticket = Annotated[str, typer.Option("--ticket", "-t", callback=trimmed, help="The ticket that asked for it.")]
ActivityName = Annotated[
    str,
    typer.Option(
        help="What it was for: break/fix, patching, backup or health.",
        autocompletion=lambda: ["break/fix", "patching", "backup", "health"],
    ),
]
Hosts = Annotated[
    str, typer.Option(help="On which of the client's hosts, such as web1 or 'db*'; none in particular without.")
]
OnSite = Annotated[bool, typer.Option("--on-site", help="At the client's place.")]
Note = Annotated[str, typer.Option(callback=plain, help="What was done, as the client may read it.")]


@app.command("start")
def start(  # noqa: PLR0913, PLR0917  # one a word that a person may say
    context: typer.Context,
    client: Client,
    ticket: Ticket = "",
    activity: ActivityName = "break/fix",
    hosts: Hosts = "",
    on_site: OnSite = False,
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Start your timer; one runs for a person at a time. A run that you attend measures your time by itself.

    Example: msp-ops time start acme -t T-7 --note "mail does not arrive"
    """
    from msp_ops.journeys.time_asked import TimeWords
    from msp_ops.journeys.time_timer import start_timer

    words = TimeWords(client=client, ticket=ticket, activity=activity, hosts=hosts, note=note, on_site=on_site)
    with parts_of(context) as parts:
        timer = start_timer(parts, _asked(parts, words))
    if as_json:
        emit(timer)
        return
    say(f"Your time for {client} runs since {timer.started_at:%H:%M}Z.", "green")
    next_step("msp-ops time stop")


@app.command("stop")
def stop(context: typer.Context, note: Note = "", as_json: Json = False) -> None:
    """Stop your timer: its time becomes a work record, which never changes any more.

    Example: msp-ops time stop --note "the certificate of the mail server had ended"
    """
    from msp_ops.journeys.time_timer import stop_timer

    with parts_of(context) as parts:
        work = stop_timer(parts, who_am_i(), note)
    _tell_record(work, as_json=as_json)


@app.command("note")
def add_note(
    context: typer.Context,
    words: Annotated[str, typer.Argument(callback=plain, help="What you do; added to what was said before.")],
) -> None:
    """Say what you are doing while your timer runs.

    Example: msp-ops time note "restored the mailbox of accounting"
    """
    with parts_of(context) as parts:
        timer = parts.store.timers.note(who_am_i(), words)
    say(f"{timer.client_id}: {timer.note}")


@app.command("cancel")
def cancel(
    context: typer.Context,
    why: Annotated[str, typer.Option("--why", callback=plain, help="The reason that others will read.")],
) -> None:
    """Your timer was a mistake: no work record comes of it. It stays in the store, with your reason.

    Example: msp-ops time cancel --why "started for the wrong client"
    """
    from msp_ops.journeys.time_timer import cancel_timer

    with parts_of(context) as parts:
        timer = cancel_timer(parts, who_am_i(), why)
    say(f"Cancelled: your time for {timer.client_id} since {timer.started_at:%H:%M}Z; nothing is billed.")


@app.command("add")
def add(  # noqa: PLR0913, PLR0917  # one a word that a person may say
    context: typer.Context,
    client: Client,
    begin: Annotated[str, typer.Option("--from", help="Such as 09:00, '2026-11-03 09:00', 01:30+01:00.")] = "",
    end: Annotated[str, typer.Option("--to", help="The same; earlier than --from is the next day.")] = "",
    length: Annotated[str, typer.Option("--for", help="Such as 45m or 1h30m, instead of one of the two.")] = "",
    day: Annotated[str, typer.Option("--on", help="Such as 2026-11-03; today without it.")] = "",
    ticket: Ticket = "",
    activity: ActivityName = "break/fix",
    hosts: Hosts = "",
    on_site: OnSite = False,
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Write down time that no timer measured; it is marked as written by hand. Times are the client's local time.

    Without --from, today's work has just ended; that of another day begins when the client opens, and is flagged.

    Examples: msp-ops time add acme --from 09:00 --to 10:30 -t T-7 --note "on the phone" · msp-ops time add acme
    --for 45m --on 2026-11-03 -t T-7 --note "replaced the switch" --on-site
    """
    from msp_ops.journeys.time_asked import TimeWords
    from msp_ops.journeys.time_by_hand import SpanWords, add_by_hand

    words = TimeWords(client=client, ticket=ticket, activity=activity, hosts=hosts, note=note, on_site=on_site)
    with parts_of(context) as parts:
        span = SpanWords(begin=begin, end=end, length=length, day=day)
        work = add_by_hand(parts, _asked(parts, words), span)
        closed = parts.store.ledger.closed_months(work.client_id)
    _tell_record(work, as_json=as_json)
    if closed and work.attended and work.attended.started_at < closed[-1].until:
        say(
            f"Its month is closed ({closed[-1].month:%Y-%m} was the last): it comes with the next that closes.",
            "yellow",
        )


@app.command("list")
def list_time(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="One client; all without it.", autocompletion=clients)] = "",
    mine: Annotated[bool, typer.Option("--mine", help="Only your own.")] = False,
    as_json: Json = False,
) -> None:
    """Timers that run, and what persons worked today, by the client's clock.

    Example: msp-ops time list --mine
    """
    from msp_ops.journeys.time_listed import time_listed
    from msp_ops.journeys.time_timer import measured

    with parts_of(context) as parts:
        found = time_listed(parts, client, who_am_i() if mine else "")
        so_far = {each.id: measured(each, parts.clock)[0].duration for each in found.timers}
    if as_json:
        emit(found)
        return
    rows(
        ("who", "client", "ticket", "time", "how", "note"),
        [
            *(_record_line(each) for each in found.records),
            *(_timer_line(each, so_far[each.id]) for each in found.timers),
        ],
        "no time of a person today, and no timer runs",
    )


def _asked(parts: "Parts", words: "TimeWords") -> "TimeAsked":
    from msp_ops.journeys.time_asked import understand_time

    return understand_time(parts, words, who_am_i())


def _tell_record(work: "WorkRecord", *, as_json: bool) -> None:
    if as_json:
        emit(work)
        return
    say(f"{_length(work)} for {work.client_id} as {work.id}.", "green")
    if work.flags:
        say(f"A person will be asked about it before the month is closed: {', '.join(work.flags)}", "yellow")


def _record_line(work: "WorkRecord") -> tuple[str, ...]:
    doubts = f" ({', '.join(work.flags)})" if work.flags else ""
    return (work.person or "", work.client_id, work.ticket or "", _length(work), f"{work.source}{doubts}", work.note)


def _timer_line(timer: "Timer", so_far: "timedelta") -> tuple[str, ...]:
    how = "runs" if timer.ended_at is None else f"cancelled: {timer.cancelled}"
    length = _minutes(so_far) if timer.ended_at is None else ""
    return (timer.person, timer.client_id, timer.ticket or "", length, how, timer.note)


def _length(work: "WorkRecord") -> str:
    return _minutes(work.attended.duration) if work.attended else ""


def _minutes(length: "timedelta") -> str:
    """`1:05`: hours and whole minutes; what is billed is worked out from the exact time."""
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    return f"{hours}:{minutes:02}"
