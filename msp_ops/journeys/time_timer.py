"""A person's timer: measured by the clock that never steps, and doubted aloud where that is not possible."""

from datetime import timedelta

from msp_ops.billing.charges import charge
from msp_ops.domain.clock import Clock, Interval
from msp_ops.domain.errors import FileError, PlanError
from msp_ops.domain.work import Timer, WorkRecord
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.time_asked import TimeAsked, new_id

LONG = timedelta(hours=12)


def start_timer(parts: Parts, asked: TimeAsked) -> Timer:
    """NotPermitted when one of this person runs: where, since when."""
    timer = Timer(
        id=new_id(parts.clock),
        person=asked.person,
        client_id=asked.client.id,
        activity=asked.activity,
        host_ids=asked.host_ids,
        ticket=asked.ticket,
        place=asked.place,
        note=asked.note,
        started_at=parts.clock.now(),
        started=parts.clock.elapsed(),
        boot_id=parts.clock.boot_id(),
    )
    parts.store.timers.start(timer)
    return timer


def stop_timer(parts: Parts, person: str, note: str = "") -> WorkRecord:
    """The record that came of it, with its first price; NotPermitted when no timer of this person runs.

    A client's file that cannot be read just now holds up no clock: the price waits for the month's.
    """
    timer = parts.store.timers.note(person, note) if note else parts.store.timers.running(person)
    work = work_of_timer(timer, parts.clock)
    try:
        role = parts.workspace.msp.role_of(work.person)
        priced = charge(work, parts.workspace.client(timer.client_id), succeeded=True, role=role)
    except (FileError, PlanError):
        priced = ()
    parts.store.timers.stop(timer, work, priced)
    return work


def cancel_timer(parts: Parts, person: str, why: str) -> Timer:
    """No record comes of it; the timer stays in the store with the reason."""
    timer = parts.store.timers.running(person)
    parts.store.timers.cancel(timer, why)
    return timer


def work_of_timer(timer: Timer, clock: Clock) -> WorkRecord:
    """What was measured until now."""
    spent, flags = measured(timer, clock)
    return WorkRecord(
        id=f"w-{timer.id}",
        run_id=None,
        client_id=timer.client_id,
        activity=timer.activity,
        host_ids=timer.host_ids,
        ticket=timer.ticket,
        person=timer.person,
        machine=None,
        attended=spent,
        flags=flags,
        source="timer",
        place=timer.place,
        note=timer.note,
    )


def measured(timer: Timer, clock: Clock) -> tuple[Interval, tuple[str, ...]]:
    """From the start until now, and what a person should know of it.

    A clock that counts since the start of the machine says nothing over a restart, nor on another machine: then the
    wall clock says the length, and the record says so.
    """
    now, boot = clock.now(), clock.boot_id()
    same = boot == timer.boot_id
    length = clock.elapsed() - timer.started if same else now - timer.started_at
    spent = Interval(started_at=timer.started_at, ended_at=now, duration=max(length, timedelta(0)), boot_id=boot)
    doubts = (
        ("clock-stepped", spent.clock_stepped),
        ("rebooted", not same),
        ("estimated", not same),
        ("long", spent.duration > LONG),
    )
    return spent, tuple(flag for flag, holds in doubts if holds)
