"""What `ansible-inventory --list` says, as drafts of hosts: its JSON in, no file and no program here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from msp_ops.domain.errors import FileError
from msp_ops.domain.wording import listed
from msp_ops.files.import_ansible_host import OURS, read_host
from msp_ops.files.import_draft import Found, Remark, gathered
from msp_ops.files.import_places import Places

NOT_ROLES = {"all", "ungrouped"}


def is_listing(value: object) -> bool:
    """Whether it is an answer of `ansible-inventory --list`, not an inventory in JSON."""
    return isinstance(value, dict) and isinstance(value.get("_meta"), dict) and "hostvars" in value["_meta"]


def read_listing(value: object, places: Places) -> Found:
    """Hosts in the order of the groups. FileError when it is no such answer."""
    if not isinstance(value, dict):
        raise FileError("this is no answer of ansible-inventory --list: right is one mapping of groups")
    variables = _hostvars(value)
    groups = {name: group for name, group in value.items() if name != "_meta"}
    inside = {name: _hosts_of(name, groups) for name in groups}
    drafts, remarks = [], list[Remark]()
    for name in dict.fromkeys([*(host for hosts in inside.values() for host in hosts), *variables]):
        own = variables.get(name, {})
        read = read_host(str(name), own if isinstance(own, dict) else {}, places)
        remarks += read.remarks
        if read.host:
            drafts.append((read.host, tuple(g for g, hosts in inside.items() if name in hosts and g not in NOT_ROLES)))
    remarks += _variables_of_playbooks(variables.values())
    return Found(hosts=tuple(replace(host, groups=groups) for host, groups in drafts), remarks=gathered(remarks))


def top_groups(value: object) -> tuple[str, ...]:
    """The groups directly below `all`."""
    groups = value if isinstance(value, dict) else {}
    inner = {child for name, group in groups.items() if name != "all" for child in _children(group)}
    return tuple(name for name in groups if name not in inner | NOT_ROLES | {"_meta"})


def _hostvars(value: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = value.get("_meta")
    found = meta.get("hostvars") if isinstance(meta, dict) else None
    return found if isinstance(found, dict) else {}


def _hosts_of(name: str, groups: Mapping[str, Any]) -> dict[str, None]:
    """With those of its children, in order; a group that holds itself is looked at once."""
    found: dict[str, None] = {}
    left, seen = [name], {name}
    while left:
        group = groups.get(left.pop(0))
        found |= dict.fromkeys(_words(group if isinstance(group, list) else _part(group, "hosts")))
        for child in _children(group):
            if child not in seen:
                seen.add(child)
                left.append(child)
    return found


def _children(group: object) -> Sequence[str]:
    return _words(_part(group, "children"))


def _part(group: object, key: str) -> object:
    return group.get(key) if isinstance(group, dict) else None


def _words(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | dict) else []


def _variables_of_playbooks(all_of_them: Iterable[Any]) -> Iterator[Remark]:
    names = sorted({key for own in all_of_them if isinstance(own, dict) for key in own if not key.startswith(OURS)})
    if names:
        yield Remark(
            verdict="note",
            what=f"{len(names)} variable{'s' if names[1:] else ''} of playbooks",
            why=f"{listed(names)}: they say nothing about how a host is reached",
            todo="leave them in Ansible's files; a runbook takes what it needs as parameters",
        )
