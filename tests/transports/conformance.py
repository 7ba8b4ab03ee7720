"""What every wire must do. A transport's test file imports all of these and has a `session` fixture."""

import time
import uuid
from datetime import timedelta

from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.transports.base import Ended, Gone, NeverCommitted, Running, Session

BRIEF = timedelta(seconds=20)
LEASE = Lease(store="conformance", token=7)


def parcel(**changes) -> Parcel:
    fields = {"id": f"t-{uuid.uuid4().hex[:12]}", "step": "s", "run_as": "login", "timeout": BRIEF}
    return Parcel(**{**fields, **changes})


def begin(session: Session, script: str, lease: Lease = LEASE, **changes) -> Parcel:
    what = parcel(**changes)
    session.deliver(what, script.encode())
    session.commit(what, lease)
    return what


def carry_out(session: Session, script: str, lease: Lease = LEASE, **changes) -> tuple[Parcel, bytes]:
    what = begin(session, script, lease, **changes)
    return what, b"".join(session.follow(what))


def until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


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
    what = parcel()
    session.deliver(what, f"echo ran >>{tmp_path}/effect\n".encode())
    assert session.collect(what) == NeverCommitted()
    assert not (tmp_path / "effect").exists()
    session.forget(what)
    assert session.collect(what) == Gone()


def test_a_parcel_runs_once_however_often_it_is_committed(session, tmp_path):
    what = parcel()
    for _ in range(3):
        session.deliver(what, f"echo ran >>{tmp_path}/effect\n".encode())
        session.commit(what, LEASE)
    list(session.follow(what))
    assert (tmp_path / "effect").read_text() == "ran\n"
    session.forget(what)


def test_what_a_parcel_says_is_followed_and_can_be_collected_again(session):
    what, said = carry_out(session, "echo one; sleep 0.5; echo two >&2; exit 7\n")
    assert said == b"one\ntwo\n"
    ended = session.collect(what)
    assert isinstance(ended, Ended)
    assert (ended.answer.exit_code, ended.answer.output, ended.cancelled) == (7, b"one\ntwo\n", False)
    assert timedelta(seconds=0.4) < ended.took < timedelta(seconds=10)
    assert b"".join(session.follow(what, from_byte=4)) == b"two\n"
    session.forget(what)
    assert session.collect(what) == Gone()


def test_a_running_parcel_is_told_from_an_ended_one(session, tmp_path):
    what = begin(session, f"while [ ! -e {tmp_path}/go ]; do sleep 0.1; done\n")
    standing = session.collect(what)
    assert isinstance(standing, Running)
    assert standing.silent_for < timedelta(seconds=5)
    session.forget(what)
    assert isinstance(session.collect(what), Running)
    (tmp_path / "go").touch()
    list(session.follow(what))
    assert isinstance(session.collect(what), Ended)
    session.forget(what)


def test_a_parcel_that_takes_too_long_is_stopped_by_the_host_and_says_so(session):
    what, _ = carry_out(session, "sleep 30\n", timeout=timedelta(seconds=1))
    ended = session.collect(what)
    assert isinstance(ended, Ended)
    assert ended.timed_out
    session.forget(what)


def test_a_parcel_floods_without_being_stopped(session):
    what, _ = carry_out(session, "head -c 3000000 /dev/zero; echo end >&2; exit 4\n")
    ended = session.collect(what)
    assert isinstance(ended, Ended)
    assert (ended.answer.exit_code, ended.answer.cut) == (4, 3_000_004 - 1024 * 1024)
    assert len(ended.answer.output) == 1024 * 1024
    session.forget(what)


def test_a_line_is_followed_while_the_script_goes_on(session, tmp_path):
    what = begin(session, f"echo first\nwhile [ ! -e {tmp_path}/go ]; do sleep 0.1; done\necho last\n")
    heard = session.follow(what)
    assert next(filter(None, heard)) == b"first\n"
    (tmp_path / "go").touch()
    assert b"".join(heard) == b"last\n"
    session.forget(what)


def test_following_ends_by_itself_when_its_time_is_over(session, tmp_path):
    what = begin(session, f"echo first\nwhile [ ! -e {tmp_path}/go ]; do sleep 0.1; done\n")
    started = time.monotonic()
    assert b"".join(session.follow(what, at_most=timedelta(seconds=1))) == b"first\n"
    assert 0.5 < time.monotonic() - started < 5
    assert isinstance(session.collect(what), Running)
    (tmp_path / "go").touch()
    list(session.follow(what))
    session.forget(what)


