"""How well a runbook is proved, worked out from what is there; nobody gives a grade by hand."""

from collections.abc import Callable, Collection, Sequence
from itertools import takewhile
from typing import Literal

from msp_ops.domain.record import record
from msp_ops.domain.rehearsal import Proves
from msp_ops.domain.runbook import Runbook

Grade = Literal["none", "bronze", "silver", "gold"]
GRADES: tuple[Grade, ...] = ("bronze", "silver", "gold")


@record
class Proofs:
    """What a grade is worked out from.

    `sound`: the rehearsals that are there can be read. `on_a_host`: this very runbook once did its work on a real host.
    """

    runbook: Runbook
    rehearsed: Collection[Proves]
    sound: bool = True
    on_a_host: bool = False


@record
class Standing:
    """The grade, the next one (None after gold), and what is missing for it."""

    grade: Grade
    next_grade: Grade | None = None
    missing: tuple[str, ...] = ()


Rule = tuple[Grade, str, Callable[[Proofs], bool]]


def _can_be_undone(runbook: Runbook) -> bool:
    return bool(runbook.undo or runbook.no_undo) or not runbook.changes


def _rehearsal(grade: Grade, kind: Proves) -> Rule:
    return grade, f"a rehearsal that proves {kind}", lambda proofs: kind in proofs.rehearsed


RULES: Sequence[Rule] = (
    ("bronze", "rehearsals without mistakes: msp-ops runbooks validate", lambda proofs: proofs.sound),
    ("bronze", "verify", lambda proofs: bool(proofs.runbook.verify) or not proofs.runbook.changes),
    _rehearsal("silver", "success"),
    _rehearsal("silver", "failing-step"),
    _rehearsal("silver", "unreachable"),
    _rehearsal("gold", "already-fine"),
    _rehearsal("gold", "cut-half-way"),
    ("gold", "undo, or no_undo with the reason why there is none", lambda proofs: _can_be_undone(proofs.runbook)),
    ("gold", "a run on a real host: msp-ops runbooks prove RUN", lambda proofs: proofs.on_a_host),
)


def standing(proofs: Proofs) -> Standing:
    """The highest grade of which no rule, and none of a lower grade, is broken."""
    missing = {grade: tuple(why for of, why, holds in RULES if of == grade and not holds(proofs)) for grade in GRADES}
    reached: list[Grade] = ["none", *takewhile(lambda grade: not missing[grade], GRADES)]
    left = GRADES[len(reached) - 1 :]
    return Standing(grade=reached[-1], next_grade=left[0] if left else None, missing=missing[left[0]] if left else ())
