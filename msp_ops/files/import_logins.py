"""Logins of another program as credentials of a client: what is secret becomes a reference, and is itself not kept."""

import re
from collections.abc import Mapping, Sequence

from msp_ops.domain.client import Client, Credential
from msp_ops.domain.wording import listed
from msp_ops.files.document import Plain
from msp_ops.files.import_draft import Login, Remark
from msp_ops.files.import_names import slug

Entry = dict[str, Plain]
NOTHING = Login()
USUAL_KEY = "file:keys/ops_ed25519"


class Credentials:
    """Gives each login a credential: one that the client has, or a new one with a name of its own."""

    def __init__(self, client: Client, *, is_new: bool) -> None:
        self._client, self._is_new = client, is_new
        self._known: dict[tuple[Login, bool], str] = {}
        self._hosts: dict[str, list[str]] = {}
        self._logins: dict[str, Login] = {}
        self.new: dict[str, Entry] = {}
        self.own_default: Entry | None = None

    def keep(self, login: Login, credential: str, *, windows: bool) -> None:
        """A host that is in the client's file already logs in so."""
        if credential in self._client.credentials:
            self._known.setdefault((login, windows), credential)

    def most_use(self, login: Login, *, windows: bool) -> None:
        """In a first file the login of most hosts is the default."""
        if self._is_new and login != NOTHING:
            self.own_default = self._entry("default", login, windows=windows)
            self._known[login, windows] = "default"
            self._logins["default"] = login

    def name_for(self, login: Login, host: str, *, windows: bool = False) -> str:
        """The credential's name; `host` is an example of who uses it."""
        name = self._known.get((login, windows))
        if name is None:
            name = self._same(login, windows=windows) or self._add(login, host, windows=windows)
            self._known[login, windows] = name
        self._hosts.setdefault(name, []).append(host)
        return name

    def _same(self, login: Login, *, windows: bool) -> str | None:
        """One of the client's own. Nobody knows whether two secrets are the same, so none has a secret that is new."""
        if login == NOTHING and not windows:
            return "default" if "default" in self._client.credentials and not self.own_default else None
        if login.password or login.sudo_password or windows:
            return None
        wanted = self._entry("", login, windows=False)
        for name, known in self._client.credentials.items():
            if _plain(known) == wanted:
                return name
        return None

    def _add(self, login: Login, host: str, *, windows: bool) -> str:
        user = slug(login.user or ("administrator" if windows else "ops")) or "login"
        key = slug(_file_name(login.key)) if login.key else ""
        names = [user, *([f"{user}-{key}"[:63].strip("-")] if key else []), f"{user}-{slug(host)}"[:63].strip("-")]
        taken = {*self._client.credentials, *self.new}
        name = next((name for name in names if name not in taken), None) or _numbered(names[-1], taken)
        self.new[name] = self._entry(name, login, windows=windows)
        self._logins[name] = login
        return name

    def _entry(self, name: str, login: Login, *, windows: bool) -> Entry:
        entry: Entry = {"user": login.user or ("Administrator" if windows else "ops")}
        variable = re.sub(r"[^A-Z0-9]", "_", f"{self._client.id}_{name}".upper())
        if login.key and not windows:
            entry["key"] = f"file:keys/{self._client.id}-{_file_name(login.key)}"
        if login.password or windows:
            entry["password"] = f"env:{variable}_PASSWORD"
        elif login.agent and not login.key:
            entry["agent"] = "yes"
        elif not login.key:
            entry["key"] = USUAL_KEY
        if login.sudo_password:
            entry["sudo_password"] = f"env:{variable}_SUDO"
        return entry

    def remarks(self) -> list[Remark]:
        """Where each secret must be put before a host can be reached."""
        found: list[Remark] = []
        guessed: dict[str, list[str]] = {}
        copies: dict[tuple[str, str], list[str]] = {}
        entries = {**self.new, **({"default": self.own_default} if self.own_default else {})}
        for name, entry in entries.items():
            login, hosts = self._logins[name], tuple(self._hosts.get(name, ()))
            secret = [field for field in ("password", "sudo_password") if field in entry]
            found += [_must_have(name, field, str(entry[field]), hosts) for field in secret]
            if login.key and "key" in entry:
                copies.setdefault((login.key, str(entry["key"])), []).append(name)
            elif entry.get("key") == USUAL_KEY:
                guessed.setdefault(f"no key is named: {USUAL_KEY} is written", []).append(name)
            if not login.user:
                guessed.setdefault(f"no user is named: {entry['user']} is written", []).append(name)
        if self._is_new and not self.own_default and "default" in self._hosts:
            guessed.setdefault(f"no login is named: user ops and {USUAL_KEY} are written", []).append("default")
        found += [_must_copy(path, reference, names) for (path, reference), names in copies.items()]
        return [*found, *(_must_check(names, why) for why, names in guessed.items())]


def _must_have(name: str, field: str, reference: str, hosts: tuple[str, ...]) -> Remark:
    return Remark(
        verdict="secret",
        what=f"{field} of {name}",
        why=f"is written as {reference}; the secret itself was neither written nor shown",
        todo=f"put it into the environment variable {reference.removeprefix('env:')}, or name a file: file:PATH",
        hosts=hosts,
    )


def _must_copy(path: str, reference: str, names: Sequence[str]) -> Remark:
    return Remark(
        verdict="secret",
        what=f"key of {listed(names)}",
        why=f"{path} is written as {reference}",
        todo=f"copy it to {reference.removeprefix('file:')} in the workspace, readable for you only",
    )


def _must_check(names: Sequence[str], why: str) -> Remark:
    todo = "correct it in the client's file, if it is another"
    return Remark(verdict="note", what=f"credential {listed(names)}", why=why, todo=todo)


def _file_name(path: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", path.replace("\\", "/").rpartition("/")[2]).strip("-.") or "key"


def _numbered(name: str, taken: set[str]) -> str:
    return next(f"{name[:58]}-{number}" for number in range(2, 100_000) if f"{name[:58]}-{number}" not in taken)


def _plain(credential: Credential) -> Mapping[str, Plain]:
    said = {name: getattr(credential, name) for name in ("user", "key", "password", "passphrase", "sudo_password")}
    agent = {"agent": "yes"} if credential.agent else {}
    return {name: value for name, value in said.items() if value} | agent
