"""Lengths of time as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msp_ops.domain.duration import read_duration, spell_duration


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90s", 90),
        ("90m", 5400),
        ("4h", 14400),
        ("1h30m", 5400),
        ("26h", 93600),
        ("14d", 1209600),
        ("1d2h3m4s", 93784),
        ("0s", 0),
    ],
)
def test_what_people_write_is_read(written: str, seconds: int) -> None:
    assert read_duration(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written", ["", "4", "4 h", "4H", "h", "1.5h", "-1h", "30m1h", "PT4H", "4:00", "1e3s", "\u0664h", "4h\n"]
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is not a length of time"):
        read_duration(written)


@given(seconds=st.integers(min_value=0, max_value=86400 * 99999))
def test_every_spelling_reads_back_as_the_same_length(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert read_duration(spell_duration(duration)) == duration
