"""A run's hosts in the stages of its rollout: the canaries, then each ring's batches."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from msp_ops.domain.plan import PlannedHost
from msp_ops.domain.rollout import Rollout, batch_size

Stage = Sequence[PlannedHost]


def canaries(rollout: Rollout, hosts: Sequence[PlannedHost]) -> tuple[str, ...]:
    """Those of this run, in its order; where none of the wanted ones takes part, the first host is the one."""
    if rollout.canary is None:
        return ()
    wanted = frozenset(rollout.canary)
    return tuple(host.id for host in hosts if host.id in wanted) or (min(hosts, key=_ring).id,)


def stages(rollout: Rollout, hosts: Sequence[PlannedHost]) -> Iterator[Stage]:
    """In order, none empty; the canaries are the first one, if there are any."""
    first = frozenset(canaries(rollout, hosts))
    if first:
        yield [host for host in hosts if host.id in first]
    others = sorted((host for host in hosts if host.id not in first), key=_ring)
    for _, ring in groupby(others, key=_ring):
        members = list(ring)
        size = batch_size(rollout.batch, len(members))
        yield from (members[begin : begin + size] for begin in range(0, len(members), size))


def _ring(host: PlannedHost) -> int:
    return host.ring
