"""What is proved about a host, from what was heard of it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.domain.client import Credential, Host
from msp_ops.playbooks.cutting import LONGEST, the_beginning, the_end
from msp_ops.playbooks.heard import MOST, heard
from msp_ops.playbooks.job import Playbook, PlaybookJob
from msp_ops.playbooks.plays import Play
from msp_ops.playbooks.tally import Tally
from msp_ops.transports.base import Target

REFUSED = "Failed to connect to the host via ssh: ssh: connect to host 10.0.0.1 port 22: Connection refused"
LOST = "Data could not be sent to remote host. Make sure this host can be reached over ssh: Shared connection closed."


def target(host_id):
    return Target(who=f"acme/{host_id}", host=Host(id=host_id, address="10.0.0.1"), credential=Credential(user="root"))


def tally(*names, check=False, output_bytes=1000, plays=None):
    job = PlaybookJob(
        what=Playbook(folder=Path(), file="site.yml"),
        hosts=tuple(target(name) for name in names),
        groups={},
        variables={},
        check=check,
        timeout=timedelta(minutes=1),
        workspace=Path(),
        output_bytes=output_bytes,
    )
    made = Tally(
        job, lambda said: re.sub(rb"swordfish|sword  fish", b"[secret]", said), plays or [Play(name="all", hosts=names)]
    )
    list(made.hear({"kind": "play", "play": "p1"}))
    return made


def tell(made, host, status, text="", task="t", action="command"):
    told = {"kind": "task", "host": host, "play": "all", "task": task, "action": action, "status": status, "text": text}
    return list(made.hear(told))


def stats(made, failed=(), unreachable=()):
    counts = {"failed": dict.fromkeys(failed, 1), "unreachable": dict.fromkeys(unreachable, 1)}
    list(made.hear({"kind": "stats", **counts}))


def ends(made, killed=None, exit_code=0, said=""):
    return {end.host_id: (end.outcome.word, end.reason) for end in made.ends(killed, exit_code, said)}


@pytest.mark.parametrize(
    ("text", "action", "before", "check", "outcome"),
    [
        (REFUSED, "command", False, False, "not reached"),
        (LOST, "command", False, False, "unknown"),
        (LOST, "gather_facts", False, False, "not reached"),
        (REFUSED, "command", True, False, "unknown"),
        (LOST, "gather_facts", True, False, "unknown"),
        (LOST, "command", True, True, "not reached"),
    ],
)
def test_a_lost_link_is_not_reached_only_when_nothing_can_have_run(text, action, before, check, outcome):
    made = tally("a", check=check)
    if before:
        tell(made, "a", "ok")
    tell(made, "a", "started", action=action)
    tell(made, "a", "unreachable", text, action=action)
    stats(made, unreachable=["a"])
    assert ends(made, exit_code=4)["a"][0] == outcome


def test_killed_in_the_middle_is_unknown_and_before_anything_it_is_deferred():
    made = tally("a", "b", "c")
    tell(made, "a", "started", task="apt upgrade")
    tell(made, "b", "ok")
    assert ends(made, killed="Ada said stop", exit_code=None) == {
        "a": ("unknown", "Ada said stop, in the middle of 'apt upgrade'"),
        "b": ("unknown", "Ada said stop, in the middle of 'the playbook'"),
        "c": ("deferred", "Ada said stop, before anything began here"),
    }


def test_a_check_that_was_killed_changed_nothing():
    made = tally("a", check=True)
    tell(made, "a", "started")
    assert ends(made, killed="stopped", exit_code=None) == {"a": ("unverified", "stopped; nothing was changed")}


@pytest.mark.parametrize(("check", "outcome"), [(True, "succeeded"), (False, "skipped")])
def test_a_check_that_foresees_nothing_was_a_look_and_a_run_that_did_nothing_is_no_success(check, outcome):
    made = tally("a", check=check)
    tell(made, "a", "skipped")
    stats(made)
    assert ends(made)["a"][0] == outcome
    assert "every task was skipped here" in ends(made)["a"][1]


def test_what_ansible_gave_up_for_is_its_first_error_and_none_of_its_warnings():
    made = tally("a")
    tell(made, "a", "ok")
    said = "[WARNING]: old\nOrigin: /x/old.yml:1:1\n[ERROR]: 'x' is\nundefined\nOrigin: /x/site.yml:4:8\n3  - y\n"
    why = "ansible-playbook gave up (1): /x/site.yml:4:8: 'x' is undefined; what follows was not done here"
    assert ends(made, exit_code=1, said=said) == {"a": ("failed", why)}


def test_what_came_to_its_end_before_the_stop_counts_as_it_ended():
    made = tally("a")
    tell(made, "a", "changed")
    stats(made)
    assert ends(made, killed="too late", exit_code=0)["a"][0] == "succeeded"


def test_ansible_that_gives_up_by_itself_is_no_success_for_anybody():
    made = tally("a", "b")
    tell(made, "a", "ok")
    tell(made, "b", "started", task="long")
    assert ends(made, exit_code=250, said="ERROR! oops") == {
        "a": ("failed", "ansible-playbook gave up (250): ERROR! oops; what follows was not done here"),
        "b": ("unknown", "ansible-playbook gave up (250): ERROR! oops, in the middle of 'long'"),
    }


def test_a_rescued_host_is_good_and_a_failed_one_says_its_last_failure():
    made = tally("a", "b")
    for host in ("a", "b"):
        tell(made, host, "failed", "first", task="try")
    tell(made, "b", "failed", "second\nline", task="rescue")
    list(made.hear({"kind": "whole", "hosts": ["a"]}))
    stats(made, failed=["b"])
    assert ends(made, exit_code=2) == {"a": ("succeeded", ""), "b": ("failed", "rescue: second line")}


def test_a_later_play_that_never_began_makes_no_host_green():
    made = tally("a", "b", plays=[Play(name="one", hosts=("a", "b")), Play(name="two", hosts=("a", "b"))])
    tell(made, "a", "ok")
    list(made.hear({"kind": "play", "play": "p1"}))  # the second batch of it
    tell(made, "b", "failed", "x")
    stats(made, failed=["b"])
    assert ends(made, exit_code=2)["a"][0] == "failed"


def test_an_earlier_batch_of_the_last_play_is_done_when_a_later_one_fails():
    made = tally("a", "b")
    tell(made, "a", "ok")
    list(made.hear({"kind": "play", "play": "p1"}))
    tell(made, "b", "failed", "x")
    stats(made, failed=["b"])
    assert [outcome for outcome, _ in ends(made, exit_code=2).values()] == ["succeeded", "failed"]


def test_a_flood_is_cut_and_counted_and_no_secret_is_halved_by_the_cut():
    made = tally("a", output_bytes=100)
    (said,) = tell(made, "a", "ok", "x" * 3995 + "swordfish" + "y" * 5000)
    assert "sword" not in said.text
    assert said.text.endswith("characters more)")
    stats(made)
    (end,) = made.ends(None, 0, "")
    assert (len(end.evidence.body), end.evidence.cut > 3000) == (100, True)


def test_another_host_in_an_answer_is_nobody_of_ours():
    made = tally("a")
    assert tell(made, "localhost", "ok") == []


def event(kind, **data):
    return {
        "event": kind,
        "event_data": {"host": "a", "task": "t", "play": "p", **data},
        "stdout": data.pop("shown", ""),
    }


def test_a_hidden_answer_says_nothing_but_whether_it_changed():
    told = heard(event("runner_on_ok", res={"censored": "the output has been hidden"}, shown="changed: [a]"))
    assert told is not None
    assert (told["status"], told["text"]) == ("changed", "(hidden by no_log)")


@pytest.mark.parametrize("before", ["a line\n" * MOST, "no line at all " * MOST], ids=["lines", "one line"])
def test_a_flood_is_cut_where_no_secret_is_cut_in_two(before):
    """Whoever masks it later knows the whole secret, not its first half."""
    for begun in range(1, len("swordfish")):
        said = f"{before[: MOST - begun]}swordfish\n"
        told = heard(event("runner_on_ok", res={"stdout": said}))
        assert MOST - LONGEST - 1 <= len(told["text"]) <= MOST
        assert "s" not in told["text"][-9:].replace("swordfish", "")


def test_the_last_words_begin_where_no_secret_is_cut_in_two():
    for kept in range(1, len("swordfish")):
        for after in ("\nan error\n" * 200, "x" * LONGEST * 2):
            words = the_end(f"is swordfish{after}", len(after) + kept)
            assert "fish" not in words
            assert words.endswith(after[-20:])
    assert the_end("short", 5) == the_beginning("short", 5) == "short"


def test_what_ansible_gave_up_with_is_masked_before_it_is_put_on_one_line():
    said = "[ERROR]: it is\n no sword  fish"
    assert ends(tally("a"), exit_code=4, said=said)["a"][1].startswith(
        "ansible-playbook gave up (4): it is no [secret]"
    )


def test_strange_answers_are_text_all_the_same():
    answers = (
        {"msg": ["a", 1], "stderr": "e\n", "results": [{"failed": True, "msg": "m", "_ansible_item_label": 7}, "x"]},
        None,
    )
    assert [heard(event("runner_on_failed", res=answer))["text"] for answer in answers] == ['["a", 1]\ne\n7:\nm', ""]
    assert heard({"event": "verbose", "stdout": "x"}) is None
