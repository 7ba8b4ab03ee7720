"""A workspace: `msp.yaml`, `clients/ID.yaml` with `clients/ID.pins`, perhaps `runbooks/` of its own and `accepted/`."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TypeVar

from msp_ops.domain.client import Client
from msp_ops.domain.errors import FileError, PlanError
from msp_ops.domain.msp import Msp
from msp_ops.domain.record import record
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.accepted import load_accepted
from msp_ops.files.client_file import load_client
from msp_ops.files.library import find_runbook_folders
from msp_ops.files.people_rules import check_people, remarks_on_roles
from msp_ops.files.shelf import KnownRunbooks, Mistakes, Shelf, SoundRunbooks
from msp_ops.files.strict_yaml import read_yaml
from msp_ops.files.twins import remarks_on_twins
from msp_ops.files.typed import read_typed

T = TypeVar("T")


@record
class Workspace:
    """What could be read, and the mistakes of what could not: one bad file does not hide the others.

    `accepted`: the versions that schedules use in place of the library's.
    """

    root: Path
    msp: Msp
    clients: Mapping[str, Client]
    library: Mapping[str, Runbook]
    mistakes: Mapping[str, FileError]
    accepted: Mapping[str, Runbook] = field(default_factory=dict)

    def client(self, client_id: str) -> Client:
        """PlanError when there is none of that id; FileError when its file has mistakes."""
        return self._get("client", client_id, self.clients)

    def runbook(self, runbook_id: str) -> Runbook:
        """PlanError when there is none of that id; FileError when its folder has mistakes."""
        return self._get("runbook", runbook_id, self.library)

    def scheduled(self, runbook_id: str) -> Runbook:
        """The accepted version where there is one, else the library's. As `runbook`."""
        if mistake := self.mistakes.get(f"accepted runbook {runbook_id}"):
            raise mistake
        return self.accepted.get(runbook_id) or self.runbook(runbook_id)

    def version(self, runbook_id: str, digest: str) -> Runbook:
        """That very version if it is still here, else the library's. As `runbook`."""
        accepted = self.accepted.get(runbook_id)
        return accepted if accepted and accepted.digest == digest else self.runbook(runbook_id)

    def outdated(self) -> tuple[str, ...]:
        """Runbooks of which the library has another version than the accepted one."""
        known = self.library
        return tuple(name for name, old in self.accepted.items() if name in known and known[name].digest != old.digest)

    def check(self) -> None:
        """FileError with the mistakes of all files."""
        if self.mistakes:
            raise FileError("\n".join(str(mistake) for mistake in self.mistakes.values()))

    def remarks(self) -> tuple[str, ...]:
        """What can be meant and is rarely meant; worked out anew at each call."""
        newer = (
            f"{name}: the library has another version than the accepted one, which schedules use: "
            f"msp-ops runbooks diff {name}"
            for name in self.outdated()
        )
        clients = self.clients.values()
        return (*remarks_on_twins(clients), *remarks_on_roles(self.msp, clients), *newer)

    def _get(self, what: str, name: str, known: Mapping[str, T]) -> T:
        if name in known:
            return known[name]
        if mistake := self.mistakes.get(f"{what} {name}"):
            raise mistake
        raise PlanError(f"there is no {what} '{name}'; {what}s: {listed(known)}{did_you_mean(name, known)}")


def load_workspace(
    root: Path, *, library: Sequence[Path] | None = None, known_checks: frozenset[str] | None = None
) -> Workspace:
    """Reads every client once, a runbook when it is asked for.

    FileError only when this is no workspace; all else is in `mistakes`.

    Runbooks come from the folders of `library` (those that come with msp-ops when it is None), then from the
    workspace's own `runbooks/`, which win. Without `known_checks` the names of checks are not looked at.
    """
    msp = load_msp(root)
    folders = [*(find_runbook_folders() if library is None else library), root / "runbooks"]
    shelf = Shelf(folders, known_checks)
    accepted, spoilt = load_accepted(root, known_checks)
    known = KnownRunbooks(shelf, accepted)
    clients: dict[str, Client] = {}
    mistakes = {f"accepted runbook {name}": mistake for name, mistake in spoilt.items()}
    for path in _client_files(root):
        try:
            clients[path.stem] = load_client(path, known)
        except FileError as mistake:
            mistakes[f"client {path.stem}"] = mistake
    return Workspace(
        root=root,
        msp=msp,
        clients=clients,
        library=SoundRunbooks(shelf),
        mistakes=Mistakes(shelf, mistakes),
        accepted=accepted,
    )


def load_msp(root: Path) -> Msp:
    """Who we are, from `msp.yaml`; FileError when the folder is no workspace."""
    path = root / "msp.yaml"
    if not path.is_file():
        raise FileError(
            f"{root} is no workspace: it has no msp.yaml; name another folder with "
            f"--workspace DIR, or make one: msp-ops init DIR --name ... --contact ..."
        )
    document = read_yaml(path)
    msp = read_typed(document, Msp)
    check_people(document, msp)
    document.check()
    return msp


def client_path(root: Path, client_id: str) -> Path:
    """Where a client's file lies or would lie."""
    return root / "clients" / f"{client_id}.yaml"


def _client_files(root: Path) -> list[Path]:
    """Also those that somebody named `.yml`: a client must not vanish for a letter."""
    return sorted(path for path in (root / "clients").glob("*.y*ml") if not path.name.startswith("."))
