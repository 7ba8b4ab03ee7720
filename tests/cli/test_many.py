"""Parameters of many values as options: given several times, shown one by one, offered by the shell."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.files.cast import SCRIPT, write

BOOK = """\
title: Clear caches
activity: break/fix
impact: changes
parameters:
  along: {kind: text, title: Units that go along, pattern: "[a-z-]+", many: yes, default: [redis, nginx]}
  only: {kind: choice, title: Which caches, options: [pages, pictures, styles], many: yes, default: []}
  steady: {kind: duration, title: How long, minimum: 1m, default: 2m}
steps: [{script: act.sh}]
verify: [{script: prove.sh}]
client_sentence: Cleared the caches.
"""


@pytest.fixture(autouse=True)
def book(sample):
    folder = sample / "runbooks" / "clear-caches"
    write(folder / "runbook.yaml", BOOK)
    for name in ("act.sh", "prove.sh"):
        write(folder / name, SCRIPT)


@pytest.fixture
def planned(msp_ops):
    def plan(*words):
        done = msp_ops("run", "clear-caches", "acme/web1", *words, "--check", "--json")
        return json.loads(done.stdout)["plan"]

    return plan


@pytest.fixture
def digest(msp_ops):
    def of_plan(*words):
        told = msp_ops("run", "clear-caches", "acme/web1", *words, "--check").stderr
        (line,) = [line for line in told.splitlines() if line.startswith("  plan  ")]
        return line.split()[1]

    return of_plan


def test_an_option_given_several_times_is_a_line_each(planned):
    few = planned()
    many = planned("--along", "db", "--along", "mail", "--only", "pages", "--only", "styles")
    assert (few["parameters"]["along"], few["parameters"]["only"]) == ("redis\nnginx", "")
    assert (many["parameters"]["along"], many["parameters"]["only"]) == ("db\nmail", "pages\nstyles")


def test_every_value_is_bound_in_the_digest_of_the_plan(digest):
    plans = [(), ("--along", "db"), ("--along", "db", "--along", "mail"), ("--along", "mail", "--along", "db")]
    assert len({digest(*words) for words in plans}) == len(plans)


def test_the_plan_shows_each_of_them(msp_ops):
    told = msp_ops("run", "clear-caches", "acme/web1", "--along", "db", "--along", "mail", "--check").stderr
    assert [line.split()[1:] for line in told.splitlines() if " along = " in line] == [
        ["along", "=", "db"],
        ["along", "=", "mail"],
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--along", "db\nmail"), "along: one of the values has a line break; give it as two, or without"),
        (("--along", "db", "--along=-rf"), "along: '-rf' begins with a dash"),
        (("--only", "page"), "only: 'page' does not fit; right is one of pages, pictures, styles"),
        (
            ("--steady", "59s"),
            "steady: '59s' does not fit; right is a length of time such as 90s, 26h or 14d, 1m or more",
        ),
    ],
)
def test_what_does_not_fit_is_one_clear_error(msp_ops, words, says):
    done = msp_ops("run", "clear-caches", "acme/web1", *words, "--check")
    assert (done.returncode, says in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_the_help_says_that_it_may_be_given_several_times(msp_ops):
    told = " ".join(msp_ops("run", "clear-caches", "--help").stdout.split())
    assert "Units that go along [default: redis, nginx; may be given several times]" in told


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("--only pi", {"pictures"}), ("--only pages --only ", {"pages", "pictures", "styles"})],
)
def test_the_shell_offers_what_fits(sample, typed, offered):
    line = f"msp-ops run clear-caches acme/web1 {typed}"
    words = {"_MSP_OPS_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    program = Path(sys.executable).with_name("msp-ops")
    environment = {**os.environ, **words, "MSP_OPS_WORKSPACE": str(sample)}
    done = subprocess.run([program], env=environment, capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert set(done.stdout.split()) == offered
