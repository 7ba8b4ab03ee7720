"""A runbook: what to do, for whom, and how it is proved."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, get_args

from msp_ops.domain.contract import Activity
from msp_ops.domain.record import record

Impact = Literal["read-only", "changes", "reboots"]
Severity = Literal["info", "warning", "critical"]
Reboot = Literal["never", "if-needed", "always"]
REBOOTS: tuple[Reboot, ...] = get_args(Reboot)


@record
class Text:
    """A line of text that matches `pattern` as a whole; it never begins with a dash."""

    kind: Literal["text"]
    title: str
    pattern: str = r"[^\x00-\x1f\x7f]{1,200}"
    default: str | None = None


@record
class Choice:
    """One of a few words."""

    kind: Literal["choice"]
    title: str
    options: tuple[str, ...]
    default: str | None = None


@record
class Int:
    """A whole number within bounds, both included."""

    kind: Literal["int"]
    title: str
    minimum: int
    maximum: int
    default: int | None = None


@record
class Bool:
    """Yes or no."""

    kind: Literal["bool"]
    title: str
    default: bool = False


@record
class Span:
    """A length of time such as `90s`, `26h`, `14d`; reaches a script as whole seconds."""

    kind: Literal["duration"]
    title: str
    default: timedelta | None = None


Parameter = Text | Choice | Int | Bool | Span


@record
class CheckStep:
    """Look: one of `msp_ops.checks`. Consecutive ones share a round trip."""

    kind: Literal["check"]
    name: str
    check: str
    timeout: timedelta = timedelta(seconds=30)


@record
class ScriptStep:
    """Act: a POSIX sh file of the runbook's folder, run as root unless it says otherwise.

    `changes` false promises that the host is as before; such a step needs no commit and may be repeated.
    """

    kind: Literal["script"]
    name: str
    file: str
    changes: bool = True
    run_as: Literal["root", "login"] = "root"
    timeout: timedelta = timedelta(minutes=10)


@record
class RebootStep:
    """Start the host anew and wait until it is back with another boot id.

    `when` is one of REBOOTS, or the name of a choice parameter that has exactly these options. With `services` the host
    is back when its systemd has ended the boot, else when it answers.
    """

    kind: Literal["reboot"]
    name: str
    when: str
    timeout: timedelta = timedelta(minutes=15)
    services: bool = True

    def chosen(self, parameters: Mapping[str, str]) -> Reboot:
        """What a run with these (bound) parameters does; KeyError when they lack the one that decides."""
        words: dict[str, Reboot] = {word: word for word in REBOOTS}
        return words[self.when] if self.when in words else words[parameters[self.when]]


Step = CheckStep | ScriptStep | RebootStep


@record
class Runbook:
    """One folder of the library; `digest` covers every byte of it.

    `fails_on`: a finding this severe means that the runbook's aim was not reached (a backup that cannot be
    restored); without it findings are the result (an audit).
    """

    id: str
    title: str
    activity: Activity
    impact: Impact
    steps: tuple[Step, ...]
    client_sentence: str
    symptoms: tuple[str, ...] = ()
    expected: timedelta = timedelta(minutes=5)
    parameters: dict[str, Parameter]
    preview: ScriptStep | None = None
    verify: tuple[CheckStep | ScriptStep, ...] = ()
    fails_on: Severity | None = None
    scripts: dict[str, str]
    digest: str

    @property
    def changes(self) -> bool:
        return self.impact != "read-only"

    def impact_with(self, parameters: Mapping[str, str]) -> Impact:
        """What a run with these (bound) parameters may do: one that was told never to reboot only changes."""
        reboots = {step.chosen(parameters) for step in self.steps if isinstance(step, RebootStep)}
        return "changes" if reboots == {"never"} else self.impact
