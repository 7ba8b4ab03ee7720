"""Many things at once: what is made comes, a defect comes last, and who leaves waits for nobody."""

from threading import Event

import pytest

from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.parallel import in_parallel


def test_a_defect_is_raised_when_all_the_others_are_made():
    made = in_parallel(lambda number: 12 // number, [0, 1, 2, 3], 2, Stopping())
    assert sorted([next(made), next(made), next(made)]) == [4, 6, 12]
    with pytest.raises(ZeroDivisionError):
        next(made)


def test_who_leaves_waits_for_nobody():
    held, word = Event(), Stopping()
    word.leave("SIGTERM")
    assert list(in_parallel(lambda _: held.wait(30), [1, 2], 2, word)) == []
