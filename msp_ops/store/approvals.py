"""What persons approved, or did not: appended, never changed."""

from typing import Any

from sqlalchemy import Select, exists, insert, select

from msp_ops.domain.approval import Approval
from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import NotPermitted
from msp_ops.store.database import Database
from msp_ops.store.rows import AnyRow, clock_time, run_row
from msp_ops.store.schema import approvals, questions, runs


class Approvals:
    """Written by anybody's process, waited for by the run's."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def ask(self, run_id: str, step: str) -> None:
        """The question stands from now on; asked by many hosts, it stands once."""
        question = {"run_id": run_id, "step": step, "asked_at": self._clock.now()}
        with self._database.writing() as connection:
            if connection.execute(_asked(run_id, step)).first() is None:
                connection.execute(insert(questions).values(question))

    def open_questions(self, run_id: str | None = None) -> dict[str, tuple[str, ...]]:
        """By run, the steps whose question stands without a word, the oldest first; of runs that go on."""
        answered = exists().where(approvals.c.run_id == questions.c.run_id, approvals.c.step == questions.c.step)
        standing = (
            select(questions.c.run_id, questions.c.step)
            .join(runs, runs.c.id == questions.c.run_id)
            .where(~answered, runs.c.ended_at.is_(None))
            .order_by(questions.c.asked_at, questions.c.step)
        )
        if run_id is not None:
            standing = standing.where(questions.c.run_id == run_id)
        found: dict[str, tuple[str, ...]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(standing):
                found[row.run_id] = (*found.get(row.run_id, ()), row.step)
        return found

    def give(self, approval: Approval) -> None:
        """NotPermitted when the run has ended, nobody asked, or a word was given; StoreError: there is no such run."""
        with self._database.writing() as connection:
            run = run_row(connection, approval.run_id)
            if run.ended_at is not None:
                raise NotPermitted(f"run {run.id} has ended at {clock_time(run.ended_at, self._clock.now())}")
            if connection.execute(_asked(approval.run_id, approval.step)).first() is None:
                raise NotPermitted(f"run {run.id} has not come to '{approval.step}' yet: a word is for a question")
            row = connection.execute(_of(approval.run_id, approval.step)).one_or_none()
            if row is not None:
                earlier = _approval(row)
                when = clock_time(earlier.at, approval.at)
                raise NotPermitted(f"{earlier.told()} at {when}: a word on '{approval.step}' is given once")
            connection.execute(
                insert(approvals).values(
                    run_id=approval.run_id,
                    step=approval.step,
                    granted=approval.granted,
                    by=approval.by,
                    reason=approval.reason,
                    at=approval.at,
                )
            )

    def of(self, run_id: str, step: str) -> Approval | None:
        """The word that was given, if one was."""
        with self._database.reading() as connection:
            row = connection.execute(_of(run_id, step)).one_or_none()
        return None if row is None else _approval(row)


def _asked(run_id: str, step: str) -> Select[Any]:
    return select(questions.c.step).where(questions.c.run_id == run_id, questions.c.step == step)


def _of(run_id: str, step: str) -> Select[Any]:
    return select(approvals).where(approvals.c.run_id == run_id, approvals.c.step == step)


def _approval(row: AnyRow) -> Approval:
    return Approval(run_id=row.run_id, step=row.step, granted=row.granted, by=row.by, reason=row.reason, at=row.at)
