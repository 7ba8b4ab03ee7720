"""The fake keeps the rules of the real wires, and can play what goes wrong with them."""

from datetime import timedelta

import pytest

from msp_ops.domain.client import Credential, Host
from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.domain.parcel import Lease, Parcel
from msp_ops.transports.base import Answer, Ended, Gone, Interrupted, NeverCommitted, Running, Target
from msp_ops.transports.fake import FakeHost, FakeTransport

TARGET = Target(who="acme/a", host=Host(id="a", address="a"), credential=Credential(user="ops"))
PARCEL = Parcel(id="p-1", step="s", run_as="root", timeout=timedelta(minutes=1))
SECOND = Parcel(id="p-2", step="s", run_as="root", timeout=timedelta(minutes=1))


def open_session(host):
    return FakeTransport({"a": host}).connect(TARGET)


def begin(host, parcel=PARCEL, token=1):
    session = open_session(host)
    session.deliver(parcel, b"true\n")
    session.commit(parcel, Lease(store="s", token=token))
    return session


def test_it_runs_once_after_its_commit_and_is_forgotten():
    host = FakeHost(changed=lambda script: Answer(exit_code=3, output=script.encode()))
    session = begin(host)
    session.commit(PARCEL, Lease(store="s", token=1))
    assert host.ran == {"p-1": 1}
    assert b"".join(session.follow(PARCEL, 2)) == b"ue\n"
    assert session.collect(PARCEL) == session.withdraw(PARCEL) == session.cancel(PARCEL)
    session.forget(PARCEL)
    assert session.collect(PARCEL) == Gone()


def test_what_was_never_delivered_stays_gone_and_cannot_be_committed():
    session = open_session(FakeHost())
    assert session.withdraw(PARCEL) == session.cancel(PARCEL) == session.collect(PARCEL) == Gone()
    with pytest.raises(LinkLost):
        session.commit(PARCEL, Lease(store="s", token=1))


@pytest.mark.parametrize("verb", ["withdraw", "cancel"])
def test_what_was_withdrawn_never_runs(verb):
    host = FakeHost()
    session = open_session(host)
    session.deliver(PARCEL, b"true\n")
    assert getattr(session, verb)(PARCEL) == NeverCommitted()
    session.commit(PARCEL, Lease(store="s", token=1))
    assert (session.collect(PARCEL), host.ran) == (NeverCommitted(), {})


def test_it_is_found_running_so_often_and_bars_the_others_meanwhile():
    host = FakeHost(busy_for=2)
    session = begin(host)
    assert list(session.follow(PARCEL, at_most=timedelta(seconds=1))) == []
    begin(host, SECOND)
    assert b"another run" in session.collect(SECOND).answer.output
    assert [session.collect(PARCEL) for _ in range(2)] == [Running(), Running()]
    assert isinstance(session.collect(PARCEL), Ended)
    assert host.ran == {"p-1": 1}


def test_cancel_stops_what_runs():
    session = begin(FakeHost(busy_for=5))
    assert session.cancel(PARCEL).cancelled
    assert session.collect(PARCEL).cancelled


def test_following_without_a_limit_waits_for_the_end():
    session = begin(FakeHost(busy_for=5, changed=lambda _: Answer(exit_code=0, output=b"x")))
    assert list(session.follow(PARCEL)) == [b"x"]
    assert isinstance(session.collect(PARCEL), Ended)


@pytest.mark.parametrize("ends_as", [Gone(), Interrupted(why="restarted"), Interrupted(why="killed")])
def test_it_can_come_to_no_end(ends_as):
    assert begin(FakeHost(ends_as=ends_as)).collect(PARCEL) == ends_as


def test_it_refuses_an_older_lease_and_can_be_blocked():
    host = FakeHost()
    begin(host, token=5)
    assert begin(host, SECOND, token=4).collect(SECOND).answer.exit_code == 75
    refused = begin(FakeHost(blocked_by="dpkg is locked")).collect(PARCEL)
    assert (refused.answer.exit_code, refused.answer.output) == (75, b"msp: why dpkg is locked\n")


@pytest.mark.parametrize(
    "moment", ["deliver", "commit", "after commit", "follow", "collect", "withdraw", "cancel", "forget"]
)
def test_the_link_breaks_once_at_each_moment(moment):
    host = FakeHost(cut_at=moment)

    def play():
        session = begin(host)
        list(session.follow(PARCEL))
        for verb in (session.collect, session.withdraw, session.cancel, session.forget):
            verb(PARCEL)

    with pytest.raises(LinkLost, match=moment):
        play()
    play()
    assert host.ran["p-1"] in {1, 2}


def test_it_can_be_down_for_a_while():
    host = FakeHost(down_for=2)
    for _ in range(2):
        with pytest.raises(NotReached) as caught:
            open_session(host)
        assert caught.value.again
    assert open_session(host).collect(PARCEL) == Gone()
