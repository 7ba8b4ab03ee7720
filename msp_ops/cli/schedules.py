"""`schedules`: what runs by itself, when, and what is held back."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from msp_ops.cli.context import parts_of, settings_of
from msp_ops.cli.talk import Json, Yes, confirm, emit, next_step, rows, say, tell, who_am_i
from msp_ops.cli.words import plain

if TYPE_CHECKING:
    from msp_ops.domain.client import Client
    from msp_ops.domain.occurrence import Occurrence
    from msp_ops.journeys.parts import Parts

app = typer.Typer(help="What runs by itself, when, and what is held back.", no_args_is_help=True)
ClientId = Annotated[str, typer.Argument(help="A client's id.")]
ScheduleId = Annotated[str, typer.Argument(help="One of its schedules.")]
Why = Annotated[str, typer.Option("--why", callback=plain, help="The reason that others will read.")]


@app.command("list")
def list_schedules(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="One client; all without it.")] = "",
    as_json: Json = False,
) -> None:
    """Every schedule in words, with its next time in the client's zone.

    Example: msp-ops schedules list acme
    """
    from msp_ops.calendar.words import describe
    from msp_ops.journeys.schedules import upcoming

    with parts_of(context) as parts:
        found = [(each, *line) for each in _clients(parts, client) for line in upcoming(parts, each)]
    if as_json:
        emit([{"client": who.id, "schedule": what, "next": when, "held": held} for who, what, when, held in found])
        return
    rows(
        ("client", "schedule", "runbook", "hosts", "when", "next", "state"),
        (
            (
                who.id,
                what.id,
                what.runbook,
                what.hosts,
                describe(what, who),
                _local(who, when.planned_at) if when else "never again",
                held or "on",
            )
            for who, what, when, held in found
        ),
        "no schedules",
    )


@app.command("next")
def next_occurrences(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="One client; all without it.")] = "",
    days: Annotated[int, typer.Option(min=1, max=400, help="How far to look.")] = 14,
    as_json: Json = False,
) -> None:
    """What comes in the next days, with each occurrence's id.

    Example: msp-ops schedules next acme --days 30
    """
    with parts_of(context) as parts:
        known = {each.id: each for each in parts.store.occurrences.list(since=parts.clock.now())}
        coming = _coming(parts, _clients(parts, client), timedelta(days=days))
    found = [(known.get(each.id, each), who) for each, who in coming]
    if as_json:
        emit([each for each, _ in found])
        return
    rows(
        ("when (client's time)", "client", "schedule", "state", "occurrence"),
        (
            (
                _local(who, each.planned_at),
                who.id,
                each.schedule_id,
                each.state,
                each.id,
            )
            for each, who in found
        ),
        f"nothing in the next {days} days",
    )


@app.command("sync")
def sync_schedules(context: typer.Context, yes: Yes = False, as_json: Json = False) -> None:
    """Bring Prefect's deployments and runs to what the files say; the changes are shown first.

    Example: msp-ops schedules sync
    """
    from msp_ops.files.library import shipped_folder
    from msp_ops.journeys.schedules import deployment_changes, sync
    from msp_ops.wiring import open_prefect

    settings = settings_of(context)
    with parts_of(context) as parts, open_prefect(settings) as api:
        parts.workspace.check()
        root = shipped_folder("flows").parent
        changes = deployment_changes(parts, api, root)
        if as_json:
            emit(changes)
        else:
            for line in changes.lines():
                tell(line)
        if changes:
            confirm("Change Prefect so?", yes=yes)
        sync(parts, api, root)
    say("Prefect's deployments and planned runs are as the files say.", "green")


@app.command()
def pause(
    context: typer.Context,
    client: ClientId,
    schedule: ScheduleId,
    why: Why,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Goes on by itself that day.")] = None,
) -> None:
    """Hold a schedule; its planned times are taken back.

    Example: msp-ops schedules pause acme patch-nights --until 2027-01-04 --why "year end"
    """
    from msp_ops.domain.occurrence import Pause
    from msp_ops.journeys.schedules import plan_ahead, schedule_named

    with parts_of(context) as parts:
        known = parts.workspace.client(client)
        named = schedule_named(known, schedule)
        ends = until.replace(tzinfo=ZoneInfo(known.timezone)) if until else None
        parts.store.pauses.pause(Pause(client_id=known.id, schedule_id=named.id, until=ends, by=who_am_i(), reason=why))
        plan_ahead(parts)
    say(f"{client} {schedule} is held{f' until {until:%Y-%m-%d}' if until else ''}.")
    next_step(f"msp-ops schedules resume {client} {schedule}")


@app.command()
def resume(context: typer.Context, client: ClientId, schedule: ScheduleId) -> None:
    """Let a paused schedule go on.

    Example: msp-ops schedules resume acme patch-nights
    """
    from msp_ops.journeys.schedules import plan_ahead, schedule_named

    with parts_of(context) as parts:
        known = parts.workspace.client(client)
        parts.store.pauses.resume(known.id, schedule_named(known, schedule).id)
        plan_ahead(parts)
    say(f"{client} {schedule} goes on.")


@app.command()
def skip(context: typer.Context, client: ClientId, schedule: ScheduleId, why: Why) -> None:
    """Leave out the next planned time only.

    Example: msp-ops schedules skip acme patch-nights --why "trade fair"
    """
    from msp_ops.domain.errors import PlanError
    from msp_ops.domain.occurrence import OccurrenceState
    from msp_ops.journeys.schedules import plan_ahead, schedule_named

    with parts_of(context) as parts:
        known = parts.workspace.client(client)
        named = schedule_named(known, schedule)
        plan_ahead(parts)
        planned = parts.store.occurrences.list(known.id, OccurrenceState.PLANNED, since=parts.clock.now())
        following = next((each for each in planned if each.schedule_id == named.id), None)
        if following is None:
            raise PlanError(f"{client} {schedule} has no planned time in the next 14 days; pause it instead")
        parts.store.occurrences.skip(following.id, who_am_i(), why)
    say(f"Left out: {_local(known, following.planned_at)}.")


def _coming(parts: "Parts", clients: "list[Client]", ahead: timedelta) -> "list[tuple[Occurrence, Client]]":
    from msp_ops.calendar.occurrences import occurrences

    now = parts.clock.now()
    held = {(pause.client_id, pause.schedule_id): pause.until for pause in parts.store.pauses.list()}
    found = [
        (each, client)
        for client in clients
        for schedule in client.schedules
        for each in occurrences(schedule, client, now, now + ahead)
        if not _is_held(held, each)
    ]
    return sorted(found, key=lambda pair: pair[0].planned_at)


def _is_held(held: "dict[tuple[str, str], datetime | None]", occurrence: "Occurrence") -> bool:
    key = (occurrence.client_id, occurrence.schedule_id)
    until = held.get(key)
    return key in held and (until is None or occurrence.planned_at < until)


def _clients(parts: "Parts", named: str) -> "list[Client]":
    return [parts.workspace.client(named)] if named else list(parts.workspace.clients.values())


def _local(client: "Client", moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(client.timezone)):%a %d %b %Y %H:%M}"
