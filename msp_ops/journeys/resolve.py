"""How an `unknown` ends: a named person says what is true of the host, and why."""

from msp_ops.domain.actor import Actor
from msp_ops.domain.errors import FileError, MspOpsError, PlanError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import Resolution, Run
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.time_spent import price_of, work_of

VERDICTS = {"done": Outcome.SUCCEEDED, "not-done": Outcome.DEFERRED, "written-off": Outcome.FAILED}


def resolve(parts: Parts, run_id: str, host_id: str, verdict: str, reason: str, actor: Actor) -> Run:
    """Append the verdict; after the last one the run has its end and its price.

    FileError when the verdict is saved and the price must wait for the client's file.
    """
    run = parts.store.runs.read(parts.store.runs.find(run_id))
    if host_id not in {host.host_id for host in run.unresolved}:
        unknown = ", ".join(host.host_id for host in run.unresolved) or "none"
        raise PlanError(f"{host_id} is not unknown in run {run.id}; unknown there: {unknown}")
    parts.store.runs.resolve(
        Resolution(
            run_id=run.id,
            host_id=host_id,
            verdict=VERDICTS[verdict],
            by=actor.name,
            reason=reason,
            at=parts.clock.now(),
        )
    )
    try:
        return settle(parts, run.id)
    except (FileError, PlanError) as mistake:
        raise FileError(f"your word on {host_id} is saved; the price of run {run.id} waits: {mistake}") from mistake


def settle(parts: Parts, run_id: str) -> Run:
    """Give a run the end and the price that it lacks, once nothing in it is unknown; any other stays as it is.

    The time of a run whose process died is marked as estimated. FileError, PlanError: the client's file is needed.
    """
    run = parts.store.runs.read(run_id, "ends")
    _end_or_price(parts, run)
    return parts.store.runs.read(run_id, "ends")


def settle_all(parts: Parts) -> list[str]:
    """What dead processes and late words have left to settle; one that cannot be is said and passed over."""
    late = {work.run_id for work in parts.store.work.unpriced() if work.run_id}
    left = [*parts.store.runs.abandoned(), *(parts.store.runs.read(each, "ends") for each in sorted(late))]
    problems = []
    for run in left:
        try:
            _end_or_price(parts, run)
        except MspOpsError as problem:
            if _is_left(parts, run.id):
                problems.append(f"run {run.id} has no end or no price yet: {problem}")
    return problems


def _is_left(parts: Parts, run_id: str) -> bool:
    """Another process may have been quicker; then nothing is wrong."""
    ended = parts.store.runs.read(run_id, "ends").ended_at is not None
    return not ended or bool(parts.store.work.unpriced(run_id))


def _end_or_price(parts: Parts, run: Run) -> None:
    if run.unresolved:
        return
    if run.abandoned:
        client = parts.workspace.client(run.plan.client_id)
        work = work_of(run, parts.store.runs.interval_so_far(run.id), None, "estimated")
        parts.store.journal.close_run(run.id, work, price_of(run, work, client, parts.workspace.msp))
        return
    for work in parts.store.work.unpriced(run.id):
        client = parts.workspace.client(run.plan.client_id)
        parts.store.work.price(work.id, price_of(run, work, client, parts.workspace.msp))
