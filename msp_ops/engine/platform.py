"""What a host says it is, and which steps that leaves for it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from msp_ops.domain.errors import LinkLost
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.run import StepResult
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import PLATFORMS, Condition
from msp_ops.domain.wording import listed
from msp_ops.transports.base import Session

BRIEF = timedelta(seconds=20)
# os-release is read, never carried out; its values may stand in quotes
QUESTION = b"""uname -s | tr '[:upper:]' '[:lower:]'
for file in /etc/os-release /usr/lib/os-release; do
  [ -r "$file" ] && sed -n -e 's/^ID=//p' -e 's/^ID_LIKE=//p' "$file" && break
done | tr -d "\\"'" | tr ' ' '\\n'
command -v apt-get >/dev/null && echo apt
for each in dnf yum zypper apk pacman; do command -v "$each" >/dev/null && echo "$each"; done
[ -d /run/systemd/system ] && echo systemd
[ -e /run/systemd/container ] && echo container
exit 0
"""


def ask_platform(session: Session) -> frozenset[str]:
    """The words of PLATFORMS that are true of the host; LinkLost when it cannot say them."""
    if getattr(session, "shell", "sh") == "powershell":
        return frozenset({"windows"})
    answer = session.ask(QUESTION, "login", BRIEF)
    words = frozenset(answer.output.decode(errors="replace").split()) & frozenset(PLATFORMS)
    if answer.exit_code != 0 or not words & {"linux", "windows"}:
        raise LinkLost("the host cannot say what it is")
    return words


def not_for(runbook: Runbook, platform: Collection[str]) -> str | None:
    """Why the runbook passes a host by, or None."""
    if not runbook.platforms or set(runbook.platforms) & set(platform):
        return None
    return f"{runbook.id} is for {listed(runbook.platforms)}; this host is {_told(platform)}"


def why_not(
    condition: Condition | None, parameters: Mapping[str, str], platform: Collection[str], done: Sequence[StepResult]
) -> str | None:
    """Why a step is not taken, or None. `done`: the results so far.

    A step that came to no end may have changed something or not: who waits for either of them is taken.
    """
    if condition is None:
        return None
    if condition.platform and not set(condition.platform) & set(platform):
        return f"it is for {listed(condition.platform)}; this host is {_told(platform)}"
    for name, value in condition.parameter.items():
        if parameters[name] != value:
            return f"{name} is {parameters[name]}"
    changed = {step.name for step in done if step.changed}
    doubtful = {step.name for step in done if step.outcome is Outcome.UNKNOWN}
    for name, happened in condition.after.items():
        if name not in doubtful and (name in changed) is not (happened == "changed"):
            return f"'{name}' changed {'something' if name in changed else 'nothing'}"
    return None


def _told(platform: Collection[str]) -> str:
    return listed([word for word in PLATFORMS if word in platform])
