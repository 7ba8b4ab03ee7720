"""A configuration of ssh: which names it has, a copy that runs nothing when ssh reads it, and what ssh says of a name.

`ssh -G` would run the commands of `Match exec` and resolve names for CanonicalizeHostname. In the copy no such line is
left; `Include` follows files below the configuration's own folder only.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from msp_ops.files.import_draft import HostDraft, Jump, Login, Remark
from msp_ops.files.import_ssh_words import HARMLESS, KEYS_ARE_PINNED, read_jump, read_proxy_command
from msp_ops.files.spelling import read_address, read_user

LINE = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9]*)(?:[ \t]*=[ \t]*|[ \t]+)(.*?)[ \t\r]*")
ALIAS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,252}")
EVERY = "Host *"
NEVER = "Match originalhost msp-ops.never.invalid"
NOBODY, NO_KEY = "msp-ops-said-by-nobody", "/msp-ops/said/by/nobody"
LAST = f"\nHost *\n  User {NOBODY}\n  IdentityFile {NO_KEY}\n"
TAKEN_OVER = {"host", "match", "include", "hostname", "port", "user", "identityfile", "proxyjump", "proxycommand"}
DEEPEST = 8
FORGES = {
    "github.com",
    "ssh.github.com",
    "gitlab.com",
    "bitbucket.org",
    "codeberg.org",
    "ssh.dev.azure.com",
    "git.sr.ht",
}
HERE = {"localhost", "127.0.0.1", "::1"}
Open = Callable[[str, str], Sequence[tuple[str, str]]]
"""From a pattern of Include, and the file that has it, to names and texts; FileError when it may not be followed."""


@dataclass(slots=True)
class Copied:
    """One text for ssh, its names with the places where they stand, and what was taken out or is not taken over."""

    lines: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    others: dict[str, list[str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join([*self.lines, LAST])

    def add(self, line: str, where: tuple[str, ...]) -> None:
        self.lines.append(line)
        self.places.append(where[0])


def copy_without_commands(text: str, name: str, opened: Open) -> Copied:
    """`name`: the file as a person knows it."""
    copied = Copied()
    _copy(copied, text, name, opened, 0)
    if copied.others:
        where = tuple(place for places in copied.others.values() for place in places)
        copied.remarks.append(_not_taken(", ".join(sorted(copied.others)), "msp-ops has no such settings", where))
    return copied


def _copy(copied: Copied, text: str, name: str, opened: Open, depth: int) -> None:
    block = EVERY
    for number, line in enumerate(text.split("\n"), start=1):
        match, where = LINE.fullmatch(line), (f"{name}:{number}",)
        if match is None or line.lstrip().startswith("#"):
            continue
        key, value = match[1].lower(), match[2]
        if key == "include":
            if block == EVERY:
                _include(copied, value, name, where, opened, depth)
            else:
                copied.remarks.append(_not_taken("Include", f"it counts for `{block}` only", where))
            copied.add(block, where)
        elif key in {"host", "match"}:
            block = _block(copied, key, value, where)
            copied.add(block, where)
        else:
            _setting(copied, key, value, where)


def _block(copied: Copied, key: str, value: str, where: tuple[str, ...]) -> str:
    if key == "match":
        if "exec" not in value.lower():
            return f"Match {value}"
        why = "ssh would run its command to decide; nothing is run here: what stands below it was not looked at"
        copied.remarks.append(_not_taken("Match exec", why, where))
        return NEVER
    for word in re.findall(r'"([^"]*)"|(\S+)', value):
        alias = word[0] or word[1]
        if ALIAS.fullmatch(alias):
            copied.aliases.setdefault(alias, where[0])
        elif not set(alias) & set("*?!"):
            why = "it is no name of a host"
            copied.remarks.append(Remark(verdict="left out", what="host", why=why, where=where, hosts=(alias,)))
    return f"Host {value}"


def _include(copied: Copied, value: str, name: str, where: tuple[str, ...], opened: Open, depth: int) -> None:
    if depth >= DEEPEST:
        copied.remarks.append(_not_taken("Include", f"more than {DEEPEST} files deep", where))
        return
    for pattern in re.findall(r'"([^"]*)"|(\S+)', value):
        try:
            found = opened(pattern[0] or pattern[1], name)
        except ValueError as error:
            copied.remarks.append(_not_taken(f"Include {pattern[0] or pattern[1]}", str(error), where))
            continue
        for inner, text in found:
            copied.add(EVERY, where)
            _copy(copied, text, inner, opened, depth + 1)


def _setting(copied: Copied, key: str, value: str, where: tuple[str, ...]) -> None:
    if key in KEYS_ARE_PINNED:
        if key == "stricthostkeychecking" and value.lower() in {"no", "off", "accept-new"}:
            why = "it says not to check whom one talks to; here every host must show what a person pinned"
            copied.remarks.append(_not_taken("StrictHostKeyChecking", why, where, "msp-ops hosts trust"))
    elif key in TAKEN_OVER:
        copied.add(f"  {key} {value}", where)
    elif key not in HARMLESS:
        copied.others.setdefault(key, []).extend(where)


def _not_taken(what: str, why: str, where: tuple[str, ...], todo: str = "") -> Remark:
    return Remark(verdict="not taken over", what=what, why=why, where=where, todo=todo)


@dataclass(slots=True)
class Answer:
    """What `ssh -G` says of one name."""

    address: str
    port: str
    user: str | None
    keys: tuple[str, ...]
    jump: str
    command: str


def read_answer(text: str) -> Answer:
    """`key value` a line."""
    said: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        said.setdefault(key.lower(), []).append(value)
    user = said.get("user", [NOBODY])[0]
    return Answer(
        address=said.get("hostname", [""])[0],
        port=said.get("port", ["22"])[0],
        user=None if user == NOBODY else user,
        keys=tuple(key for key in said.get("identityfile", []) if key not in {NO_KEY, "none"}),
        jump=said.get("proxyjump", [""])[0],
        command=said.get("proxycommand", [""])[0],
    )


def drafts_of(answers: Sequence[tuple[str, str, Answer]], ask: Callable[[str], Answer]) -> Iterator[HostDraft | Remark]:
    """`answers`: alias, place, what ssh says. `ask` asks for the machine in front, which may be a name of the file."""
    for alias, where, answer in answers:
        if why := _no_machine(answer):
            yield Remark(verdict="note", what="host", why=why, where=(where,), hosts=(alias,))
            continue
        try:
            yield HostDraft(
                name=alias,
                address=read_address(answer.address),
                port=int(answer.port),
                login=_login(answer),
                gateway=_gateway(answer, ask),
                where=(where,),
            )
        except ValueError as error:
            yield Remark(verdict="left out", what="host", why=str(error), where=(where,), hosts=(alias,))


def _no_machine(answer: Answer) -> str:
    """Why it is nothing that one looks after."""
    if answer.user == "git" or answer.address.lower() in FORGES:
        return "a forge for code, not a machine that one looks after"
    return "it is this machine itself" if answer.address in HERE and answer.port == "22" else ""


def _login(answer: Answer) -> Login:
    """A public key stands for the private one that an agent or a token holds."""
    key = answer.keys[0].removesuffix(".pub") if answer.keys else None
    return Login(user=read_user(answer.user) if answer.user else None, key=key)


def _gateway(answer: Answer, ask: Callable[[str], Answer]) -> Jump | None:
    way: Jump | str
    if answer.jump and answer.jump.lower() != "none":
        way = read_jump(answer.jump)
    elif answer.command and answer.command.lower() != "none":
        way = read_proxy_command(answer.command)
    else:
        return None
    if isinstance(way, str):
        raise ValueError(f"the way through another machine cannot be written: {way}")  # noqa: TRY004  # of the file
    behind = ask(way.address)
    if _has_way(behind):
        raise ValueError("several machines lie in front, one behind the other; a site has one gateway")
    login = Login(user=way.login.user or behind.user, key=way.login.key or _login(behind).key)
    port = way.port if way.port != 22 else int(behind.port)
    return Jump(address=read_address(behind.address), port=port, login=login)


def _has_way(answer: Answer) -> bool:
    return any(said and said.lower() != "none" for said in (answer.jump, answer.command))
