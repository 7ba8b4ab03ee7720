"""A host's result goes into the journal before anybody hears of it, and before the host forgets its own proof."""

from datetime import timedelta
from threading import Event as Pause

from msp_ops.domain.errors import NotPermitted, StoreError
from msp_ops.domain.run import HostResult
from msp_ops.engine.events import HostEnded, NotRecorded
from msp_ops.engine.job import HostJob, Tools

AGAIN = timedelta(seconds=2)


def save_result(result: HostResult, job: HostJob, tools: Tools) -> HostEnded | NotRecorded:
    """Offered again while the store refuses it, for as long as the tools have patience: a full disk may be emptied."""
    until = tools.clock.elapsed() + tools.patience.store
    while True:
        try:
            tools.journal.record(job.run_id, result)
        except NotPermitted as refusal:  # another process said meanwhile how it ended
            return NotRecorded(result=result, why=str(refusal))
        except StoreError as problem:
            if tools.clock.elapsed() >= until:
                return NotRecorded(result=result, why=str(problem))
            Pause().wait(AGAIN.total_seconds())
        else:
            return HostEnded(result=result)
