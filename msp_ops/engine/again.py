"""What may be repeated is repeated, a few times, with pauses that grow; everybody sees how often."""

from collections.abc import Callable, Iterator

from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.engine.events import StepEvent, Waiting
from msp_ops.engine.job import Tools
from msp_ops.engine.line import Line
from msp_ops.engine.testimony import masked
from msp_ops.engine.waiting import pauses


def persistently(act: Callable[[], Iterator[StepEvent]], host_id: str, line: Line, tools: Tools) -> Iterator[StepEvent]:
    """`act` changes nothing on a host. Raises what its last try raised, and Stopped when a person stops the run."""
    for tries, pause in enumerate(pauses(tools.patience.pause), start=1):
        try:
            yield from act()
        except (NotReached, LinkLost) as problem:
            line.drop()
            hopeless = isinstance(problem, NotReached) and not problem.again
            if hopeless or tries >= tools.patience.tries:
                if tries == 1:
                    raise
                raise _counted(problem, tries) from problem
            why = f"{masked(str(problem), tools.redact)}; try {tries + 1} of {tools.patience.tries} comes"
            yield Waiting(host_id=host_id, why=why, pause=pause)
            tools.stopping.check()
        else:
            return


def _counted(problem: NotReached | LinkLost, tries: int) -> NotReached | LinkLost:
    words = f"{problem} (tried {tries} times)"
    return LinkLost(words) if isinstance(problem, LinkLost) else NotReached(words)
