"""A rehearsal: what a stand-in for a host answers to a runbook, and how the run must end."""

from datetime import UTC, datetime
from typing import Literal, get_args

from msp_ops.domain.record import record

Proves = Literal["success", "already-fine", "failing-step", "unreachable", "cut-half-way"]
PROVES: tuple[Proves, ...] = get_args(Proves)
Moment = Literal["ask", "deliver", "commit", "after commit", "follow", "collect"]
Ending = Literal["skipped", "succeeded", "deferred", "unverified", "blocked", "not reached", "failed", "unknown"]
RESTART_QUESTION = "is a restart pending"  # what a reboot asks first when it says if-needed
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@record
class Spoken:
    """What a host says to one step: its exit code, and its output."""

    exit: int = 0
    output: str = ""


@record
class StandIn:
    """The host that the runbook meets.

    `connects` false: nobody answers. `cut_at`: the link breaks there, once, and every later try fails as well unless
    it `comes_back`. `blocked_by`: why the host refuses every change. `platform`: what it says it is. `roles`: those of
    its client's file.
    """

    connects: bool = True
    cut_at: Moment | None = None
    comes_back: bool = False
    blocked_by: str = ""
    platform: tuple[str, ...] = ("linux", "debian", "apt", "systemd")
    roles: tuple[str, ...] = ()


@record
class Expected:
    """How it must end.

    `changed` and `findings`, in their order: each a part of what was reported, and none left over. None: not looked
    at. `reason`: a part of the sentence beside the outcome.
    """

    outcome: Ending
    changed: tuple[str, ...] | None = None
    findings: tuple[str, ...] | None = None
    reason: str = ""


@record
class Rehearsal:
    """One file beside its runbook; `name` is the file's.

    `says`: by the name of a step; one answer answers each time, of several each answers once. `at`: when the answers
    were given: ages are counted from here.
    """

    name: str
    title: str
    proves: Proves
    parameters: dict[str, str]
    at: datetime = NOON
    host: StandIn = StandIn()
    says: dict[str, tuple[Spoken, ...]]
    expect: Expected
