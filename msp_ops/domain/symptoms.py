"""Which runbook is for what somebody sees: in any order of words, with a letter wrong here and there."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from msp_ops.domain.runbook import Runbook

WORD = re.compile(r"[a-z0-9]+")
EMPTY = {"a", "an", "and", "are", "has", "have", "i", "in", "is", "it", "its", "my", "of", "on", "our", "the", "to"}
ALIKE = 0.75  # from here on two words are one that somebody mistyped: `dsik`, `servcie`, `databse`
TOGETHER = 0.1
ENOUGH = 0.6  # of the words that were typed


def fitting(runbooks: Iterable[Runbook], search: str) -> list[Runbook]:
    """Those that fit, the best first; all of them, by id, when nothing is searched for."""
    wanted = [word for word in _words(search) if word not in EMPTY] or _words(search)
    ranked = [(-_score(runbook, wanted), runbook.id, runbook) for runbook in runbooks]
    return [runbook for score, _, runbook in sorted(ranked, key=lambda one: one[:2]) if -score >= ENOUGH * len(wanted)]


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def _score(runbook: Runbook, wanted: Sequence[str]) -> float:
    """A symptom weighs more than a title, a title more than an id; words of one symptom more than of several."""
    known = {
        **dict.fromkeys(_words(runbook.id), 0.8),
        **dict.fromkeys(_words(runbook.title), 0.9),
        **dict.fromkeys(_words(" ".join(runbook.symptoms)), 1.0),
    }
    together = max((_found(wanted, dict.fromkeys(_words(each), 1.0)) for each in runbook.symptoms), default=0)
    return _found(wanted, known) + TOGETHER * together


def _found(wanted: Iterable[str], known: Mapping[str, float]) -> float:
    return sum(max((weight * _likeness(word, one) for one, weight in known.items()), default=0) for word in wanted)


def _likeness(word: str, known: str) -> float:
    if word == known:
        return 1
    if len(word) < 3:
        return 0
    if known.startswith(word) or word.startswith(known):
        return 0.9 if len(known) >= 3 else 0
    ratio = SequenceMatcher(None, word, known).ratio()
    return ratio if ratio >= ALIKE else 0
