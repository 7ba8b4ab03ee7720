"""One host of an Ansible inventory: its variables in, a draft and what was not understood out.

Of two names of one setting the later of each list wins, as in Ansible's own connection plugins.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from msp_ops.domain.record import record
from msp_ops.domain.wording import did_you_mean
from msp_ops.files.import_draft import HostDraft, Login, Remark, Verdict
from msp_ops.files.import_places import Places
from msp_ops.files.import_ssh_words import SshWords, read_words
from msp_ops.files.spelling import read_address, read_between, read_user

OURS = "ansible_"
HOST = ("ansible_host", "ansible_ssh_host")
PORT = ("ansible_port", "ansible_ssh_port")
USER = ("ansible_user", "ansible_ssh_user")
KEY = ("ansible_private_key_file", "ansible_ssh_private_key_file")
PASSWORD = ("ansible_password", "ansible_ssh_pass", "ansible_ssh_password", "ansible_winrm_password")
SUDO = ("ansible_become_password", "ansible_become_pass", "ansible_sudo_pass")
WORDS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
OF_ANSIBLE = {  # about how Ansible itself works, with nothing to take over
    "ansible_become", "ansible_sudo", "ansible_python_interpreter", "ansible_interpreter_python_fallback",
    "ansible_shell_type", "ansible_shell_executable", "ansible_pipelining", "ansible_ssh_pipelining",
    "ansible_ssh_retries", "ansible_ssh_timeout", "ansible_timeout", "ansible_remote_tmp", "ansible_facts",
    "ansible_ssh_transfer_method", "ansible_become_flags", "ansible_become_exe", "ansible_ssh_executable",
    "ansible_scp_if_ssh", "ansible_ssh_control_path", "ansible_command_timeout", "ansible_connect_timeout",
    "ansible_winrm_operation_timeout_sec", "ansible_winrm_read_timeout_sec", "ansible_facts_parallel",
}  # fmt: skip
UNCHECKED = {"ansible_host_key_checking", "ansible_ssh_host_key_checking", "ansible_winrm_server_cert_validation"}
SSH = {"ssh", "smart", "paramiko", "paramiko_ssh", "libssh", "persistent"}
WINRM = {"winrm", "psrp"}
READ_HERE = {
    *HOST, *PORT, *USER, *KEY, *PASSWORD, *SUDO, *WORDS, "ansible_connection", "ansible_become_method",
    "ansible_become_user", "ansible_winrm_transport", "ansible_winrm_scheme", "ansible_psrp_auth",
    "ansible_psrp_protocol",
}  # fmt: skip
NAME = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
HERE = {"localhost", "127.0.0.1", "::1"}
_SALT = secrets.token_bytes(16)


@record
class Read:
    """The draft, None when the host cannot be taken over."""

    host: HostDraft | None
    remarks: tuple[Remark, ...] = ()


class _LeftOut(ValueError):  # noqa: N818  # reads as what it is
    """The host cannot be taken over; `key` says where to look."""

    def __init__(self, why: str, todo: str, key: str = "", verdict: Verdict = "left out") -> None:
        super().__init__(why)
        self.todo, self.key, self.verdict = todo, key, verdict


def token_of(value: object) -> str:
    """The same for the same secret and worth nothing outside this process."""
    return hashlib.blake2b(json.dumps(value, default=str).encode(), key=_SALT, digest_size=16).hexdigest()


def read_host(name: str, variables: Mapping[str, Any], places: Places) -> Read:
    """`name` as in the inventory."""
    reader = _Reader(name, variables, places)
    try:
        host = reader.read()
    except _LeftOut as reason:
        where = places.of_key(reason.key, name) if reason.key else places.of_host(name)
        reader.tell(reason.verdict, reason.key or "host", str(reason), reason.todo, where)
        return Read(host=None, remarks=tuple(one for one in reader.remarks if one.verdict == reason.verdict))
    reader.tell_of_others(windows=bool(host.winrm))
    return Read(host=host, remarks=tuple(reader.remarks))


class _Reader:
    def __init__(self, name: str, variables: Mapping[str, Any], places: Places) -> None:
        self.name, self.variables, self.places = name, variables, places
        self.remarks: list[Remark] = []

    def read(self) -> HostDraft:
        connection = str(self.variables.get("ansible_connection", "ssh")).rpartition(".")[2]
        self._refuse_other_wires(connection)
        address = self._address()
        port = self._port()
        if address in HERE and port is None:
            raise _LeftOut("it is the machine itself on which Ansible runs", "", verdict="note")
        words = self._ssh_words()
        if connection in WINRM or (connection == "ssh" and port in {5985, 5986}):
            return self._draft(address, port, SshWords(), winrm=self._winrm(port))
        return self._draft(address, port or _number(words.port), words)

    def _draft(
        self, address: str, port: int | None, words: SshWords, winrm: tuple[tuple[str, str], ...] | None = None
    ) -> HostDraft:
        login = Login(
            user=self._user(words),
            key=self._if_said(KEY) or words.key,
            password=self._secret(PASSWORD, "the password"),
            sudo_password=None if winrm else self._secret(SUDO, "the password for sudo"),
        )
        where = self.places.of_host(self.name)
        return HostDraft(
            name=self.name, address=address, port=port, login=login, gateway=words.jump, winrm=winrm, where=where
        )

    def _refuse_other_wires(self, connection: str) -> None:
        key = "ansible_connection"
        if connection == "local":
            raise _LeftOut("it is the machine itself on which Ansible runs", "", key, verdict="note")
        if connection in {"network_cli", "httpapi", "netconf"}:
            raise _LeftOut(f"{connection}: a network device; hosts are reached by SSH or WinRM with a shell", "", key)
        if connection not in SSH | WINRM:
            todo = "add the machine that it runs on" if connection.isidentifier() else "write ssh or winrm"
            raise _LeftOut(f"connection '{connection[:40]}' is neither SSH nor WinRM", todo, key)

    def _address(self) -> str:
        said = self._text(HOST)
        key = next((key for key in reversed(HOST) if key in self.variables), "")
        try:
            return read_address(said or self.name.strip("[]"))
        except ValueError as error:
            raise _LeftOut(str(error), "write the address, or give the host a name that can be one", key) from error

    def _port(self) -> int | None:
        said = self._text(PORT)
        if not said:
            return None
        try:
            return read_between(1, 65535)(said)
        except ValueError as error:
            key = next(key for key in reversed(PORT) if key in self.variables)
            raise _LeftOut(f"port: {error}", "write the port's number", key) from error

    def _user(self, words: SshWords) -> str | None:
        said = self._if_said(USER) or words.user
        try:
            return read_user(said) if said else None
        except ValueError as error:
            self.tell("not taken over", USER[0], str(error), "name the user in the client's file", self._where(USER))
            return None

    def _ssh_words(self) -> SshWords:
        text = " ".join(said for key in WORDS if (said := self._text((key,))))
        words, where = read_words(text), self._where(WORDS)
        if words.no_way:
            raise _LeftOut(
                f"the way through another machine cannot be written: {words.no_way}",
                "write the site's gateway in the client's file, and the host below it",
                next(key for key in reversed(WORDS) if key in self.variables),
            )
        if words.unchecked:
            self._tell_unchecked("ssh's arguments", where)
        for other in words.other:
            self.tell("not taken over", f"{other} in ssh's arguments", "msp-ops has no such setting", "", where)
        return words

    def _winrm(self, port: int | None) -> tuple[tuple[str, str], ...]:
        scheme = self._text(("ansible_psrp_protocol", "ansible_winrm_scheme"))
        tls = scheme != "http" and (bool(scheme) or port != 5985)
        said = self._text(("ansible_psrp_auth", "ansible_winrm_transport")) or "ntlm"
        auth = {"negotiate": "ntlm", "plaintext": "basic", "ssl": "basic"}.get(said, said)
        why = {"basic": "" if tls else "it hands the password over readable", "ntlm": "", "kerberos": ""}
        why["certificate"] = "its certificate and key must be named in the credential"
        if reason := why.get(auth, "msp-ops has no such login"):
            where = self._where(("ansible_winrm_transport", "ansible_psrp_auth"))
            self.tell("not taken over", f"WinRM's login '{auth[:20]}'", reason, "NTLM is written in its place", where)
            auth = "ntlm"
        return (("tls", "yes" if tls else "no"), ("auth", auth))

    def _text(self, keys: Sequence[str]) -> str | None:
        """What the last of these keys says, names of other variables filled in; _LeftOut for other templates."""
        key = next((key for key in reversed(keys) if self.variables.get(key) not in (None, "")), None)
        if key is None:
            return None
        value = self.variables[key]
        if isinstance(value, dict):
            if "__ansible_vault" in value:
                raise _LeftOut("it is encrypted with ansible-vault", "write it in the clear: it is no secret", key)
            value = value.get("__ansible_unsafe", [])
        if isinstance(value, list | dict):
            raise _LeftOut("a list or mapping stands where a text should", "write one text", key)
        text = self._filled(str(value))
        if "{{" in text or "{%" in text:
            raise _LeftOut("a template is worked out by Ansible only", "write the value itself", key)
        return text

    def _if_said(self, keys: Sequence[str]) -> str | None:
        """As `_text`; what cannot be worked out is told, and the host is taken over without it."""
        try:
            return self._text(keys)
        except _LeftOut as reason:
            todo = "correct its credential in the client's file"
            self.tell("not taken over", reason.key, str(reason), todo, self.places.of_key(reason.key, self.name))
            return None

    def _filled(self, text: str) -> str:
        for _ in range(3):
            text = NAME.sub(self._fill, text)
        return text

    def _fill(self, match: re.Match[str]) -> str:
        if match[1] in {"inventory_hostname", "inventory_hostname_short"}:
            return self.name if match[1] == "inventory_hostname" else self.name.partition(".")[0]
        value = self.variables.get(match[1])
        known = isinstance(value, str | int) and not isinstance(value, bool) and len(str(value)) < 300
        return str(value) if known else match[0]

    def _secret(self, keys: Sequence[str], what: str) -> str | None:
        key = next((key for key in reversed(keys) if self.variables.get(key) not in (None, "")), None)
        if key is None:
            return None
        value, where = self.variables[key], self.places.of_key(key, self.name)
        if isinstance(value, dict) or "{{" in str(value):
            self.tell("secret", key, f"{what} lies in Ansible's vault or in a template", "", where)
        else:
            self.tell("secret", key, f"{what} stands there in clear; change it when it has moved", "", where)
        return token_of(value)

    def tell_of_others(self, *, windows: bool) -> None:
        """Every variable that begins with `ansible_` and is not taken over."""
        method = str(self.variables.get("ansible_become_method", "sudo")).rpartition(".")[2]
        if method != "sudo" and not windows:
            self._tell_key("ansible_become_method", "msp-ops becomes root by sudo alone")
        if str(self.variables.get("ansible_become_user", "root")) != "root" and not windows:
            self._tell_key("ansible_become_user", "msp-ops becomes root; a runbook's step may say `run_as`")
        for key in self.variables:
            if key in UNCHECKED:
                self._tell_unchecked(key, self.places.of_key(key, self.name))
            elif key.startswith(OURS) and key not in READ_HERE | OF_ANSIBLE:
                self._tell_key(key, f"no setting of Ansible that is known here{did_you_mean(key, READ_HERE)}")

    def _tell_key(self, key: str, why: str) -> None:
        self.tell("not taken over", key, why, "", self.places.of_key(key, self.name))

    def _tell_unchecked(self, what: str, where: tuple[str, ...]) -> None:
        if str(self.variables.get(what, "no")).lower() not in {"true", "yes", "validate"}:
            why = "it says not to check whom one talks to; here every host must show what a person pinned"
            self.tell("not taken over", what, why, "msp-ops hosts trust", where)

    def _where(self, keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(place for key in keys if key in self.variables for place in self.places.of_key(key, self.name))

    def tell(self, verdict: Verdict, what: str, why: str, todo: str, where: tuple[str, ...]) -> None:
        self.remarks.append(Remark(verdict=verdict, what=what, why=why, todo=todo, where=where, hosts=(self.name,)))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and 1 <= int(text) <= 65535 else None
