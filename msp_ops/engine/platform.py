"""What a host says it is, and which runbooks that leaves for it."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from msp_ops.domain.errors import LinkLost
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import PLATFORMS, is_platform
from msp_ops.domain.wording import listed
from msp_ops.engine.powershell import is_windows
from msp_ops.transports.base import Session

BRIEF = timedelta(seconds=20)
# os-release is read, never carried out; its values may stand in quotes
QUESTION = b"""uname -s | tr '[:upper:]' '[:lower:]'
for file in /etc/os-release /usr/lib/os-release; do
  [ -r "$file" ] && sed -n -e 's/^ID=/id:/p' -e 's/^VERSION_ID=/release:/p' -e 's/^ID_LIKE=//p' "$file" && break
done | tr -d "\\"'" | tr ' ' '\\n'
command -v apt-get >/dev/null && echo apt
for each in dnf yum zypper apk pacman; do command -v "$each" >/dev/null && echo "$each"; done
[ -d /run/systemd/system ] && echo systemd
[ -e /run/systemd/container ] && echo container
exit 0
"""


def ask_platform(session: Session) -> frozenset[str]:
    """The words that are true of the host, see `is_platform`; LinkLost when it cannot say them."""
    if is_windows(session):
        return frozenset({"windows"})
    answer = session.ask(QUESTION, "login", BRIEF)
    words = _understood(answer.output.decode(errors="replace").split())
    if answer.exit_code != 0 or not words & {"linux", "windows"}:
        raise LinkLost("the host cannot say what it is")
    return words


def _understood(said: Sequence[str]) -> frozenset[str]:
    """What a host calls itself stands behind `id:`, its release behind `release:`; of the rest those that we know."""
    names = {word.removeprefix("id:") for word in said if word.startswith("id:")}
    numbers = {word.removeprefix("release:").partition(".")[0] for word in said if word.startswith("release:")}
    releases = {f"{name}-{number}" for name in names for number in numbers}
    return frozenset(word for word in {*said, *names, *releases} if is_platform(word))


def not_for(runbook: Runbook, platform: Collection[str]) -> str | None:
    """Why the runbook passes a host by, or None."""
    if not runbook.platforms or set(runbook.platforms) & set(platform):
        return None
    return f"{runbook.id} is for {listed(runbook.platforms)}; this host is {told(platform)}"


def told(platform: Collection[str]) -> str:
    """The words of it that are known, from the general to the special."""
    releases = sorted(set(platform) - set(PLATFORMS))
    return listed([*(word for word in PLATFORMS if word in platform), *releases])
