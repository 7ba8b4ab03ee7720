"""A host without PowerShell plays one with it: what the launcher and the marker promise, done by POSIX sh.

Each question must be, byte by byte, a program that msp-ops ships for Windows, behind a hash that is right: it is then
played by the same verb of a Linux host's marker (`transports/onhost`). So the wire, the questions and what a host does
in its states are real. What PowerShell would make of those programs is not shown by this.
"""

import base64
import hashlib
import json
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from msp_ops.domain.record import record
from msp_ops.lab.winrm.command import Command
from msp_ops.transports.onhost import SUPERVISOR, payload
from msp_ops.transports.winrm.onwindows import COMMAND, VERBS, program

NOT_WHOLE = 97
_DATA = re.compile(r"\$msp = '([A-Za-z0-9+/=]*)'\n\$mspScript = '([A-Za-z0-9+/=]*)'\n")
Argv = Callable[[str], Sequence[str]]
Meant = Callable[[bytes], bytes]


@record
class Question:
    """What a launcher was given: one verb, its values, a script."""

    verb: str
    asked: Mapping[str, Any]
    script: bytes


def read_question(given: bytes) -> Question | None:
    """As the launcher reads it; None when it would run nothing. Raises ValueError: no program of ours."""
    if hashlib.sha256(given[64:]).hexdigest().encode() != given[:64]:
        return None
    text = given[64:].decode()
    data = _DATA.match(text)
    if data is None:
        raise ValueError("there are no values in front")
    asked = json.loads(base64.b64decode(data[1]))
    verb = asked.get("verb")
    if verb not in VERBS or text[data.end() :] != program(verb):
        raise ValueError("this is no program that msp-ops ships")
    return Question(verb=verb, asked=asked, script=base64.b64decode(data[2]))


def frame(asked: Mapping[str, Any], head: Mapping[str, Any], body: bytes = b"") -> bytes:
    """As prelude.ps1 sends it."""
    whole = json.dumps({**head, "nonce": asked["nonce"]}).encode() + b"\n" + body
    sent = base64.b64encode(whole).decode()
    return f"\n##MSP1 {len(whole)} {hashlib.sha256(whole).hexdigest()} {sent} MSP1##\n".encode()


def in_sh(script: str) -> Sequence[str]:
    return ["sh", "-c", script]


def as_it_is(script: bytes) -> bytes:
    return script


class PlayedHost:
    """A handler. `argv`: how a script is run, by default on this machine. `ran`: every verb that was carried out.

    `meant`: the POSIX sh that plays a script of somebody; by default it is sh already.
    """

    def __init__(self, argv: Argv = in_sh, meant: Meant = as_it_is) -> None:
        self._argv = argv
        self._meant = meant
        self.ran: list[str] = []

    def __call__(self, command: Command) -> int:
        if command.line != COMMAND:
            command.write(
                f"'{command.line.split()[0]}' is not recognized as an internal or external command,\r\n".encode(),
                "stderr",
            )
            return 1
        given = command.read_input()
        if given is None:
            return 1
        question = read_question(given)
        if question is None:
            return NOT_WHOLE
        self.ran.append(question.verb)
        match question.verb:
            case "ask":
                self._ask(command, question)
            case "follow":
                self._follow(command, question)
            case "collect" | "withdraw" | "cancel":
                self._stand(command, question)
            case _:
                self._tell(command, question)
        return 0

    def _ask(self, command: Command, question: Question) -> None:
        seconds, limit = question.asked["seconds"], question.asked["limit"]
        with self._started(self._meant(question.script).decode(), stderr=subprocess.STDOUT) as running:
            try:
                said, _ = running.communicate(timeout=seconds)
                code = running.returncode
            except subprocess.TimeoutExpired:
                running.kill()
                said, _ = running.communicate()
                code = 124
        command.write(frame(question.asked, {"exit": code, "cut": max(0, len(said) - limit)}, said[:limit]))

    def _tell(self, command: Command, question: Question) -> None:
        asked = question.asked
        match question.verb:
            case "deliver":
                if hashlib.sha256(question.script).hexdigest() != asked["sum"]:
                    raise ValueError("the script did not arrive whole")
                script = self._meant(question.script)
                values = {"id": asked["id"], "script": script.decode(), "sum": hashlib.sha256(script).hexdigest()}
                text = payload("deliver", supervisor=SUPERVISOR, **values)
            case "commit":
                text = payload("commit", **{name: asked[name] for name in ("id", "seconds", "limit", "store", "token")})
            case _:
                text = payload(question.verb, id=asked["id"])
        with self._started(text.decode(), stderr=subprocess.PIPE) as running:
            _, wrong = running.communicate()
        if running.returncode:
            command.write(wrong, "stderr")
        else:
            command.write(frame(asked, {"done": True}))

    def _stand(self, command: Command, question: Question) -> None:
        with self._started(payload(question.verb, id=question.asked["id"]).decode()) as running:
            said, _ = running.communicate()
        first, _, output = said.partition(b"\n")
        command.write(frame(question.asked, _head(first.decode().split()), output))

    def _follow(self, command: Command, question: Question) -> None:
        asked = question.asked
        at = int(asked["from"])
        text = payload("follow", id=asked["id"], most=asked["most"], **{"from": at}).decode()
        with self._started(text) as running:
            assert running.stdout is not None  # noqa: S101  # asked for below
            while chunk := running.stdout.read1(65536):  # type: ignore[attr-defined]  # a BufferedReader
                command.write(frame(asked, {"at": at}, chunk))
                at += len(chunk)
                if command.cancelled.is_set():
                    running.kill()
        command.write(frame(asked, {"end": True, "at": at}))

    def _started(self, script: str, stderr: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        argv = self._argv(script)
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr)


def _head(words: Sequence[str]) -> dict[str, Any]:
    """The Linux marker's line as the Windows marker says it."""
    match words:
        case ["ended", code, cut, how, took]:
            known: dict[str, Any] = {"is": "ended", "exit": None, "how": how, "cut": int(cut), "took": None}
            with suppress(ValueError):
                known["exit"] = int(code)
            with suppress(ValueError):
                known["took"] = int(took) / 100
            return known
        case ["running", silent]:
            return {"is": "running", "silent": int(silent) / 100}
        case ["interrupted", why]:
            return {"is": "interrupted", "why": why}
        case _:
            return {"is": words[0] if words else ""}
