"""The outbox's own rules: once queued, one process at a time, patience that grows, nothing silently gone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.outbox import BUSY_FOR, GIVE_UP_AFTER, Ending, Message, pause_after
from tests.store.cast import NOON

MINUTE = timedelta(minutes=1)
SENT, REFUSED = Ending(kind="sent", there="77"), Ending(kind="refused", said="400 no such ticket")
NOT_SENT, UNKNOWN = Ending(kind="not-sent", said="no connection"), Ending(kind="unknown", said="no answer")


def message(name="1", target="kimai", **changes):
    known = {"id": f"psa/{target}/{name}", "kind": "psa", "target": target, "client_id": "acme"}
    return Message(**{**known, "about": f"entry {name}", "body": f'{{"id": "{name}"}}', **changes})


def queue(store, *messages):
    return [*store.outbox.queue(messages, "kim").values()]


def tried(store, ending, target="kimai"):
    claim = store.outbox.claim("psa", target)
    return store.outbox.finish(claim, ending)


def words(queued):
    return [each.what for each in queued.history]


def test_the_same_thing_queued_twice_is_one_message(store):
    assert queue(store, message()) == ["new"]
    assert queue(store, message(), message("2")) == ["known", "new"]
    assert [each.message for each in store.outbox.list()] == [message(), message("2")]


def test_one_process_has_a_message_and_the_next_goes_to_another(opener):
    first, second = opener(), opener(pid=2)
    queue(first, message(), message("2"))
    claims = [each.outbox.claim("psa", "kimai") for each in (first, second, first)]
    assert [claim and claim.message.id for claim in claims] == ["psa/kimai/1", "psa/kimai/2", None]


def test_what_was_taken_is_kept_with_the_targets_own_name_for_it(store):
    queue(store, message())
    done = tried(store, SENT)
    assert (done.state, done.there, words(done)) == ("sent", "77", ["queued", "sent"])
    assert store.outbox.claim("psa", "kimai") is None
    for change in (
        lambda: store.outbox.retry("psa/kimai/1", "kim"),
        lambda: store.outbox.drop("psa/kimai/1", "k", "-"),
    ):
        with pytest.raises(PlanError, match="was sent: kimai has it as 77"):
            change()


def test_the_pause_is_a_minute_and_doubles_to_six_hours():
    assert [pause_after(tries) / MINUTE for tries in (1, 2, 3, 9, 10, 1000)] == [1, 2, 4, 256, 360, 360]


def test_a_target_that_is_down_is_left_alone_for_longer_each_time_and_only_one_message_tries(store, clock):
    queue(store, *(message(str(number)) for number in range(50)))
    pauses = []
    for _ in range(8):
        start = clock.now()
        tried(store, NOT_SENT)
        assert store.outbox.claim("psa", "kimai") is None
        while not store.outbox.due_targets():
            clock.move(MINUTE)
        pauses.append((clock.now() - start) / MINUTE)
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128]
    tried(store, SENT)
    assert sum(store.outbox.claim("psa", "kimai") is not None for _ in range(60)) == 49


def test_a_message_that_cannot_be_sent_does_not_starve_the_others_of_its_target(store, clock):
    queue(store, message("0-bad"), message("1-good"))
    tried(store, NOT_SENT)
    clock.move(MINUTE)
    assert store.outbox.claim("psa", "kimai").message.id == "psa/kimai/1-good"


def test_a_target_that_rests_holds_up_no_other(store):
    queue(store, message(), message(target="syncro"))
    tried(store, NOT_SENT)
    assert store.outbox.due_targets() == [("psa", "syncro")]


def test_a_target_that_asks_for_patience_gets_it_but_not_for_ever(store, clock):
    queue(store, message(), message(target="syncro"))
    first = tried(store, replace(NOT_SENT, again_after=timedelta(minutes=42)))
    second = tried(store, replace(NOT_SENT, again_after=timedelta(days=400)), "syncro")
    assert [each.next_at - clock.now() for each in (first, second)] == [timedelta(minutes=42), timedelta(days=1)]


def test_what_may_be_there_is_left_alone_as_long_as_the_target_may_be_busy_with_it(store, clock):
    queue(store, message(busy_for=timedelta(hours=1)))
    assert tried(store, UNKNOWN).next_at - clock.now() == timedelta(hours=1)
    clock.move(timedelta(minutes=59))
    assert store.outbox.claim("psa", "kimai") is None
    clock.move(MINUTE)
    assert store.outbox.claim("psa", "kimai").was == "unknown"


def test_unknown_stays_unknown_until_the_target_was_heard(store, clock):
    queue(store, message())
    tried(store, UNKNOWN)
    clock.move(timedelta(hours=1))
    assert tried(store, NOT_SENT).state == "unknown"


def test_what_a_dead_process_was_sending_is_unknown_for_all_who_read(opener, clock, dead):
    first, second = opener(), opener(pid=2)
    queue(first, message())
    first.outbox.claim("psa", "kimai")
    assert second.outbox.read("psa/kimai/1").state == "sending"
    dead.add(1)
    assert second.outbox.read("psa/kimai/1").state == "unknown"
    assert second.outbox.due_targets() == [("psa", "kimai")]
    assert second.outbox.claim("psa", "kimai") is None, "the target may be busy with it"
    clock.move(BUSY_FOR)
    again = second.outbox.claim("psa", "kimai")
    assert (again.was, again.number) == ("unknown", 3)


def test_who_was_taken_for_dead_and_wakes_holds_nothing_and_ends_nothing(opener, clock, dead):
    sleeper, other = opener(), opener(pid=2)
    queue(sleeper, message())
    claim = sleeper.outbox.claim("psa", "kimai")
    assert sleeper.outbox.holds(claim)
    dead.add(1)
    other.outbox.claim("psa", "kimai")
    dead.clear()
    assert not sleeper.outbox.holds(claim)
    clock.move(BUSY_FOR)
    assert other.outbox.claim("psa", "kimai") is not None
    late = sleeper.outbox.finish(claim, SENT)
    assert (late.state, late.there, words(late)) == ("sending", None, ["queued", "sent", "trying"])


def test_a_living_process_that_never_says_how_it_went_loses_it(store, clock):
    queue(store, message())
    claim = store.outbox.claim("psa", "kimai")
    for _ in range(31):
        clock.move(timedelta(seconds=30))
        store.journal._processes.beat()
    assert store.outbox.read("psa/kimai/1").state == "unknown"
    assert store.outbox.claim("psa", "kimai") is None
    assert not store.outbox.holds(claim)


def test_a_refusal_waits_for_a_person_and_keeps_the_words(store, clock):
    queue(store, message())
    done = tried(store, REFUSED)
    assert (done.state, done.last_said, done.is_dead(clock.now())) == ("refused", "400 no such ticket", True)
    clock.move(timedelta(days=3))
    assert store.outbox.due_targets() == []
    again = store.outbox.retry("psa/kimai/1", "olga")
    assert (again.state, again.history[-1].what, again.history[-1].by) == ("waiting", "retry", "olga")
    assert tried(store, SENT).state == "sent"


def test_after_a_week_nobody_tries_any_more_and_a_person_is_shown_why(store, clock):
    queue(store, message())
    tries = 0
    while clock.now() < NOON + GIVE_UP_AFTER:
        if store.outbox.due_targets():
            tried(store, NOT_SENT)
            tries += 1
        clock.move(timedelta(minutes=30))
    (shown,) = store.outbox.list()
    assert shown.is_dead(clock.now())
    assert (shown.state, shown.last_said) == ("waiting", "no connection")
    assert 30 < tries < 50
    assert store.outbox.due_targets() == []
    store.outbox.retry("psa/kimai/1", "kim")
    assert store.outbox.due_targets() == [("psa", "kimai")]


def test_a_person_cannot_hasten_what_the_target_may_be_busy_with(store, clock):
    queue(store, message())
    tried(store, UNKNOWN)
    clock.move(MINUTE)
    again = store.outbox.retry("psa/kimai/1", "kim")
    assert (again.state, again.next_at - clock.now()) == ("unknown", BUSY_FOR - MINUTE)


def test_what_is_dropped_keeps_who_and_why_and_may_come_back(store):
    queue(store, message())
    gone = store.outbox.drop("psa/kimai/1", "olga", "entered by hand")
    assert (gone.state, gone.history[-1].by, gone.last_said) == ("dropped", "olga", "entered by hand")
    assert store.outbox.due_targets() == []
    assert queue(store, message()) == ["known"]
    with pytest.raises(PlanError, match="was dropped before: entered by hand"):
        store.outbox.drop("psa/kimai/1", "kim", "again")
    assert store.outbox.retry("psa/kimai/1", "kim").state == "waiting"


def test_what_is_being_sent_is_not_changed_by_a_person(store):
    queue(store, message())
    store.outbox.claim("psa", "kimai")
    for change in (
        lambda: store.outbox.retry("psa/kimai/1", "kim"),
        lambda: store.outbox.drop("psa/kimai/1", "k", "-"),
    ):
        with pytest.raises(NotPermitted, match="being sent in this moment"):
            change()


@pytest.mark.parametrize(
    ("ending", "became"), [(None, "corrected"), (REFUSED, "corrected"), (SENT, "differs"), (UNKNOWN, "differs")]
)
def test_a_correction_counts_where_nothing_is_there_yet(store, ending, became):
    queue(store, message())
    if ending:
        tried(store, ending)
    assert queue(store, message(body='{"id": "1", "user": 3}')) == [became]
    known = store.outbox.read("psa/kimai/1")
    assert (known.message.body == '{"id": "1", "user": 3}') == (became == "corrected")
    assert (known.state == "waiting") == (became == "corrected")


def test_a_message_that_is_not_there_is_told_with_what_was_meant(store):
    queue(store, message())
    with pytest.raises(PlanError, match="did you mean 'psa/kimai/1'"):
        store.outbox.retry("psa/kimi/1", "kim")