def test_what_a_script_leaves_running_delays_nothing(session):
    started = time.monotonic()
    what, _ = carry_out(session, "sleep 60 &\necho started\nexit 5\n")
    ended = session.collect(what)
    assert isinstance(ended, Ended)
    assert (ended.answer.exit_code, ended.answer.output) == (5, b"started\n")
    assert time.monotonic() - started < 15
    session.forget(what)


def test_an_exit_code_of_124_is_no_lack_of_time(session):
    what, _ = carry_out(session, "exit 124\n")
    ended = session.collect(what)
    assert isinstance(ended, Ended)
    assert (ended.answer.exit_code, ended.timed_out) == (124, False)
    session.forget(what)


def test_the_host_itself_refuses_a_second_change_at_the_same_time(session, tmp_path):
    first = begin(session, f"while [ ! -e {tmp_path}/go ]; do sleep 0.1; done\n")
    second, _ = carry_out(session, f"touch {tmp_path}/second\n")
    refused = session.collect(second)
    (tmp_path / "go").touch()
    list(session.follow(first))
    assert isinstance(refused, Ended)
    assert refused.answer.exit_code == 75
    assert b"another run of msp-ops" in refused.answer.output
    assert not (tmp_path / "second").exists()
    session.forget(first)
    session.forget(second)


def test_a_lease_older_than_one_the_host_has_seen_changes_nothing(session, tmp_path):
    store = f"s-{uuid.uuid4().hex[:8]}"
    ran = {}
    for token in (5, 4, 5, 9, 8):
        lease = Lease(store=store, token=token)
        what, _ = carry_out(session, f"touch {tmp_path}/{token}\n", lease)
        ended = session.collect(what)
        ran.setdefault(token, []).append(ended.answer.exit_code)
        if ended.answer.exit_code:
            assert b"msp: why a younger run of msp-ops holds this host" in ended.answer.output
        session.forget(what)
    assert ran == {5: [0, 0], 4: [75], 9: [0], 8: [75]}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["5", "9"]


def test_the_tokens_of_another_store_do_not_count(session):
    first, second = (f"s-{uuid.uuid4().hex[:8]}" for _ in range(2))
    for store, token in ((first, 9), (second, 1)):
        what, _ = carry_out(session, "true\n", Lease(store=store, token=token))
        assert session.collect(what).answer.exit_code == 0
        session.forget(what)


def test_what_was_withdrawn_never_runs(session, tmp_path):
    what = parcel()
    script = f"touch {tmp_path}/effect\n".encode()
    session.deliver(what, script)
    assert session.withdraw(what) == NeverCommitted()
    session.deliver(what, script)
    session.commit(what, LEASE)
    list(session.follow(what))
    assert session.collect(what) == NeverCommitted()
    assert session.withdraw(what) == session.cancel(what) == NeverCommitted()
    assert not (tmp_path / "effect").exists()
    session.forget(what)
    assert session.collect(what) == Gone()


def test_to_withdraw_or_cancel_what_the_host_does_not_know_leaves_no_trace(session):
    what = parcel()
    assert session.withdraw(what) == session.cancel(what) == session.collect(what) == Gone()


def test_to_withdraw_what_runs_or_has_ended_changes_nothing(session, tmp_path):
    what = begin(session, f"touch {tmp_path}/up; while [ ! -e {tmp_path}/go ]; do sleep 0.1; done; exit 3\n")
    until((tmp_path / "up").exists)
    assert isinstance(session.withdraw(what), Running)
    (tmp_path / "go").touch()
    list(session.follow(what))
    assert session.withdraw(what).answer.exit_code == session.cancel(what).answer.exit_code == 3
    session.forget(what)


def test_cancel_ends_a_whole_tree_of_processes_and_what_does_not_listen(session, tmp_path):
    nap = f"sleep 9{uuid.uuid4().int % 10**6:06}"
    script = f"""
echo began
setsid sh -c 'trap "" TERM; {nap}; {nap}' &
setsid {nap} &
env -i bash -c 'set -m; {nap} & wait' &
touch {tmp_path}/up
{nap}
"""
    what = begin(session, script, timeout=timedelta(minutes=5))
    until((tmp_path / "up").exists)
    started = time.monotonic()
    ended = session.cancel(what)
    assert isinstance(ended, Ended)
    assert (ended.cancelled, ended.timed_out, ended.answer.output) == (True, False, b"began\n")
    assert ended.answer.exit_code != 0
    assert time.monotonic() - started < 25
    assert session.ask(f"pgrep -fx '{nap}'\n".encode(), "login", BRIEF).output == b""
    assert session.collect(what) == ended
    session.forget(what)
