"""What must fit together within one rehearsal, and with its runbook."""

from collections.abc import Mapping

from msp_ops.domain.binding import default_of, fit
from msp_ops.domain.parameters import GivenFile, Secret
from msp_ops.domain.rehearsal import RESTART_QUESTION, Ending, Proves, Rehearsal
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import PLATFORMS, RebootStep, is_platform
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.document import Document

ENDINGS: Mapping[Proves, tuple[Ending, ...]] = {
    "success": ("succeeded",),
    "already-fine": ("succeeded",),
    "failing-step": ("failed", "blocked", "unverified", "deferred"),
    "unreachable": ("not reached",),
    "cut-half-way": ("unknown", "not reached", "unverified", "failed", "succeeded"),
}

WITHOUT_LOGIN: tuple[Ending, ...] = ("succeeded", "failed", "unverified", "not reached")


def check_rehearsal(document: Document, rehearsal: Rehearsal, runbook: Runbook) -> None:
    """Complains of everything that cannot be meant."""
    _check_steps(document, rehearsal, runbook)
    _check_parameters(document, rehearsal, runbook)
    _check_host(document, rehearsal, runbook)
    _check_expected(document, rehearsal, runbook)


def steps_of(runbook: Runbook) -> list[str]:
    """What a stand-in may be asked, by name."""
    steps = runbook.all_steps()
    asked = [RESTART_QUESTION] if any(isinstance(step, RebootStep) for step in steps) else []
    return list(dict.fromkeys([*(step.name for step in steps), *asked]))


def _check_steps(document: Document, rehearsal: Rehearsal, runbook: Runbook) -> None:
    known = steps_of(runbook)
    for name, answers in rehearsal.says.items():
        if name not in known:
            words = f"{runbook.id} has no step '{name}'; steps: {listed(known)}{did_you_mean(name, known)}"
            document.complain_of_key(["says", name], words)
        if not answers:
            document.complain(["says", name], "no answer stands here; write {exit: 0}, or remove the step")


def _check_parameters(document: Document, rehearsal: Rehearsal, runbook: Runbook) -> None:
    known = runbook.parameters
    for name, text in rehearsal.parameters.items():
        if name not in known:
            words = f"{runbook.id} has no parameter '{name}'; parameters: {listed(known)}{did_you_mean(name, known)}"
            document.complain_of_key(["parameters", name], words)
            continue
        try:
            fit(known[name], text)
        except ValueError as error:
            document.conceal(["parameters", name], really=isinstance(known[name], Secret))
            document.complain(["parameters", name], f"{name}: {error}")
    stand_ins = {name for name, each in known.items() if isinstance(each, Secret | GivenFile)}
    for name in known.keys() - rehearsal.parameters.keys() - stand_ins:
        try:
            default_of(known[name])
        except ValueError as error:
            document.complain(["parameters"], f"{name}: {error}")


def _check_host(document: Document, rehearsal: Rehearsal, runbook: Runbook) -> None:
    host, moment = rehearsal.host, "after commit" if runbook.changes else "ask"
    if host.connects == (rehearsal.proves == "unreachable"):
        right = "no: nobody answers" if host.connects else "yes"
        document.complain(["host"], f"a rehearsal that proves {rehearsal.proves} has connects: {right}")
    if rehearsal.proves == "cut-half-way" and host.cut_at is None:
        document.complain(["host"], f"a rehearsal that proves cut-half-way says when: add cut_at: {moment}")
    if host.cut_at not in {None, "ask"} and not runbook.changes:
        words = f"{runbook.id} only looks, so nothing breaks at '{host.cut_at}'; right is cut_at: ask"
        document.complain(["host", "cut_at"], words)
    if host.comes_back and host.cut_at is None:
        document.complain(["host", "comes_back"], "the link comes back from nothing: add cut_at, or remove comes_back")
    for number, word in enumerate(host.platform):
        if not is_platform(word):
            document.complain(["host", "platform", number], f"no host is '{word}'{did_you_mean(word, PLATFORMS)}")


def _check_expected(document: Document, rehearsal: Rehearsal, runbook: Runbook) -> None:
    proves, expect = rehearsal.proves, rehearsal.expect
    endings = ENDINGS[proves] if runbook.needs_login or proves != "unreachable" else WITHOUT_LOGIN
    if expect.outcome not in endings:
        right = ", ".join(endings)
        words = f"a rehearsal that proves {proves} cannot end {expect.outcome}; right is {right}"
        document.complain(["expect", "outcome"], words)
    if proves == "already-fine" and expect.changed:
        document.complain(["expect", "changed"], "where all is well already nothing may change; right is changed: []")
    if proves == "success" and runbook.changes and expect.changed == ():
        words = "a success changes something; where nothing is to do, write proves: already-fine"
        document.complain(["expect", "changed"], words)
