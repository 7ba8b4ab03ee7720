"""A person says yes on a real terminal; where data are at stake, the hosts' name is the only yes."""

import pytest

BOOK = """\
title: Make it anew
activity: break/fix
impact: changes
risk: RISK
steps: [{script: act.sh}]
verify: [{script: look.sh}]
client_sentence: Made it anew.
"""


@pytest.fixture
def ask(sample, on_a_terminal):
    """Types an answer when the program asks; how it ended, and all that was on the terminal."""

    def typed(risk: str, answer: str) -> tuple[int, str]:
        folder = sample / "runbooks" / "make-anew"
        folder.mkdir(parents=True)
        (folder / "runbook.yaml").write_text(BOOK.replace("RISK", risk))
        for name in ("act.sh", "look.sh"):
            (folder / name).write_text("#!/bin/sh\nexit 0\n")
        return on_a_terminal(["run", "make-anew", "acme/web1", "-t", "T-1"], ("?", answer))

    return typed


def test_no_is_no(ask):
    code, shown = ask("R2", "n")
    assert (code, "not confirmed; nothing was done" in shown) == (4, True)
    assert "Make it anew on acme/web1?" in shown


def test_where_data_are_at_stake_a_yes_is_not_enough(ask):
    code, shown = ask("R3", "y")
    assert (code, "not confirmed; nothing was done" in shown) == (4, True)
    assert "Data or the next boot are at stake. Type acme/web1 to go on" in shown


def test_the_name_of_the_hosts_is_the_yes(ask):
    code, shown = ask("R3", "acme/web1")
    assert "not confirmed" not in shown
    assert code == 3, shown  # the sample has no key for its hosts: that is found out when the run begins
