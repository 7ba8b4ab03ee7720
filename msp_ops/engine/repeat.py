"""A step that may be repeated: tried a few times, with pauses that grow, until it ends well.

Another try comes only after the host told the end of the one before, or that it came to none; where nobody knows how
it stands there is none. Each try is a parcel of its own, meant and committed as any other. Recovery repeats nothing.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace

from msp_ops.domain.clock import Interval, Stopwatch
from msp_ops.domain.errors import LinkLost, NotPermitted, NotReached, StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Parcel
from msp_ops.domain.run import Evidence, StepResult
from msp_ops.domain.step import ScriptStep
from msp_ops.engine.act import Change
from msp_ops.engine.events import Intended, StepEnded, StepEvent, Waiting
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.line import Line
from msp_ops.engine.testimony import evidence
from msp_ops.engine.waiting import pauses
from msp_ops.transports.base import Ended, Interrupted

NOTHING_DONE = frozenset({Outcome.BLOCKED, Outcome.DEFERRED, Outcome.NOT_REACHED})
KEPT = 16 * 1024  # bytes of what each earlier try said


class Repeated:
    """Some tries of one step on one host. Used once. `change` makes another try, counted from 0."""

    def __init__(
        self, step: ScriptStep, change: Callable[[int], Change], job: HostJob, line: Line, tools: Tools
    ) -> None:
        self.parcels: list[Parcel] = []
        self._step = step
        self._change = change
        self._job = job
        self._line = line
        self._tools = tools
        self._results: list[StepResult] = []

    def events(self) -> Iterator[StepEvent]:
        """The last one is the step's result. Raises as `Change` does at the first try, and once a try was meant."""
        watch = Stopwatch.start(self._tools.clock)
        for pause in pauses(self._tools.patience.pause):
            change = self._change(len(self._results))
            result = yield from self._try(change)
            if isinstance(result, str):
                yield self._ended(watch.read(), result)
                return
            self._results.append(result)
            if not self._is_worth_another(change, result):
                yield self._ended(watch.read())
                return
            self._line.drop()
            why = f"{result.reason}; try {len(self._results) + 1} of {self._step.tries} comes"
            yield Waiting(host_id=self._job.host_id, why=why, pause=pause)
            if hindrance := self._hindrance():
                yield self._ended(watch.read(), hindrance)
                return

    def _try(self, change: Change) -> Generator[StepEvent, None, StepResult | str]:
        """Its result, or why there was no further try: what stops one before it was meant ends only that one."""
        meant = False
        try:
            for event in change.events():
                if isinstance(event, StepEnded):
                    return event.result
                if isinstance(event, Intended):
                    meant = True
                    self.parcels.append(change.parcel)
                yield event
        except (NotPermitted, StoreError, NotReached, LinkLost) as problem:
            if meant or not self._results:
                raise
            return str(problem)
        raise AssertionError("a change ends with its result")

    def _is_worth_another(self, change: Change, result: StepResult) -> bool:
        """Whether it failed, or was interrupted, for all to see, and not by a person's will."""
        if len(self._results) >= self._step.tries or self._tools.stopping.begins_nothing:
            return False
        match change.ended:
            case Ended(cancelled=cancelled):
                return not cancelled and result.outcome is Outcome.FAILED
            case Interrupted():
                return True
            case _:
                return False

    def _hindrance(self) -> str | None:
        """While it waited a person may have stopped the run, or its window closed."""
        if self._tools.stopping.begins_nothing:
            return f"stopped: {self._tools.stopping.why}"
        return self._job.refused()

    def _ended(self, interval: Interval, why: str = "") -> StepEnded:
        result = told_together(self._results, self._step.tries, interval, why)
        return StepEnded(host_id=self._job.host_id, result=result)


def told_together(results: Sequence[StepResult], tries: int, interval: Interval, why: str = "") -> StepResult:
    """Several tries as one result; `why` there was no further one. What did nothing leaves the one before as it was."""
    *before, last = results
    if before and last.outcome in NOTHING_DONE:
        return told_together(before, tries, interval, last.reason)
    if not before and not why:
        return last
    if last.outcome is Outcome.SUCCEEDED:
        reason = f"at try {len(results)} of {tries}; before: {before[-1].reason}"
    else:
        reason = f"{last.reason} (tried {len(results)} times)" if before else last.reason
    return replace(
        last,
        reason=f"{reason}; not tried again: {why}" if why else reason,
        interval=interval,
        changed=tuple(dict.fromkeys(each for result in results for each in result.changed)),
        evidence=_said_together(results),
    )


def _said_together(results: Sequence[StepResult]) -> Evidence:
    """What all of them said, of the earlier ones only the end."""
    parts, cut = [], 0
    for number, result in enumerate(results, start=1):
        whole, lost = (result.evidence.body, result.evidence.cut) if result.evidence else (b"", 0)
        body = whole if number == len(results) else whole[-KEPT:]
        cut += lost + len(whole) - len(body)
        parts.append(f"-- try {number}: {result.outcome.word}\n".encode() + body)
    return evidence(b"\n".join(parts), cut)
