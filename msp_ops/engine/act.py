"""A changing step: delivered whole, intent saved, committed at most once, followed, collected.

Between the commit and the end neither a thread nor a connection is needed: a link that broke is opened again, and a
step that nobody watches is asked now and then how it stands.
"""

from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from datetime import timedelta

from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.errors import LinkLost, NotPermitted, NotReached, StoreError
from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.engine.again import persistently
from msp_ops.engine.events import Intended, Said, StepEnded, StepEvent, Waiting
from msp_ops.engine.job import HostJob, Tools
from msp_ops.engine.line import Line
from msp_ops.engine.lines import Lines
from msp_ops.engine.proof import step_result
from msp_ops.engine.scope import runbook_name
from msp_ops.engine.testimony import masked
from msp_ops.engine.waiting import pauses
from msp_ops.transports.base import Collected, NeverCommitted, Running, Session


class Change:
    """One changing step on one host, from its delivery to its end. Used once. `ended`: as the host told it."""

    def __init__(self, parcel: Parcel, script: bytes, job: HostJob, lease: Lease, line: Line, tools: Tools) -> None:
        self.parcel = parcel
        self._script = script
        self._job = job
        self._lease = lease
        self._line = line
        self._tools = tools
        self._lines = Lines(tools.redact)
        self._committed = False
        self.ended: Collected | None = None

    def events(self) -> Iterator[StepEvent]:
        """The last one is the step's result: `unknown` unless the host told how it ended.

        Raises LinkLost, NotReached: before the intent was saved nothing ran, after it nobody knows.
        """
        watch = Stopwatch.start(self._tools.clock)
        yield from persistently(self._deliver, self._job.host_id, self._line, self._tools)
        try:
            self._tools.stopping.check()
            self._tools.journal.intend(self._job.run_id, self._job.host_id, self.parcel, self._lease)
        except NotPermitted:  # nobody will come back for what was delivered
            with suppress(LinkLost, NotReached):
                self._line.session().forget(self.parcel)
            raise
        except StoreError:  # whether it was saved is not sure, so the host keeps that it never began, not what it was
            with suppress(LinkLost, NotReached):
                self._line.session().withdraw(self.parcel)
            raise
        yield Intended(host_id=self._job.host_id, step=self.parcel.step)
        collected = self.ended = yield from self._until_ended()
        check, stopped_by = runbook_name(self._job), self._tools.stopping.why
        result = step_result(self.parcel, collected, watch.read(), check, self._tools.redact, stopped_by)
        yield StepEnded(host_id=self._job.host_id, result=result)

    def _deliver(self) -> Iterator[StepEvent]:
        self._line.session().deliver(self.parcel, self._script)
        yield from ()

    def _until_ended(self) -> Generator[StepEvent, None, Collected]:
        silent_since = None
        for pause in pauses(self._tools.patience.pause):
            try:
                collected = yield from self._look()
            except (LinkLost, NotReached) as problem:
                self._line.drop()
                silent_since = silent_since or self._tools.clock.elapsed()
                if self._tools.clock.elapsed() - silent_since >= self._longest_silence():
                    raise
                why = f"{problem}; {self.parcel.step} may go on there, the host is asked again"
            else:
                silent_since = None
                if not isinstance(collected, Running) or self._tools.stopping.cancels:
                    return collected
                why = f"{self.parcel.step} goes on there"
            self._line.drop()
            yield Waiting(host_id=self._job.host_id, why=masked(why, self._tools.redact), pause=pause)
        raise AssertionError("pauses have no end")

    def _longest_silence(self) -> timedelta:
        """Who cancels wants to know at once what could not be cancelled."""
        return timedelta(0) if self._tools.stopping.cancels else self._tools.patience.silence

    def _look(self) -> Generator[StepEvent, None, Collected]:
        """One look at the host: commit what is not committed yet, listen, ask how it stands."""
        session = self._line.session()
        collected: Collected = NeverCommitted()
        if self._committed:
            collected = session.cancel(self.parcel) if self._tools.stopping.cancels else session.collect(self.parcel)
        if isinstance(collected, NeverCommitted):
            if self._tools.stopping.begins_nothing:
                return session.withdraw(self.parcel)
            self._committed = True  # from here on the host must be asked
            session.commit(self.parcel, self._lease)
        elif not (isinstance(collected, Running) and self._tools.watched):
            return collected
        yield from self._listen(session)
        return session.cancel(self.parcel) if self._tools.stopping.cancels else session.collect(self.parcel)

    def _listen(self, session: Session) -> Iterator[Said]:
        at_most = None if self._tools.watched else self._tools.patience.listen
        with closing(session.follow(self.parcel, self._lines.heard, at_most)) as chunks:
            for chunk in chunks:
                for line in self._lines.feed(chunk):
                    yield Said(host_id=self._job.host_id, step=self.parcel.step, line=line)
                if self._tools.stopping.cancels:
                    return
