"""The parts of many runs, read with one question a table."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Literal

from sqlalchemy import BindParameter, Connection, Select, Table, bindparam, select

from msp_ops.domain.finding import Finding, Measurement
from msp_ops.domain.record import record
from msp_ops.domain.run import Evidence, HostResult, Resolution, StepResult
from msp_ops.store.encode import rebuild
from msp_ops.store.rows import AnyRow, interval_of
from msp_ops.store.schema import evidence, host_results, intents, measurements, resolutions, run_hosts, step_results

Place = tuple[str, str]  # run, host
Depth = Literal["ends", "steps", "evidence"]  # how hosts ended; what each step found too; what hosts said too
_Grouped = dict[tuple[Any, ...], list[AnyRow]]
_chosen: BindParameter[Sequence[str]] = bindparam("chosen", expanding=True)
_begun = select(intents.c.run_id, intents.c.host_id).distinct().where(intents.c.run_id.in_(_chosen))
_said = select(evidence).where(
    evidence.c.digest.in_(select(step_results.c.evidence_digest).where(step_results.c.run_id.in_(_chosen)))
)


@record
class Parts:
    """Everything that belongs to the chosen runs, by run and host."""

    hosts: dict[str, list[str]]
    results: dict[Place, HostResult]
    intended: set[Place]
    resolutions: dict[Place, Resolution]


def parts(connection: Connection, chosen: Sequence[str], depth: Depth) -> Parts:
    """`chosen`: the runs' ids. What lies deeper is left out: a thousand hosts have tens of thousands of steps."""
    hosts = _grouped(connection, run_hosts, chosen, "run_id", order="position")
    begun = connection.execute(_begun, {"chosen": chosen}).all()
    return Parts(
        hosts={run_id: [row.host_id for row in rows] for (run_id,), rows in hosts.items()},
        results=_results(connection, chosen, depth),
        intended={(row.run_id, row.host_id) for row in begun},
        resolutions={
            place: resolution_of(rows[0]) for place, rows in _by_host(connection, resolutions, chosen).items()
        },
    )


def _results(connection: Connection, chosen: Sequence[str], depth: Depth) -> dict[Place, HostResult]:
    steps = {} if depth == "ends" else _steps(connection, chosen, with_evidence=depth == "evidence")
    results = _by_host(connection, host_results, chosen)
    return {place: result_of(rows[0], steps.get(place, ())) for place, rows in results.items()}


def _steps(
    connection: Connection, chosen: Sequence[str], *, with_evidence: bool
) -> dict[Place, tuple[StepResult, ...]]:
    figures = _grouped(connection, measurements, chosen, "run_id", "host_id", "step", order="position")
    said = _bodies(connection, chosen) if with_evidence else {}
    return {
        place: tuple(_step(row, figures[*place, row.position], said) for row in rows)
        for place, rows in _by_host(connection, step_results, chosen, order="position").items()
    }


def _by_host(
    connection: Connection, table: Table, chosen: Sequence[str], order: str = "host_id"
) -> dict[Place, list[AnyRow]]:
    return {
        (key[0], key[1]): rows
        for key, rows in _grouped(connection, table, chosen, "run_id", "host_id", order=order).items()
    }


def _grouped(connection: Connection, table: Table, chosen: Sequence[str], *keys: str, order: str) -> _Grouped:
    found: _Grouped = defaultdict(list)
    for row in connection.execute(_all_of(table, order), {"chosen": chosen}).all():
        found[tuple(getattr(row, key) for key in keys)].append(row)
    return found


@cache
def _all_of(table: Table, order: str) -> Select[Any]:
    return select(table).where(table.c.run_id.in_(_chosen)).order_by(table.c[order])


def _bodies(connection: Connection, chosen: Sequence[str]) -> dict[str, bytes]:
    return {row.digest: row.body for row in connection.execute(_said, {"chosen": chosen}).all()}


def result_of(row: AnyRow, steps: tuple[StepResult, ...]) -> HostResult:
    return HostResult(
        host_id=row.host_id,
        outcome=row.outcome,
        reason=row.reason,
        interval=interval_of(row),
        steps=steps,
        defect=row.defect,
    )


def _step(row: AnyRow, figures: list[AnyRow], said: dict[str, bytes]) -> StepResult:
    body = said.get(row.evidence_digest)
    return StepResult(
        name=row.name,
        outcome=row.outcome,
        reason=row.reason,
        interval=interval_of(row),
        exit_code=row.exit_code,
        evidence=None if body is None else Evidence(digest=row.evidence_digest, body=body, cut=row.evidence_cut),
        checks=_words(row.checks),
        changed=_words(row.changed),
        findings=_findings(row.findings),
        measurements=tuple(
            Measurement(name=each.name, value=each.value, unit=each.unit, at=each.at) for each in figures
        ),
    )


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    """The steps of many hosts have the same lists, most of them empty."""
    words: tuple[str, ...] = rebuild(tuple[str, ...], text)
    return words


@lru_cache(maxsize=4096)
def _findings(text: str) -> tuple[Finding, ...]:
    found: tuple[Finding, ...] = rebuild(tuple[Finding, ...], text)
    return found


def resolution_of(row: AnyRow) -> Resolution:
    return Resolution(
        run_id=row.run_id, host_id=row.host_id, verdict=row.verdict, by=row.by, reason=row.reason, at=row.at
    )
