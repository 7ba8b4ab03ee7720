"""What comes from a Windows host, read without a wire: frames, CLIXML, how a parcel stands."""

import base64
import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from msp_ops.domain.errors import LinkLost
from msp_ops.lab.winrm.played import frame
from msp_ops.transports.base import Ended, Gone, Interrupted, NeverCommitted, Running
from msp_ops.transports.winrm.clixml import errors_in, read_stderr
from msp_ops.transports.winrm.frames import Frame, Frames
from msp_ops.transports.winrm.standing import read_standing

NONCE = {"nonce": "n1"}
FRAME = frame(NONCE, {"exit": 0}, b"\xff\x00body ##MSP1 MSP1##")


def frames(most=10_000):
    return Frames("n1", most)


def read(data):
    return [(each.head["exit"], each.body) for each in frames().feed(data)]


@given(some.lists(some.integers(1, len(FRAME)), max_size=5))
def test_a_frame_is_the_same_however_it_is_cut(cuts):
    reader, found, at = frames(), [], 0
    data = b"Profile loaded.\r\n" + FRAME + b"bye"
    for cut in [*sorted(cuts), len(data)]:
        found += reader.feed(data[at:cut])
        at = cut
    assert [(each.head["exit"], each.body) for each in found] == [(0, b"\xff\x00body ##MSP1 MSP1##")]


@pytest.mark.parametrize(
    "changed",
    [
        b"\xef\xbb\xbf" + FRAME,
        FRAME.replace(b"\n", b"\r\n"),
        FRAME[:-40] + b"\r\n" + FRAME[-40:],
        b"Willkommen, M\x81ller\r\n" + FRAME + b"logoff\r\n",
    ],
    ids=["byte order mark", "line ends", "wrapped", "noise in another code page"],
)
def test_what_windows_does_to_text_does_not_touch_it(changed):
    assert read(changed) == [(0, b"\xff\x00body ##MSP1 MSP1##")]


def test_a_byte_that_is_missing_or_changed_is_a_lost_answer():
    for at in range(FRAME.index(b" "), FRAME.rindex(b" MSP1##")):
        for damaged in (FRAME[:at] + FRAME[at + 1 :], FRAME[:at] + b"A" + FRAME[at + 1 :]):
            if damaged == FRAME:
                continue
            try:
                assert read(damaged) == []
            except LinkLost as lost:
                told = str(lost)
                assert "lost on its way" in told  # it may be noticed in either way


def test_a_frame_of_another_question_is_no_answer():
    assert read(frame({"nonce": "n2"}, {"exit": 0})) == []
    whole = b"[1, 2]\nbody"
    sent = f"##MSP1 {len(whole)} {hashlib.sha256(whole).hexdigest()} {base64.b64encode(whole).decode()} MSP1##"
    assert read(sent.encode()) == []


def test_a_frame_without_end_is_not_waited_for_for_ever():
    with pytest.raises(LinkLost, match="no end"):
        list(frames(most=100).feed(b"##MSP1 " + b"x" * 200))


# recorded: diyan/pywinrm, tests/test_session.py, shortened
PROGRESS = (
    b'#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
    b'<Obj S="progress" RefId="0"><TN RefId="0"><T>System.Management.Automation.PSCustomObject</T><T>System.Object</T>'
    b'</TN><MS><I64 N="SourceId">1</I64><PR N="Record"><AV>Preparing modules for first use.</AV><AI>0</AI><Nil />'
    b"<PI>-1</PI><PC>-1</PC><T>Completed</T><SR>-1</SR><SD> </SD></PR></MS></Obj>"
)
ERROR = (
    b"<S S=\"Error\">fake : The term 'fake' is not recognized as the name of a cmdlet._x000D__x000A_</S>"
    b'<S S="Error">At line:1 char:1_x000D__x000A_</S></Objs>'
)


def test_an_error_in_clixml_is_read_and_progress_is_nothing():
    assert errors_in(PROGRESS + b"</Objs>") == ""
    assert read_stderr(PROGRESS + b"</Objs>") == ()
    assert errors_in(PROGRESS + ERROR).splitlines() == [
        "fake : The term 'fake' is not recognized as the name of a cmdlet.",
        "At line:1 char:1",
    ]


@pytest.mark.parametrize("mark", [b"#< CLIXML\r\n", b"#< CLIXML\n", b""])
def test_clixml_may_come_in_parts_with_any_line_end(mark):
    one = b'<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">%b</Objs>'
    parts = (
        b'<S S="Warning">careful</S>',
        b'<S S="error">_xD83D__xDE00_ &lt;</S>',
        b'<Obj S="information"><ToString>i</ToString></Obj>',
    )
    said = read_stderr(b"before\r\n" + b"".join(mark + one % part for part in parts) + b"after")
    assert [(each.stream, each.text) for each in said] == [
        ("", "before"),
        ("Warning", "careful"),
        ("Error", "\U0001f600 <"),
        ("Information", "i"),
        ("", "after"),
    ]


@pytest.mark.parametrize("damaged", [b"#< CLIXML\r\n<Objs><S S=", b"<Objs ><S</Objs>", b"\xff\xfe", b"plain text"])
def test_what_is_no_clixml_comes_as_it_is(damaged):
    assert all(each.stream == "" for each in read_stderr(damaged))
    assert errors_in(damaged)


@given(some.binary())
def test_no_bytes_on_standard_error_break_us(data):
    errors_in(b"#< CLIXML\r\n<Objs>" + data + b"</Objs>")


def standing(**head):
    return read_standing(Frame(head=head, body=b"said"))


def test_how_a_parcel_stands():
    ended = standing(**{"is": "ended"}, exit=-1073741510, how="in-time", took=1.5, cut=3)
    assert isinstance(ended, Ended)
    assert (ended.answer.exit_code, ended.answer.output, ended.answer.cut) == (-1073741510, b"said", 3)
    assert (ended.took, ended.timed_out, ended.cancelled) == (timedelta(seconds=1.5), False, False)
    assert standing(**{"is": "ended"}, exit=1, how="too-long", took=None, cut=0).timed_out
    cancelled = standing(**{"is": "ended"}, exit=None, how="cancelled", took=None, cut=0)
    assert (cancelled.cancelled, cancelled.answer.exit_code) == (True, None)
    assert standing(**{"is": "running"}, silent=2) == Running(silent_for=timedelta(seconds=2))
    assert standing(**{"is": "interrupted"}, why="restarted") == Interrupted(why="restarted")
    assert (standing(**{"is": "never"}), standing(**{"is": "gone"})) == (NeverCommitted(), Gone())


@pytest.mark.parametrize(
    "head",
    [
        {},
        {"is": "fine"},
        {"is": "interrupted", "why": "x"},
        {"is": "ended", "exit": 0},
        {"is": "ended", "exit": 0, "how": "in-time", "cut": -1},
        {"is": "ended", "exit": 0, "how": "well", "cut": 0},
        {"is": "ended", "exit": 0, "how": "in-time", "cut": True},
    ],
)
def test_what_cannot_be_read_is_no_answer(head):
    assert standing(**head) is None


@pytest.mark.parametrize("code", ["0", 0.0, True, 2**40, None, [0]])
def test_an_exit_code_that_is_none_is_known_by_nobody(code):
    assert standing(**{"is": "ended"}, exit=code, how="in-time", took=1, cut=0).answer.exit_code is None
