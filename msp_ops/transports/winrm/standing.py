"""What a Windows host says of a parcel, read with distrust: the head of the frame, then the output."""

from datetime import timedelta

from msp_ops.transports.base import Answer, Collected, Ended, Gone, Interrupted, NeverCommitted, Running
from msp_ops.transports.winrm.frames import Frame


def read_standing(frame: Frame) -> Collected | None:
    """None: it cannot be read, which is no answer at all."""
    match frame.head:
        case {"is": "ended"}:
            return _ended(frame)
        case {"is": "running"}:
            return Running(silent_for=_span(frame.head.get("silent")))
        case {"is": "interrupted", "why": "restarted" | "killed" as why}:
            return Interrupted(why=why)
        case {"is": "never"}:
            return NeverCommitted()
        case {"is": "gone"}:
            return Gone()
        case _:
            return None


def read_exit(told: object) -> int | None:
    """32 bits, as .NET has them; anything else is known by nobody."""
    return told if isinstance(told, int) and not isinstance(told, bool) and -(2**31) <= told < 2**32 else None


def read_count(told: object) -> int | None:
    return told if isinstance(told, int) and not isinstance(told, bool) and told >= 0 else None


def _ended(frame: Frame) -> Ended | None:
    how, cut = frame.head.get("how"), read_count(frame.head.get("cut"))
    if how not in {"in-time", "too-long", "cancelled"} or cut is None:
        return None
    return Ended(
        answer=Answer(exit_code=read_exit(frame.head.get("exit")), output=frame.body, cut=cut),
        timed_out=how == "too-long",
        cancelled=how == "cancelled",
        took=_span(frame.head.get("took")),
    )


def _span(told: object) -> timedelta | None:
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told < 10**9:
        return None
    return timedelta(seconds=told)
