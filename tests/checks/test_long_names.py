"""What a check is about has a name; one that is cut never becomes that of something else."""

import pytest

from msp_ops.checks.answer import TOO_LONG, named, short
from msp_ops.domain.endpoint import Endpoint
from msp_ops.outside.base import LONGEST, written
from tests.outside.cast import looked


def test_two_long_names_stay_two():
    first, second = ("/srv/" + "x" * 300 + end for end in "ab")
    assert short(first) == short(second)
    assert named(first) != named(second)
    assert len(named(first)) == TOO_LONG
    assert named("/srv") == "/srv"


def test_a_password_in_a_name_shows_in_no_digest():
    tail = "@host/" + "x" * 300
    assert named("ssh://kim:hunter2" + tail) == named("ssh://kim:hunter3" + tail)


@pytest.mark.parametrize("length", [TOO_LONG, LONGEST, 2 * LONGEST])
def test_each_of_two_pages_with_long_addresses_has_its_own_finding(length):
    pages = (Endpoint(url=f"http://127.0.0.1:1/{'x' * length}{end}") for end in "ab")
    found = looked("http", *pages).findings
    assert len({each.subject for each in found}) == 2
    assert all(len(each.subject) <= TOO_LONG for each in found)


def test_a_line_of_an_answer_stays_short():
    assert max(len(line) for line in written([[("url", "x" * 5000)]]).split("\n")) == LONGEST + len("url: ")
