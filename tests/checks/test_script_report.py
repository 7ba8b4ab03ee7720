"""What a script says of itself; a host may send anything."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from msp_ops.checks.script_report import ScriptReport, read_report
from msp_ops.domain.finding import Finding, Measurement, Reading

AT = datetime(2026, 11, 23, tzinfo=UTC)


def report(text: str) -> ScriptReport:
    return read_report(text, check="patch-linux", at=AT)


def test_a_report_says_what_changed_what_was_found_and_why() -> None:
    text = (
        "Reading package lists...\n"
        "msp: changed lab-lib 1.0-1 -> 1.0-1+deb12u1\n"
        "msp: finding warning /etc/app.ini was changed by hand and kept\n"
        "msp: measurement disk_free_percent:/ 41 percent\n"
        "msp: why does not run any more: nginx\n"
    )
    finding = Finding(
        check="patch-linux", subject="/etc/app.ini", severity="warning", message="was changed by hand and kept"
    )
    measurement = Measurement(name="disk_free_percent:/", value=Decimal(41), unit="percent", at=AT)
    assert report(text) == ScriptReport(
        changed=("lab-lib 1.0-1 -> 1.0-1+deb12u1",),
        reading=Reading(findings=(finding,), measurements=(measurement,)),
        why="does not run any more: nginx",
    )


def test_output_without_a_report_is_no_report() -> None:
    assert report("all done\nmsphere: changed x y\n  msp: why indented\n") == ScriptReport()


def test_windows_line_ends_are_not_part_of_a_text() -> None:
    assert report("msp: why locked\r\n").why == "locked"


@pytest.mark.parametrize(
    "line",
    [
        "msp: ",
        "msp:changed lab-lib 1 -> 2",
        "msp: finding medium /var is full",
        "msp: measure free 3 percent",
        "msp: finding 2 files are gone",
        "msp: changed",
        "msp: chnaged lab-lib 1 -> 2",
        "msp: finding critical subject-alone",
        "msp: finding catastrophic /var is full",
        "msp: measurement free many percent",
        "msp: measurement free NaN percent",
        "msp: measurement free Infinity percent",
        "msp: measurement free 1e999999999 bytes",
        "msp: measurement free 3",
        "msp: measurement free 3 percent really",
        "msp: why",
    ],
)
def test_a_misspelt_line_is_kept_and_named(line: str) -> None:
    assert report(f"before\n{line}\nafter") == ScriptReport(malformed=(line,))


def test_control_characters_reach_no_screen() -> None:
    assert report("msp: changed a\x1b]0;owned\x07 1 -> 2\u202e\n").changed == ("a\ufffd]0;owned\ufffd 1 -> 2\ufffd",)


@given(
    st.text()
    | st.lists(st.sampled_from(["msp: ", "changed ", "finding ", "critical ", "\n", "x", "9" * 50])).map("".join)
)
@example("msp: measurement x 1e999999999 y")
def test_no_text_of_a_host_breaks_the_reader(text: str) -> None:
    read = report(text)
    everything = (*read.changed, read.why, *read.malformed, *(found.message for found in read.reading.findings))
    assert all(part.isprintable() for part in everything)
