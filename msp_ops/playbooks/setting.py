"""What a playbook finds around it: inventory, variables, configuration and environment, all of our making."""

import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from msp_ops.domain.filling import filled
from msp_ops.domain.record import record
from msp_ops.playbooks import plain_yaml, ways
from msp_ops.playbooks.errors import NotInstalled, PlaybookError
from msp_ops.playbooks.heard import THE_END
from msp_ops.playbooks.job import ModuleCall, Playbook, PlaybookJob, Value
from msp_ops.playbooks.keys import Keys
from msp_ops.playbooks.plain_yaml import Unsafe
from msp_ops.playbooks.processes import MARK
from msp_ops.secrets.references import Resolve

ALIVE = "alive"  # what our process says to the keeper now and then
ORDERS = "orders.json"
WHOLE = "whole.yml"
MODULE = "module.yml"
VAULT = "vault-password"
_CONFIGURATION = """\
[defaults]
forks = {at_once}
timeout = 10
host_key_checking = True
interpreter_python = auto_silent
deprecation_warnings = False
localhost_warning = False
transform_invalid_group_chars = ignore
retry_files_enabled = False
display_args_to_stdout = False
nocolor = True
nocows = True
local_tmp = {folder}/tmp
collections_path = {beside}/collections:{top}/collections:{home}/.ansible/collections:/usr/share/ansible/collections
roles_path = {top}/roles:{home}/.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles
[inventory]
enable_plugins = yaml
host_pattern_mismatch = error
[ssh_connection]
pipelining = True
control_path_dir = {folder}/cp
"""


@record
class Setting:
    """How the keeper is started. `agent`: with an SSH agent of our own. `secrets`: what only the playbook was given."""

    environment: Mapping[str, str]
    agent: bool
    secrets: tuple[str, ...]


def write_setting(folder: Path, job: PlaybookJob, resolve: Resolve) -> Setting:
    """Write everything that Ansible and its keeper need into the private folder. Raises PlaybookError, FileError."""
    program = ansible_playbook()
    _check(job)
    playbook, beside = _playbook(folder, job)
    for name in ("tmp", "home", "cp", "runner"):
        (folder / name).mkdir(mode=0o700)
    keys = Keys(folder, job.workspace, resolve, job.agent_socket)
    home = Path.home()
    _write(folder / "inventory.yml", plain_yaml.dump(_inventory(job, keys, resolve)))
    _write(folder / "variables.yml", plain_yaml.dump(_variables(folder, job)))
    places = {"folder": folder, "home": home, "beside": beside, "top": job.what.folder.resolve()}
    _write(folder / "ansible.cfg", _CONFIGURATION.format(**places, at_once=job.at_once))
    _write(folder / WHOLE, _whole(playbook))
    _write(folder / ways.CONFIGURATION, ways.ssh_configuration(job.hosts, folder, keys))
    ways.write_askers(job.hosts, folder, resolve)
    _write(folder / ways.HOSTS, ways.known_hosts(job.hosts))
    _write(folder / ways.GATEWAYS, ways.known_gateways(job.hosts))
    secrets = _vault_passwords(job, resolve)
    for secret in secrets:
        _write(folder / VAULT, secret)
    orders: dict[str, object] = {
        "argv": (program, *_options(folder, job), str(folder / WHOLE)),
        "cwd": str(beside),
        "keys": [asdict(key) for key in keys.locked],
        "silence": job.silence.total_seconds(),
    }
    _write(folder / ORDERS, json.dumps(orders))
    return Setting(environment=_environment(folder, home), agent=bool(keys.locked), secrets=secrets)


def _options(folder: Path, job: PlaybookJob) -> Iterator[str]:
    yield from ("-i", f"{folder}/inventory.yml", "-e", f"@{folder}/variables.yml")
    if job.check:
        yield "--check"
    if isinstance(job.what, Playbook):
        if job.what.tags:
            yield from ("--tags", ",".join(job.what.tags))
        if job.what.skip_tags:
            yield from ("--skip-tags", ",".join(job.what.skip_tags))
        if job.what.vault_password is not None:
            yield from ("--vault-password-file", f"{folder}/{VAULT}")


def _vault_passwords(job: PlaybookJob, resolve: Resolve) -> tuple[str, ...]:
    """The one, if any; FileError, PlaybookError when there is nothing in it."""
    if not isinstance(job.what, Playbook) or job.what.vault_password is None:
        return ()
    password = resolve(job.what.vault_password)
    if not password.strip():
        raise PlaybookError(f"{job.what.vault_password}, the vault's password, is empty; put the password there")
    return (password,)


