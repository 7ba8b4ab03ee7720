"""A run that nobody watches."""

from collections.abc import Generator
from contextlib import closing

from msp_ops.domain.run import Run
from msp_ops.engine.events import Event, RunEnded, RunLeft


def to_the_end(events: Generator[Event, None, None]) -> Run:
    """The run at its end, or as this process left it; what happens on the way is in the store."""
    run: Run | None = None
    with closing(events):
        for event in events:
            if isinstance(event, RunEnded | RunLeft):
                run = event.run
    if run is None:
        raise AssertionError("a run's last event is its end")
    return run
