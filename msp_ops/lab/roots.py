"""The shared layers in their order, from the cache where they are there already."""

from pathlib import Path

from msp_ops.domain.record import record
from msp_ops.lab.base import make_base, this_release
from msp_ops.lab.cache import Cache
from msp_ops.lab.dumps import make_dumps
from msp_ops.lab.gold import make_gold
from msp_ops.lab.repository import make_repository


@record
class Roots:
    """What every host of a lab stands on; `in_use` is a descriptor that keeps it from being removed."""

    gold: Path
    base: Path
    repository: Path
    in_use: int


def make_roots(cache: Cache) -> Roots:
    """Everything cached that a lab needs; about a minute the first time."""
    release = this_release()
    with cache.building():
        base = make_base(cache, release)
        dumps = make_dumps(cache, release, base)
        repository = make_repository(cache, release)
        gold = make_gold(cache, release, (base, repository, dumps))
        cache.sweep({base.parent, dumps, repository, gold.parent})
        return Roots(gold=gold, base=base, repository=repository, in_use=cache.use())