def ansible_playbook() -> str:
    """The program; NotInstalled when it or ansible-runner is missing."""
    places = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
    program = shutil.which("ansible-playbook", path=places)
    if program is None or find_spec("ansible_runner") is None:
        missing = "ansible-core" if program is None else "ansible-runner"
        raise NotInstalled(
            f"a playbook needs Ansible, and {missing} is not installed; do: pip install 'msp-ops[playbooks]'"
        )
    return program


def _check(job: PlaybookJob) -> None:
    ids = job.host_ids()
    if not ids or len(set(ids)) < len(ids):
        raise PlaybookError(
            f"a playbook runs for one or more hosts, each named once; given: {', '.join(ids) or 'none'}"
        )
    doors = Counter((target.host.address, target.host.port) for target in job.hosts)
    if twins := [host.id for host in (each.host for each in job.hosts) if doors[host.address, host.port] > 1]:
        raise PlaybookError(f"{', '.join(twins)}: the same address and port; a playbook would change one machine twice")
    if strange := {each for members in job.groups.values() for each in members} - set(ids):
        raise PlaybookError(f"groups name hosts that the playbook does not run for: {', '.join(sorted(strange))}")
    given = () if isinstance(job.what, ModuleCall) else job.variables
    if taken := sorted(name for name in given if name.startswith("ansible")):
        raise PlaybookError(
            f"{', '.join(taken)}: names that begin with `ansible` are Ansible's own; choose another name"
        )


def _playbook(folder: Path, job: PlaybookJob) -> tuple[str, Path]:
    """As it is imported, and the folder that it is run in."""
    within = job.what.folder.resolve()
    if isinstance(job.what, ModuleCall):
        _write(folder / MODULE, _one_task(job.what, job.variables))
        return str(folder / MODULE), within
    if job.what.of_collection:
        return job.what.file, within
    path = (within / job.what.file).resolve()
    if not path.is_relative_to(within) or not path.is_file():
        raise PlaybookError(f"there is no playbook {job.what.file} in {within}")
    return str(path), path.parent


def _whole(playbook: str) -> str:
    """The playbook and an end: a host whose play was broken off because of others looks like one that is done."""
    told = {"name": THE_END, "ansible.builtin.debug": {"msg": "{{ ansible_play_hosts }}"}, "run_once": True}
    told["tags"] = ["always"]
    end = {"name": THE_END, "hosts": "all", "gather_facts": False, "tasks": [told]}
    return json.dumps([{"import_playbook": playbook}, end])


def _one_task(call: ModuleCall, variables: Mapping[str, Value]) -> str:
    if call.name.count(".") < 2:
        raise PlaybookError(f"{call.name!r} is not a full name of a module; right would be ansible.builtin.{call.name}")
    values = {name.replace("-", "_"): str(value) for name, value in variables.items()}
    task = {"name": call.name, call.name: Unsafe(filled(dict(call.arguments), values))}
    play = {"hosts": "all", "gather_facts": False, "become": call.become, "tasks": [task]}
    return plain_yaml.dump([play])


def _inventory(job: PlaybookJob, keys: Keys, resolve: Resolve) -> Mapping[str, object]:
    hosts = {target.host.id: ways.host_variables(target, keys, resolve) for target in job.hosts}
    groups = {name: {"hosts": dict.fromkeys(members)} for name, members in job.groups.items()}
    spelled = {name.replace("-", "_"): members for name, members in groups.items()}
    return Unsafe({"all": {"hosts": hosts, "children": {**spelled, **groups}}})


def _variables(folder: Path, job: PlaybookJob) -> Mapping[str, object]:
    """Nothing that a play or its folder says has a higher rank than these."""
    given = {} if isinstance(job.what, ModuleCall) else job.variables  # they stand in its arguments already
    ours = {"ansible_ssh_args": ways.ssh_args(folder), "ansible_host_key_checking": True}
    return Unsafe({**{name.replace("-", "_"): value for name, value in given.items()}, **ours})


def _environment(folder: Path, home: Path) -> Mapping[str, str]:
    """None of ours is handed down: references such as `env:NAME` have their secrets there."""
    return {
        MARK: str(folder),
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(folder / "tmp"),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_HOST_KEY_CHECKING": "True",  # ansible-runner would say False
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
