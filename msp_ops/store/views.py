"""Runs as any reader sees them: rows become the values of the domain."""

from collections.abc import Sequence

from sqlalchemy import Connection

from msp_ops.domain.actor import Actor
from msp_ops.domain.plan import Plan
from msp_ops.domain.run import Run
from msp_ops.domain.trigger import Trigger
from msp_ops.store.encode import rebuild
from msp_ops.store.processes import Processes
from msp_ops.store.reading import Depth, Parts, parts
from msp_ops.store.rows import AnyRow, in_portions
from msp_ops.store.states import host_state


def views(connection: Connection, rows: Sequence[AnyRow], processes: Processes, depth: Depth) -> Sequence[Run]:
    """Each row of `runs` with its hosts, in the same order; few questions, however many they are."""
    at_work = processes.at_work(connection, {row.process_id for row in rows if row.ended_at is None})
    made: list[Run] = []
    for portion in in_portions(rows):
        found = parts(connection, [row.id for row in portion], depth)
        made += [_run(row, found, going_on=row.ended_at is None and row.process_id in at_work) for row in portion]
    return made


def _run(row: AnyRow, found: Parts, *, going_on: bool) -> Run:
    places = [(row.id, host_id) for host_id in found.hosts.get(row.id, [])]
    return Run(
        id=row.id,
        plan=rebuild(Plan, row.plan),
        trigger=rebuild(Trigger, row.trigger),
        actor=rebuild(Actor, row.actor),
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        abandoned=row.ended_at is None and not going_on,
        hosts=tuple(
            host_state(
                place[1],
                found.results.get(place),
                found.resolutions.get(place),
                intended=place in found.intended,
                going_on=going_on,
            )
            for place in places
        ),
    )
