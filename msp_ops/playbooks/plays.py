"""Whom the plays are for, as `ansible-playbook --list-hosts` says, and what it says of a mistake; pure."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from msp_ops.domain.errors import FileError, MspOpsError
from msp_ops.domain.record import record
from msp_ops.domain.wording import listed
from msp_ops.playbooks.errors import PlaybookError

_VAULT = ("no vault secrets", "Decryption failed")
_VAULT_HINT = " (the password of ansible-vault is what the step's `vault_password` names)"
_RIGHT = "right would be `hosts: all` or a role of theirs; or say in the step's `groups` who that is"
_PLAY = re.compile(r"^  play #\d+ \((.*?)\): (.*)\tTAGS: ")
_HOST = re.compile(r"^      (\S.*)$")
_NOBODY = re.compile(r"Could not match supplied host pattern, ignoring: (.+)")
_ERROR = re.compile(r"^\[ERROR\]: (.*?)(?=^Origin: |^\[|\Z)", re.MULTILINE | re.DOTALL)
_ORIGIN = re.compile(r"^Origin: (.+?):(\d+)(?::(\d+))?$", re.MULTILINE)


@record
class Play:
    """One play and the hosts that it matches."""

    name: str
    hosts: tuple[str, ...]


def read_plays(listing: str) -> tuple[Play, ...]:
    """The plays in their order."""
    plays: list[Play] = []
    for line in listing.splitlines():
        if found := _PLAY.match(line):
            plays.append(Play(name=found[2] or found[1], hosts=()))
        elif plays and (host := _HOST.match(line)):
            plays[-1] = Play(name=plays[-1].name, hosts=(*plays[-1].hosts, host[1]))
    return tuple(plays)


def check_plays(plays: Sequence[Play], hosts: Collection[str], file: str) -> None:
    """PlaybookError when a play is for a host that is not one of these, or no play is for any of them."""
    for play in plays:
        if others := sorted(set(play.hosts) - set(hosts)):
            right = (
                _RIGHT
                if others != ["localhost"]
                else "what the controller does is a task with `delegate_to: localhost`"
            )
            whom = f"is for {listed(others)}; this run is for {listed(hosts)}"
            raise PlaybookError(f"{file}: the play '{play.name}' {whom}; {right}")
    if not any(play.hosts for play in plays):
        raise PlaybookError(f"{file}: none of its plays is for {listed(hosts)}; {_RIGHT}")


def mistake(said: str, hosts: Collection[str], file: str, ours: Path = Path("/nowhere")) -> MspOpsError:
    """What a person can act on, of what Ansible wrote before it gave up. In the folder `ours` nobody wrote anything."""
    if stranger := _NOBODY.search(said):
        whom = f"which is none of this run's hosts ({listed(hosts)}) and no group"
        return PlaybookError(f"{file}: a play is for '{stranger[1].strip()}', {whom}; {_RIGHT}")
    words, place = _told(said)
    if not place or Path(place.partition(":")[0]).is_relative_to(ours):
        return PlaybookError(f"{file}: {words}")
    return FileError(f"{place}: {words}")


def in_brief(said: str) -> str:
    """Its first error and where, of all that it said; without one, all on one line."""
    words, place = _told(said)
    return f"{place}: {words}" if place else words


def _told(said: str) -> tuple[str, str]:
    """The first error's words, and its file, line and column; empty when it names none."""
    error = _ERROR.search(said)
    origin = _ORIGIN.search(said, error.start() if error else 0)
    words = " ".join((error[1] if error else said).split())
    hint = _VAULT_HINT if any(sign in words for sign in _VAULT) else ""
    return f"{words}{hint}", f"{origin[1]}:{origin[2]}:{origin[3] or 1}" if origin else ""
