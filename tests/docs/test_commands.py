"""What the pages tell people to type can be typed, and nothing that can be typed is left untold."""

import re

import pytest

from tests.docs.commands import all_commands, understood
from tests.docs.pages import PAGES, ROOT, Shown, shown_commands, text_of

OWN_RUNBOOK = "fix-import"  # of docs/first-runbook.md, whose commands are typed by a test of its own
SHOWN = [shown for page in PAGES for shown in shown_commands(page) if OWN_RUNBOOK not in shown.words]


@pytest.fixture(autouse=True)
def _in_the_sample_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSP_OPS_WORKSPACE", str(ROOT / "inventory"))
    monkeypatch.setenv("TERM", "dumb")


def parts(shown: Shown) -> list[tuple[str, ...]]:
    """A command that runs another one (`lab exec -- msp-ops …`) is two."""
    words = list(shown.words)
    if "msp-ops" in words:
        at = words.index("msp-ops")
        return [(*words[:at], "true"), tuple(words[at + 1 :])]
    return [tuple(words)]


def must_be_understood(shown: Shown, words: tuple[str, ...]) -> None:
    """Between the words of a sentence a command's arguments may be left out, or the command of a group."""
    given = words if shown.whole else without_ellipsis(words)
    try:
        understood(given)
    except Exception as problem:
        left_out = type(problem).__name__ in {"MissingParameter", "NoArgsIsHelpError"}
        if shown.whole or not left_out:
            raise AssertionError(f"{shown.page}: msp-ops {' '.join(words)}: {problem}") from problem


def without_ellipsis(words: tuple[str, ...]) -> tuple[str, ...]:
    """`--why ...` stands for a value, `run ...` for whatever comes."""
    pairs = zip(("", *words), words, strict=False)
    return tuple(word for before, word in pairs if word not in {"...", "…"} or before.startswith("-"))


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: f"{shown.page}: {' '.join(shown.words)}")
def test_a_command_that_a_page_shows_exists_with_these_options(shown: Shown) -> None:
    for words in parts(shown):
        must_be_understood(shown, words)


def test_every_command_is_on_the_page_of_commands() -> None:
    listed = set(re.findall(r"`([a-z][^`]*)`", text_of("docs/commands.md").partition("| command |")[2]))
    told = {tuple(re.sub(r"\[?[A-Z/]+\]?|--.*", "", line).removeprefix("msp-ops ").split()) for line in listed}
    missing = [" ".join(path) for path in all_commands() if path not in told and path[-1:] not in told]
    assert not missing


@pytest.mark.parametrize(
    "wrong", ["runs shw 7k3xq", "runs show 7k3xq --out", "run fix-servic acme/web1", "runs resolve x"]
)
def test_a_command_that_does_not_exist_is_noticed(wrong: str) -> None:
    with pytest.raises(AssertionError):
        must_be_understood(Shown("page", tuple(wrong.split()), whole=True), tuple(wrong.split()))
