"""What is due leaves the house: each target by itself, one message after another, until it fails or nothing is left."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from msp_ops.domain.errors import FileError, PlanError
from msp_ops.domain.outbox import Ending, Held, Kind, Message, Queued, Sender
from msp_ops.store import Store

AT_ONCE = 8  # targets


def send_due(
    store: Store, senders: Mapping[Kind, Sender], stop: Callable[[], bool] = lambda: False
) -> Iterator[Queued]:
    """Tries all that is due and yields what became of each. A target that fails is left alone and holds up no other.

    After `stop` no further message begins. Messages of a kind that nobody sends wait. StoreError.
    """
    due = [(kind, target) for kind, target in store.outbox.due_targets() if kind in senders]
    if not due:
        return
    with store.outbox.at_work(), ThreadPoolExecutor(min(AT_ONCE, len(due)), "outbox") as pool:

        def next_of(kind: Kind, target: str) -> "Future[Queued | None]":
            return pool.submit(_send_next, store, kind, target, senders[kind])

        at_work = {next_of(*each) for each in due}
        while at_work:
            done, at_work = wait(at_work, return_when=FIRST_COMPLETED)
            for tried in filter(None, (each.result() for each in done)):
                if not stop():
                    at_work.add(next_of(tried.message.kind, tried.message.target))
                yield tried


def _send_next(store: Store, kind: Kind, target: str, sender: Sender) -> Queued | None:
    """None when nothing of this target is due."""
    claim = store.outbox.claim(kind, target)
    if claim is None:
        return None
    try:
        ending = _tried(claim.message, sender, lambda: store.outbox.holds(claim))
    except BaseException as broken_off:
        store.outbox.finish(claim, Ending(kind="unknown", said=f"broken off: {type(broken_off).__name__}"))
        raise
    return store.outbox.finish(claim, ending)


def _tried(message: Message, sender: Sender, held: Held) -> Ending:
    """What our own files or secrets lack is told as any other reason: they are read before anything is sent."""
    try:
        return sender(message, held)
    except (FileError, PlanError) as problem:
        return Ending(kind="not-sent", said=str(problem))
