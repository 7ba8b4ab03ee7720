"""The words with which ssh is called: the machine in front, the key, the user, and what cannot be taken over."""

import re
import shlex
from collections.abc import Iterator, Sequence

from msp_ops.domain.record import record
from msp_ops.files.import_draft import Jump, Login
from msp_ops.files.spelling import read_address, read_between, read_user

FLAGS_WITH_WORD = "BbcDEeFIiJLlmOopQRSWw"
HARMLESS = {  # settings that change nothing about who is reached, as whom
    "addkeystoagent", "addressfamily", "batchmode", "compression", "connectionattempts", "connecttimeout",
    "controlmaster", "controlpath", "controlpersist", "forwardagent", "forwardx11", "forwardx11trusted",
    "identitiesonly", "loglevel", "preferredauthentications", "pubkeyauthentication", "passwordauthentication",
    "requesttty", "sendenv", "serveralivecountmax", "serveraliveinterval", "setenv", "tcpkeepalive", "visualhostkey",
    "usekeychain", "ignoreunknown", "hashknownhosts", "gssapiauthentication", "gssapidelegatecredentials",
    "xauthlocation", "exitonforwardfailure", "checkhostip", "logverbose", "escapechar", "kbdinteractiveauthentication",
    "challengeresponseauthentication", "canonicalizehostname", "canonicaldomains", "port", "user",
    "localforward", "remoteforward", "dynamicforward", "streamlocalbindunlink", "clearallforwardings", "rekeylimit",
}  # fmt: skip
KEYS_ARE_PINNED = {"stricthostkeychecking", "userknownhostsfile", "globalknownhostsfile", "updatehostkeys"}
MEET_HOST = re.compile(r"\[?%h\]?:%p")


@record
class SshWords:
    """What the words mean; `jump` as `user@host:port`, or why the way cannot be written; `other` is not taken over."""

    jump: Jump | None = None
    no_way: str = ""
    user: str | None = None
    port: str | None = None
    key: str | None = None
    unchecked: bool = False
    other: tuple[str, ...] = ()


def read_words(text: str) -> SshWords:
    """Of `-o Name=value -J host -i key ...`, as in `ansible_ssh_common_args`. Nothing is started."""
    try:
        words = shlex.split(text)
    except ValueError:
        return SshWords(no_way="its quotes do not close")
    found = _Gathering()
    for flag, value in _options(words):
        found.take(flag, value)
    return found.result()


def read_proxy_command(text: str) -> Jump | str:
    """Of `ssh -W %h:%p user@bastion`, also with `nc %h %p`; else why it cannot be written."""
    if text.strip().lower() in {"none", ""}:
        return "no command"
    try:
        words = shlex.split(text)
    except ValueError:
        return "its quotes do not close"
    if not words or words[0].rpartition("/")[2] != "ssh":
        return "it starts another program than ssh"
    plain = [value for flag, value in _options(words[1:]) if flag == ""]
    given = {flag: value for flag, value in _options(words[1:]) if flag}
    meets = MEET_HOST.fullmatch(given.get("W", "")) or (
        len(plain) > 1 and plain[1].rpartition("/")[2] in {"nc", "ncat"}
    )
    if not plain or not meets:
        return "it is not `ssh -W %h:%p HOST`"
    own = _Gathering()
    for flag, value in given.items():
        if flag != "W":
            own.take(flag, value)
    said = own.result()
    if said.jump or said.no_way:
        return "several machines lie in front, one behind the other"
    return read_jump(plain[0], said)


def read_jump(text: str, said: SshWords | None = None) -> Jump | str:
    """Of `user@host:port` or `ssh://user@host:port`; else why not."""
    said = said or SshWords()
    if "," in text:
        return "several machines lie in front, one behind the other"
    if "{{" in text or "%" in text:
        return "its name is worked out elsewhere"
    user, _, rest = text.removeprefix("ssh://").rpartition("@")
    address, port = split_port(rest)
    try:
        name = user or said.user
        login = Login(user=read_user(name) if name else None, key=said.key)
        number = read_between(1, 65535)(port or said.port or "22")
        return Jump(address=read_address(address), port=number, login=login)
    except ValueError as error:
        return str(error)


def split_port(text: str) -> tuple[str, str]:
    """`[2001:db8::1]:22` and `host:22` in two; without a port the second is empty."""
    if match := re.fullmatch(r"\[([^\]]+)\](?::([0-9]+))?", text):
        return match[1], match[2] or ""
    if text.count(":") == 1:
        name, _, port = text.partition(":")
        return name, port
    return text, ""


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Flags with their words, `o` as `name=value`; a plain word has no flag. As getopt: `-oX`, `-qW x`."""
    left = iter(words)
    for word in left:
        if word == "--" or not word.startswith("-") or len(word) < 2:
            if word != "--":
                yield "", word
            continue
        for place, flag in enumerate(word[1:], start=1):
            if flag in FLAGS_WITH_WORD:
                yield flag, word[place + 1 :] or next(left, "")
                break
            yield flag, ""


WAYS = {"proxyjump": read_jump, "proxycommand": read_proxy_command}


class _Gathering:
    """Takes option after option; of one kind the first counts, as for ssh."""

    def __init__(self) -> None:
        self.jump: Jump | None = None
        self.no_way = ""
        self.said: dict[str, str] = {}
        self.unchecked = False
        self.other: list[str] = []

    def take(self, flag: str, value: str) -> None:
        match flag:
            case "o":
                name, _, rest = value.replace(" ", "=", 1).partition("=") if "=" not in value else value.partition("=")
                self._take_option(name.strip().lower(), rest.strip())
            case "J":
                self._go(read_jump(value))
            case "l":
                self.said.setdefault("user", value)
            case "i":
                self.said.setdefault("key", value)
            case "p":
                self.said.setdefault("port", value)
            case "q" | "v" | "A" | "a" | "C" | "4" | "6" | "T" | "t" | "x" | "n" | "N":
                pass
            case _:
                self.other.append(f"-{flag}" if flag else "a word without an option")

    def _take_option(self, name: str, value: str) -> None:
        kept = {"user": "user", "port": "port", "identityfile": "key"}
        if name in WAYS and value.lower() != "none":
            self._go(WAYS[name](value))
        elif name in kept:
            self.said.setdefault(kept[name], value)
        elif name in KEYS_ARE_PINNED:
            self.unchecked = True
        elif name not in HARMLESS | WAYS.keys():
            self.other.append(name)

    def _go(self, way: Jump | str) -> None:
        if self.jump or self.no_way:
            return
        if isinstance(way, Jump):
            self.jump = way
        else:
            self.no_way = way

    def result(self) -> SshWords:
        return SshWords(
            jump=self.jump,
            no_way=self.no_way,
            user=self.said.get("user"),
            port=self.said.get("port"),
            key=self.said.get("key"),
            unchecked=self.unchecked,
            other=tuple(self.other),
        )
