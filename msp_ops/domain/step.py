"""The steps of a runbook: look, act, wait, ask a person, restart; and when a step is taken."""

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from typing import Any, Literal, get_args

from msp_ops.domain.record import record

Reboot = Literal["never", "if-needed", "always"]
REBOOTS: tuple[Reboot, ...] = get_args(Reboot)
Happened = Literal["changed", "unchanged", "found", "warning", "critical", "clear"]
OF_CHANGES: tuple[Happened, ...] = ("changed", "unchanged")
OF_LOOKS: tuple[Happened, ...] = ("found", "warning", "critical", "clear")
RunAs = Literal["root", "login"]

# What a host may call itself: os-release's ID and ID_LIKE, its package managers, what started it.
OF_RELEASES = (
    *("debian", "ubuntu", "rhel", "centos", "fedora", "rocky", "almalinux", "ol", "amzn"),
    *("suse", "opensuse", "sles", "alpine", "arch"),
)
PLATFORMS = (
    *("linux", "windows"),
    *OF_RELEASES,
    *("apt", "dnf", "yum", "zypper", "apk", "pacman"),
    *("systemd", "container"),
)
# os-release's ID with the number of its release, as far as the first point: `debian-12`, `ubuntu-24`
RELEASE = re.compile(r"([a-z]+)-[1-9][0-9]{0,7}", re.ASCII)
POWERSHELL = ".ps1"
PLAYBOOKS = (".yml", ".yaml")
FULL_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*){2,}", re.ASCII)  # collection, then a module or a playbook of it
FROM_HERE = ("dns", "tcp", "tls", "http", "dates")  # checks that ask nothing of the host itself


def is_platform(word: str) -> bool:
    """Whether a host may say this of itself."""
    release = RELEASE.fullmatch(word)
    return word in PLATFORMS or (release is not None and release[1] in OF_RELEASES)


@record
class Circumstances:
    """How it is on a host; they hold when every part of them does.

    `platform`: the host is one of these. `role`: it has one of these. `parameter`: they have these values (as they were
    bound). `after`: those earlier changing steps did, or did not, change something; those earlier looks reported any
    finding, one of that severity or worse, or, `clear`, none.
    """

    platform: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    parameter: dict[str, str]
    after: dict[str, Happened]

    @property
    def is_empty(self) -> bool:
        return not (self.platform or self.role or self.parameter or self.after)


@record
class Condition(Circumstances):
    """When a step is taken: these circumstances hold, and those of `unless` do not."""

    unless: Circumstances | None = None

    @property
    def asks_for_platform(self) -> bool:
        return bool(self.platform or (self.unless and self.unless.platform))


@record
class CheckStep:
    """Look: one of `msp_ops.checks`. Consecutive ones share a round trip."""

    kind: Literal["check"]
    name: str
    check: str
    timeout: timedelta = timedelta(seconds=30)
    condition: Condition | None = None

    @property
    def from_here(self) -> bool:
        """Whether this machine looks, without a login."""
        return self.check in FROM_HERE


@record
class ScriptStep:
    """Act: a script of the runbook's folder, run as root unless it says otherwise.

    `changes` false promises that the host is as before; such a step needs no commit and may be repeated. One that
    changes is tried again only when it is `repeatable`: at most `tries` times in all, while its run lasts. The file's
    name tells the shell: POSIX sh, or PowerShell for `.ps1`.
    """

    kind: Literal["script"]
    name: str
    file: str
    changes: bool = True
    repeatable: bool = False
    tries: int = 3
    run_as: RunAs = "root"
    timeout: timedelta = timedelta(minutes=10)
    condition: Condition | None = None


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
    condition: Condition | None = None

    def chosen(self, parameters: Mapping[str, str]) -> Reboot:
        """What a run with these (bound) parameters does; KeyError when they lack the one that decides."""
        words: dict[str, Reboot] = {word: word for word in REBOOTS}
        return words[self.when] if self.when in words else words[parameters[self.when]]


@record
class WaitStep:
    """Ask until a read-only script ends with 0: `every` so often, for `timeout` at most."""

    kind: Literal["wait"]
    name: str
    file: str
    every: timedelta = timedelta(seconds=10)
    run_as: RunAs = "root"
    timeout: timedelta = timedelta(minutes=10)
    condition: Condition | None = None

    def question(self) -> ScriptStep:
        """What is asked each time; a minute is enough for it."""
        return ScriptStep(
            kind="script",
            name=self.name,
            file=self.file,
            changes=False,
            run_as=self.run_as,
            timeout=min(self.timeout, timedelta(minutes=1)),
        )


@record
class ApproveStep:
    """Ask a person, once for all hosts of a run; `another`: not the one who started it."""

    kind: Literal["approve"]
    name: str
    question: str
    another: bool = True
    timeout: timedelta = timedelta(hours=4)
    condition: Condition | None = None


@record
class PlaybookStep:
    """Act: a playbook through Ansible. It changes the host, as far as anybody knows.

    `file`: of the runbook's folder, or the full name of a playbook of a collection (`acme.base.site`). `groups`: names
    of the playbook's own, each with the roles and sites of ours that are in it; `all` is every host. `vault_password`:
    where the password of what is encrypted in it comes from.
    """

    kind: Literal["playbook"]
    name: str
    file: str
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    skip_tags: tuple[str, ...] = ()
    vault_password: str | None = None
    timeout: timedelta = timedelta(hours=1)
    condition: Condition | None = None

    @property
    def of_collection(self) -> bool:
        """Whether it is named by a collection, not by a file."""
        return FULL_NAME.fullmatch(self.file) is not None and not self.file.endswith(PLAYBOOKS)


@record
class ModuleStep:
    """Act: one module of Ansible or of a collection, by its full name. It changes the host, as far as anybody knows.

    `arguments`: texts, lists and mappings; where a text says `{{ name }}`, the parameter's value stands, as it is.
    `changes` false: nothing is set. It is asked, by Ansible's check mode, whether anything would change: then it is not
    as it should be.
    """

    kind: Literal["module"]
    name: str
    module: str
    arguments: dict[str, Any]
    changes: bool = True
    run_as: RunAs = "root"
    timeout: timedelta = timedelta(minutes=10)
    condition: Condition | None = None


AnsibleStep = PlaybookStep | ModuleStep
Step = CheckStep | ScriptStep | PlaybookStep | ModuleStep | RebootStep | WaitStep | ApproveStep


def is_look(step: Step) -> bool:
    """Whether it leaves the host as it was: it needs no commit and may be repeated."""
    match step:
        case ScriptStep(changes=changes) | ModuleStep(changes=changes):
            return not changes
        case PlaybookStep() | RebootStep():
            return False
        case CheckStep() | WaitStep() | ApproveStep():
            return True
