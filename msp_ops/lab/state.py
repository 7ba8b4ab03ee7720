"""What the lab made, written down before it is made: `down` touches nothing else."""

import json
import secrets
from dataclasses import asdict
from pathlib import Path

from msp_ops.domain.record import record
from msp_ops.lab.errors import LabError
from msp_ops.lab.folder import Folder
from msp_ops.lab.hosts import LabHost


@record
class State:
    """One lab that is up (or half up)."""

    lab: str
    hosts: tuple[LabHost, ...]
    layers: tuple[str, ...]
    repository: str
    cgroup: str
    size_mb: int

    @property
    def controller(self) -> str:
        """The network namespace in which the hosts' addresses answer."""
        return f"msplab-{self.lab}"

    def network(self, host: LabHost) -> str:
        return f"msplab-{self.lab}-{host.name}"

    def host_cgroup(self, host: LabHost) -> Path:
        return Path(self.cgroup) / host.name


def new_id() -> str:
    """Random, so that labs of different folders never share a name on the machine."""
    return secrets.token_hex(3)


def _file(folder: Folder) -> Path:
    return folder.run / "state.json"


def is_up(folder: Folder) -> bool:
    return folder.is_ours and _file(folder).exists()


def write(folder: Folder, state: State) -> None:
    """Raises LabError when another `up` was first."""
    folder.run.mkdir(mode=0o700, exist_ok=True)
    try:
        with _file(folder).open("x") as out:
            json.dump(asdict(state), out, indent=1)
    except FileExistsError as exists:
        raise LabError(f"the lab in {folder.path} is already up; 'msp-ops lab down' first") from exists


def read(folder: Folder) -> State:
    """Raises LabError when the lab is not up."""
    if not is_up(folder):
        raise LabError(f"the lab in {folder.path} is not up; 'msp-ops lab up' starts it")
    raw = json.loads(_file(folder).read_text())
    hosts = tuple(LabHost(**host) for host in raw.pop("hosts"))
    return State(hosts=hosts, layers=tuple(raw.pop("layers")), **raw)
