"""Whose turn it is: a rollout as a machine that knows no thread and no clock.

Every host is handed out once, to begin or to be deferred. `elapsed` is time on any clock that only goes forward.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import timedelta
from heapq import heapify, heappop, heappush

from msp_ops.domain.duration import spell_duration
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.plan import PlannedHost
from msp_ops.domain.record import record
from msp_ops.domain.rollout import STOPPING, Rollout
from msp_ops.domain.wording import listed
from msp_ops.engine.stages import Stage, canaries, stages


@record
class Begin:
    """These hosts begin now: from here on they are at work until `ended` is told."""

    host_ids: tuple[str, ...]


@record
class Defer:
    """These hosts do not begin in this run; nothing more is told of them."""

    host_ids: tuple[str, ...]
    reason: str


@record
class Wait:
    """Ask again when a host has ended, or at `until`, whichever comes first."""

    until: timedelta | None
    why: str


@record
class Done:
    """Every host has ended or was deferred."""


Turn = Begin | Defer | Wait | Done


class Turns:
    """The course of one run's rollout. `rollout` None: no host waits for another."""

    def __init__(self, hosts: Sequence[PlannedHost], rollout: Rollout | None, at_once: int) -> None:
        self._rollout = rollout
        self._at_once = at_once
        self._place = {host.id: place for place, host in enumerate(hosts)}
        self._hosts = hosts
        self._canaries = dict.fromkeys(canaries(rollout, hosts) if rollout else ())
        self._stages: Iterator[Stage] = stages(rollout, hosts) if rollout else iter([hosts])
        self._waiting = dict.fromkeys(self._place)  # in the order of the plan
        self._ready: list[int] = []  # a heap of places: those of the stage that may begin; one of a group at most
        self._behind: dict[str, deque[int]] = {}  # those of the stage that wait for a member of their group
        self._at_work: set[str] = set()
        self._groups = _groups(hosts) if rollout else {}
        self._deferred: deque[Defer] = deque()
        self._quiet_until = timedelta.min
        self._bad = 0
        self.stopped: str | None = None

    def next(self, elapsed: timedelta) -> Turn:
        """What is to be done now; ask again until it is to wait, and after every end."""
        if self._deferred:
            return self._deferred.popleft()
        if not (self._ready or self._at_work or self._is_quiet(elapsed)):
            self._enter_next_stage()
        if turn := self._beginning():
            return turn
        if self._at_work:
            count = len(self._at_work)
            return Wait(until=None, why=f"{count} host{'s are' if count > 1 else ' is'} at work")
        if self._waiting and self._rollout:
            watched = f"{'are' if len(self._canaries) > 1 else 'is'} watched for {spell_duration(self._rollout.soak)}"
            return Wait(until=self._quiet_until, why=f"{listed(self._canaries)} went first and {watched}")
        return Done()

    def ended(self, host_id: str, outcome: Outcome, elapsed: timedelta, reason: str = "") -> None:
        """A host at work came to its end; `reason` is quoted when others stop for it. KeyError: it was not at work."""
        self._at_work.remove(host_id)
        if self._rollout is None:
            return
        if host_id in self._canaries:
            self._quiet_until = max(self._quiet_until, elapsed + self._rollout.soak)
        how = (
            f"{host_id} {'' if outcome is Outcome.FAILED else 'ended '}{outcome.word}{f' ({reason})' if reason else ''}"
        )
        self._bad += outcome in STOPPING
        if self._must_stop(host_id, outcome, self._rollout):
            others = f" after {self._bad} hosts that did not end well, the last" if self._bad > 1 else ""
            self.halt(f"the rollout stopped{others}: {how}")
        self._go_on_with_group(self._hosts[self._place[host_id]].group, how, good=outcome.is_good)

    def halt(self, reason: str) -> None:
        """No further host begins, for this reason; those at work come to their end. The first reason stays."""
        if self.stopped is None:
            self.stopped = reason
            self._stages, self._ready, self._behind = iter(()), [], {}
            self._defer(list(self._waiting), reason)

    def _must_stop(self, host_id: str, outcome: Outcome, rollout: Rollout) -> bool:
        """A canary that proved nothing, a host that nobody knows about, or too many that did not end well."""
        if outcome is Outcome.UNKNOWN or (host_id in self._canaries and not outcome.is_good):
            return True
        return outcome in STOPPING and self._bad >= rollout.stop_after

    def _go_on_with_group(self, group: str | None, how: str, *, good: bool) -> None:
        if group is None:
            return
        if not good:
            left = [each for each in self._groups[group] if each in self._waiting]
            self._behind.pop(group, None)
            self._defer(left, f"{how}: nobody else of the service group {group} is taken down")
        elif behind := self._behind.get(group):
            heappush(self._ready, behind.popleft())

    def _defer(self, host_ids: Sequence[str], reason: str) -> None:
        for host_id in host_ids:
            del self._waiting[host_id]
        if host_ids:
            self._deferred.append(Defer(host_ids=tuple(host_ids), reason=reason))

    def _is_quiet(self, elapsed: timedelta) -> bool:
        return elapsed < self._quiet_until

    def _enter_next_stage(self) -> None:
        """The first stage that still has somebody; before, all of the one before must have ended."""
        self._behind = {}
        for stage in self._stages:
            for host in stage:
                if host.id in self._waiting:
                    self._line_up(self._place[host.id], host.group if self._rollout else None)
            if self._ready:
                heapify(self._ready)
                return

    def _line_up(self, place: int, group: str | None) -> None:
        if group is not None and group in self._behind:
            self._behind[group].append(place)
            return
        if group is not None:
            self._behind[group] = deque()
        self._ready.append(place)

    def _beginning(self) -> Begin | None:
        room = min(self._at_once - len(self._at_work), len(self._ready))
        if room < 1:
            return None
        host_ids = tuple(self._hosts[heappop(self._ready)].id for _ in range(room))
        self._at_work.update(host_ids)
        for host_id in host_ids:
            del self._waiting[host_id]
        return Begin(host_ids=host_ids)


def _groups(hosts: Sequence[PlannedHost]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for host in hosts:
        if host.group is not None:
            groups.setdefault(host.group, []).append(host.id)
    return groups
