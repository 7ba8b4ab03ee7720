"""What every wire must do. A transport's test file imports all of these and has a `session` fixture."""

import time
import uuid
from datetime import timedelta

from msp_ops.transports.base import Ended, Gone, NeverCommitted, Parcel, Running, Session

BRIEF = timedelta(seconds=20)


def parcel(script: str, **changes) -> Parcel:
    fields = {"id": f"t-{uuid.uuid4().hex[:12]}", "script": script.encode(), "run_as": "login", "timeout": BRIEF}
    return Parcel(**{**fields, **changes})


def carry_out(session: Session, what: Parcel) -> bytes:
    session.deliver(what)
    session.commit(what)
    return b"".join(session.follow(what))


def test_a_question_comes_back_with_its_output_and_exit_code(session):
    answer = session.ask(b"echo here; echo there >&2; exit 3\n", "login", BRIEF)
    assert (answer.exit_code, answer.output, answer.cut) == (3, b"here\nthere\n", 0)


def test_bytes_that_are_no_text_arrive_as_they_are(session):
    assert session.ask(b"printf '\\377\\376\\036x\\000y'\n", "login", BRIEF).output == b"\xff\xfe\x1ex\x00y"


def test_a_flood_is_cut_and_counted(session):
    answer = session.ask(b"head -c 5000000 /dev/zero\n", "login", BRIEF)
    assert (len(answer.output), answer.cut) == (1024 * 1024, 5_000_000 - 1024 * 1024)
    assert answer.exit_code == 0


def test_a_hundred_kilobyte_script_arrives_whole(session):
    script = b"x='" + b"a" * 100_000 + b"'\necho ${#x}\n"
    assert session.ask(script, "login", BRIEF).output == b"100000\n"


def test_a_parcel_runs_only_after_its_commit(session, tmp_path):
    what = parcel(f"echo ran >>{tmp_path}/effect\n")
    session.deliver(what)
    assert session.collect(what) == NeverCommitted()
    assert not (tmp_path / "effect").exists()
    session.forget(what)
    assert session.collect(what) == Gone()


def test_a_parcel_runs_once_however_often_it_is_committed(session, tmp_path):
    what = parcel(f"echo ran >>{tmp_path}/effect\n")
    for _ in range(3):
        session.deliver(what)
        session.commit(what)
    list(session.follow(what))
    assert (tmp_path / "effect").read_text() == "ran\n"
    session.forget(what)


def test_what_a_parcel_says_is_followed_and_can_be_collected_again(session):
    what = parcel("echo one; sleep 0.5; echo two >&2; exit 7\n")
    assert carry_out(session, what) == b"one\ntwo\n"
    ended = session.collect(what)
    assert isinstance(ended, Ended)
    assert (ended.answer.exit_code, ended.answer.output) == (7, b"one\ntwo\n")
    assert b"".join(session.follow(what, from_byte=4)) == b"two\n"
    session.forget(what)
    assert session.collect(what) == Gone()


def test_a_running_parcel_is_told_from_an_ended_one(session, tmp_path):
    what = parcel(f"while [ ! -e {tmp_path}/go ]; do sleep 0.1; done\n")
    session.deliver(what)
    session.commit(what)
    assert session.collect(what) == Running()
    (tmp_path / "go").touch()
    list(session.follow(what))
    assert isinstance(session.collect(what), Ended)
    session.forget(what)


def test_a_parcel_that_takes_too_long_is_stopped_by_the_host_and_says_so(session):
    what = parcel("sleep 30\n", timeout=timedelta(seconds=1))
    carry_out(session, what)
    ended = session.collect(what)
    assert isinstance(ended, Ended)
    assert ended.timed_out
    session.forget(what)


def test_a_parcel_floods_without_being_stopped(session):
    what = parcel("head -c 3000000 /dev/zero; echo end >&2; exit 4\n")
    carry_out(session, what)
    ended = session.collect(what)
    assert isinstance(ended, Ended)
    assert (ended.answer.exit_code, ended.answer.cut) == (4, 3_000_004 - 1024 * 1024)
    session.forget(what)


def test_a_line_is_followed_while_the_script_goes_on(session, tmp_path):
    what = parcel(f"echo first\nwhile [ ! -e {tmp_path}/go ]; do sleep 0.1; done\necho last\n")
    session.deliver(what)
    session.commit(what)
    heard = session.follow(what)
    assert next(heard) == b"first\n"
    (tmp_path / "go").touch()
    assert b"".join(heard) == b"last\n"
    session.forget(what)


def test_what_a_script_leaves_running_delays_nothing(session):
    what = parcel("sleep 60 &\necho started\nexit 5\n")
    started = time.monotonic()
    carry_out(session, what)
    ended = session.collect(what)
    assert isinstance(ended, Ended)
    assert (ended.answer.exit_code, ended.answer.output) == (5, b"started\n")
    assert time.monotonic() - started < 15
    session.forget(what)


def test_an_exit_code_of_124_is_no_lack_of_time(session):
    what = parcel("exit 124\n")
    carry_out(session, what)
    ended = session.collect(what)
    assert isinstance(ended, Ended)
    assert (ended.answer.exit_code, ended.timed_out) == (124, False)
    session.forget(what)


def test_the_host_itself_refuses_a_second_change_at_the_same_time(session, tmp_path):
    first, second = parcel(f"while [ ! -e {tmp_path}/go ]; do sleep 0.1; done\n"), parcel(f"touch {tmp_path}/second\n")
    session.deliver(first)
    session.commit(first)
    carry_out(session, second)
    refused = session.collect(second)
    (tmp_path / "go").touch()
    list(session.follow(first))
    assert isinstance(refused, Ended)
    assert refused.answer.exit_code == 75
    assert b"another run of msp-ops" in refused.answer.output
    assert not (tmp_path / "second").exists()
    session.forget(first)
    session.forget(second)
