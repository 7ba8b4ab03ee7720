"""What a host says of a parcel, read with distrust: the one line that `standing.sh` writes, then the output."""

import re
from datetime import timedelta
from typing import Literal

from msp_ops.transports.base import Answer, Collected, Ended, Gone, Interrupted, NeverCommitted, Running

FIRST_LINE = 100  # more than the longest line that `standing.sh` writes
HIGHEST_EXIT_CODE = 255
TIMED_OUT = (124, 137)  # what `timeout` answers when it had to stop the script
_ENDED = re.compile(rb"ended (\d{1,3}|-) (\d{1,15}) (in-time|too-long|cancelled) (\d{1,10}|-)")
_RUNNING = re.compile(rb"running (\d{1,10})")
_INTERRUPTED: dict[bytes, Literal["restarted", "killed"]] = {
    b"interrupted restarted": "restarted",
    b"interrupted killed": "killed",
}


def read_standing(answer: Answer) -> Collected | None:
    """None: it cannot be read, which is no answer at all."""
    first, newline, output = answer.output.partition(b"\n")
    if answer.exit_code != 0 or not newline:
        return None
    if ended := _ENDED.fullmatch(first):
        return _ended(ended, output, answer.cut)
    if running := _RUNNING.fullmatch(first):
        return Running(silent_for=_span(running[1]))
    if why := _INTERRUPTED.get(first):
        return Interrupted(why=why)
    match first:
        case b"never":
            return NeverCommitted()
        case b"gone":
            return Gone()
        case _:
            return None


def _ended(said: re.Match[bytes], output: bytes, cut: int) -> Ended | None:
    exit_code = None if said[1] == b"-" else int(said[1])
    if exit_code is not None and exit_code > HIGHEST_EXIT_CODE:
        return None
    return Ended(
        answer=Answer(exit_code=exit_code, output=output, cut=int(said[2]) + cut),
        timed_out=said[3] == b"too-long" and exit_code in TIMED_OUT,
        cancelled=said[3] == b"cancelled",
        took=None if said[4] == b"-" else _span(said[4]),
    )


def _span(hundredths: bytes) -> timedelta:
    return timedelta(milliseconds=10 * int(hundredths))
