"""What hosts, roles and sites of another program are called here: ids are small letters, digits and single dashes."""

import re
from collections.abc import Iterator, Mapping, Sequence

from msp_ops.domain.wording import listed
from msp_ops.files.import_draft import HostDraft, Remark

LONGEST = 63


def slug(text: str) -> str:
    """The nearest id; nothing when no letter of it can be in one."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:LONGEST].strip("-")


def host_ids(hosts: Sequence[HostDraft], taken: frozenset[str], *, short: bool) -> Mapping[str, str]:
    """By name. `taken` by sites and `all`. `short`: the first label of a name, where no other host has it too."""
    labels = [slug(_first_label(host.name)) for host in hosts]
    ids = {}
    for host in hosts:
        label = slug(_first_label(host.name))
        wanted = label if short and labels.count(label) == 1 else slug(host.name)
        ids[host.name] = f"{wanted[: LONGEST - 5]}-host" if wanted in taken else wanted
    return ids


def _first_label(name: str) -> str:
    return name if re.fullmatch(r"[0-9.]+|.*:.*", name) else name.partition(".")[0]


def role_names(members: Mapping[str, frozenset[str]], ids: frozenset[str], sites: frozenset[str]) -> Mapping[str, str]:
    """By group; `members` are its hosts' ids. A group that holds only the host of its own name needs no role."""
    names = {}
    for group, hosts in members.items():
        name = slug(group)
        if name in sites | {"all"} or (name in ids and hosts != {name}):
            name = f"{name[: LONGEST - 6]}-group"
        if name and hosts != {name}:
            names[group] = name
    return names


def remarks_on_names(ids: Mapping[str, str], roles: Mapping[str, str]) -> Iterator[Remark]:
    """What is called otherwise here."""
    for what, names in (("host", ids), ("group", roles)):
        changed = [f"{name} -> {new}" for name, new in names.items() if name != new]
        dots = any("." in name and not name[-1].isdigit() and _first_label(name) != new for name, new in names.items())
        if changed:
            yield Remark(
                verdict="renamed",
                what=f"{len(changed)} {what}{'s' if changed[1:] else ''}",
                why="ids are small letters, digits and single dashes, and each means one thing",
                todo=f"{listed(changed)}{'; --short-names takes the first part' if dots else ''}",
            )
