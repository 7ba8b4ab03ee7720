"""A person's word that work must stop reaches every process through the store."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event as Signal
from threading import Thread
from typing import Literal

from msp_ops.domain.actor import Actor
from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import NotPermitted, StoreError
from msp_ops.domain.stop import StopOrder
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.recover import lost_hosts, recover
from msp_ops.store import Store

LOOK_EVERY = 2.0  # seconds; the promise is five


def stop_everything(
    store: Store, clock: Clock, actor: Actor, reason: str, level: Literal["finish", "cancel"]
) -> StopOrder:
    """Every run of every client, until it is lifted."""
    order = _order(actor, reason, None, level, clock)
    store.stops.order(order)
    return order


def words_of(order: StopOrder) -> str:
    """Who and why, as every host's reason quotes it."""
    what = "everything was stopped" if order.run_id is None else "stopped"
    return f"{what} by {order.by}: {order.reason}" if order.reason else f"{what} by {order.by}"


@contextmanager
def heeding_stops(store: Store, run_id: str, stopping: Stopping) -> Iterator[None]:
    """While inside, orders that others give reach `stopping` within a few seconds.

    A change asks again in the very transaction of its intent: an order that was saved before lets none begin.
    """
    done = Signal()
    watcher = Thread(target=_watch, args=(store, run_id, stopping, done), name="stop orders", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()


def _watch(store: Store, run_id: str, stopping: Stopping, done: Signal) -> None:
    while not done.wait(LOOK_EVERY):
        with suppress(StoreError):  # a store that cannot be read is the heartbeat's matter
            order = store.stops.standing(run_id)
            if order is not None:
                tell = stopping.cancel if order.level == "cancel" else stopping.finish
                tell(words_of(order))


def standing_stop(store: Store) -> Stopping:
    """As recovery must hear it: a standing order to cancel everything holds for what dead processes left, too."""
    stopping, order = Stopping(), store.stops.standing(None)
    if order is not None and order.level == "cancel":
        stopping.cancel(words_of(order))
    return stopping


def cancel_run(
    parts: Parts, run_id: str, actor: Actor, reason: str, level: Literal["finish", "cancel"]
) -> Iterator[str]:
    """What comes of it, in words. NotPermitted when the run has ended.

    A run at work hears of it within seconds; what a dead process left running is stopped on its hosts from here.
    """
    run = parts.store.runs.read(run_id, "ends")
    if run.outcome is not None and not run.unresolved:
        raise NotPermitted(f"run {run_id} has ended: {run.outcome.word}")
    word = _order(actor, reason, run_id, level, parts.clock)
    if run.ended_at is None:
        parts.store.stops.order(word)
    if run.outcome is None:
        yield f"Run {run_id} hears of it within a few seconds."
        return
    stopping = Stopping()
    if level == "cancel":
        stopping.cancel(words_of(word))
    for each in recover(parts, lost_hosts(parts, run_id), stopping):
        yield f"{each.where}: {each.word}: {each.reason}"


def _order(
    actor: Actor, reason: str, run_id: str | None, level: Literal["finish", "cancel"], clock: Clock
) -> StopOrder:
    return StopOrder(
        id=f"stop-{secrets.token_hex(4)}", run_id=run_id, level=level, by=actor.name, reason=reason, at=clock.now()
    )
