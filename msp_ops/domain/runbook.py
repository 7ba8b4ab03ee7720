"""A runbook: what to do, for whom, and how it is proved."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from msp_ops.domain.contract import Activity
from msp_ops.domain.parameters import Parameter
from msp_ops.domain.record import record
from msp_ops.domain.step import AnsibleStep, CheckStep, ModuleStep, RebootStep, ScriptStep, Step, is_look

Impact = Literal["read-only", "changes", "reboots"]
Severity = Literal["info", "warning", "critical"]
Risk = Literal["R0", "R1", "R2", "R3"]
Ticket = Literal["required", "optional"]


@record
class Runbook:
    """One folder of the library; `digest` covers every byte of it, and of what it `uses`.

    `fails_on`: a finding this severe means that the runbook's aim was not reached (a backup that cannot be restored);
    without it findings are the result (an audit). `risk`: R0 looks only, R1 can be taken back, R2 a service feels it,
    R3 data or the next boot are at stake. `ticket`: without it the client's policy decides. `platforms`: a host that
    is none of these is skipped; empty: any. `evidence`: looked at before the first step and after the last, judged by
    nobody. `uses`: what it shares with other runbooks, by name; `functions`: what its own scripts share. Both stand
    in front of each POSIX script (`scripts` has them whole). `undo`: run when a change failed, or when a person asks;
    `no_undo` says why there is none.
    """

    id: str
    title: str
    activity: Activity
    impact: Impact
    risk: Risk = "R2"
    steps: tuple[Step, ...]
    client_sentence: str
    symptoms: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    ticket: Ticket | None = None
    expected: timedelta = timedelta(minutes=5)
    parameters: dict[str, Parameter]
    uses: tuple[str, ...] = ()
    functions: str | None = None
    preview: ScriptStep | None = None
    evidence: tuple[CheckStep | ScriptStep, ...] = ()
    verify: tuple[CheckStep | ScriptStep | ModuleStep, ...] = ()
    undo: tuple[ScriptStep, ...] = ()
    no_undo: str = ""
    fails_on: Severity | None = None
    scripts: dict[str, str]
    digest: str
    folder: str = ""

    @property
    def changes(self) -> bool:
        return self.impact != "read-only"

    @property
    def can_preview(self) -> bool:
        """By its own script, or by the check mode of its playbooks."""
        acts = (step for step in self.steps if not is_look(step))
        return self.preview is not None or any(isinstance(step, AnsibleStep) for step in acts)

    @property
    def asks_for_platform(self) -> bool:
        """Whether a host must say what it is before it is worked on."""
        return bool(self.platforms) or any(
            step.condition and step.condition.asks_for_platform for step in self.all_steps()
        )

    @property
    def needs_login(self) -> bool:
        """Whether anything is asked of a host itself; else its answers come from outside alone."""
        looks = all(isinstance(step, CheckStep) and step.from_here for step in self.all_steps())
        return self.asks_for_platform or not looks

    def all_steps(self) -> tuple[Step, ...]:
        """In the order in which a host can come to them; without the preview."""
        return (*self.evidence, *self.steps, *self.verify, *self.undo)

    def impact_with(self, parameters: Mapping[str, str]) -> Impact:
        """What a run with these (bound) parameters may do: one that was told never to reboot only changes."""
        reboots = {step.chosen(parameters) for step in self.steps if isinstance(step, RebootStep)}
        return "changes" if reboots == {"never"} else self.impact

    def undoing(self) -> "Runbook":
        """The same runbook as it takes back what it did: an undo proves itself by its exit code."""
        return replace(
            self, title=f"Undo: {self.title}", steps=self.undo, undo=(), verify=(), preview=None, fails_on=None
        )
