"""Where Ansible's modules and collections lie on this machine: looked for as files, nothing of Ansible is imported."""

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from msp_ops.domain.wording import did_you_mean, listed

ITSELF = ("ansible.builtin", "ansible.legacy")
_NO_MODULES = ("import_playbook", "import_role", "import_tasks", "include_role", "include_tasks", "meta")
_MOST = 8  # names that are told


def why_no_module(name: str, folder: Path) -> str | None:
    """What is wrong with this full name of a module; None: nothing, or nobody can tell here, without Ansible."""
    ours = _ansible()
    if ours is None:
        return None
    collection, module = _taken_apart(name)
    if collection in ITSELF:
        if module in _NO_MODULES:
            return f"{name} is no module: it brings tasks or plays in; write a playbook for that"
        known = _names([ours / "modules"])
        return None if module in known else f"there is no module {name}{did_you_mean(module, known)}"
    if isinstance(place := _collection(collection, folder), str):
        return place
    known = _names([place / "plugins" / "modules", place / "plugins" / "action"])
    if module in known or f"{module}:" in _routes(place):
        return None
    shown = f"{listed(sorted(known)[:_MOST])}{' …' if len(known) > _MOST else ''}"
    return f"the collection {collection} has no module {module}{did_you_mean(module, known)}; it has: {shown}"


def why_no_playbook(name: str, folder: Path) -> str | None:
    """The same for the full name of a playbook."""
    if _ansible() is None:
        return None
    collection, playbook = _taken_apart(name)
    if isinstance(place := _collection(collection, folder), str):
        return place
    known = _names([place / "playbooks"], (".yml", ".yaml"))
    if playbook in known:
        return None
    return f"the collection {collection} has no playbook {playbook}{did_you_mean(playbook, known)}"


def _taken_apart(name: str) -> tuple[str, str]:
    space, collection, inside = name.split(".", 2)
    return f"{space}.{collection}", inside


def _collection(name: str, folder: Path) -> Path | str:
    """Its folder, or why there is none."""
    for place in _places(folder):
        if (found := place / "ansible_collections" / Path(*name.split("."))).is_dir():
            return found
    return (
        f"the collection {name} is not installed here; do: ansible-galaxy collection install {name}, "
        f"or put it into {folder / 'collections' / 'ansible_collections'}"
    )


def _places(folder: Path) -> Iterator[Path]:
    """Where Ansible is told to look, and where it looks by itself."""
    yield folder / "collections"
    yield Path.home() / ".ansible" / "collections"
    yield Path("/usr/share/ansible/collections")
    yield from (Path(each) for each in sys.path if each)


@cache
def _ansible() -> Path | None:
    """The folder of ansible-core beside us; None: Ansible is not here, or another Python's."""
    spec = find_spec("ansible")
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None


def _names(folders: Iterable[Path], endings: Iterable[str] = (".py", ".ps1")) -> set[str]:
    """`net/ping.py` is `net.ping`."""
    found = ((path, folder) for folder in folders for ending in endings for path in folder.rglob(f"*{ending}"))
    names = {".".join(path.relative_to(folder).with_suffix("").parts) for path, folder in found}
    return {name for name in names if not name.rpartition(".")[2].startswith("_")}


def _routes(place: Path) -> str:
    """Modules that moved elsewhere keep their names there."""
    try:
        return (place / "meta" / "runtime.yml").read_text(encoding="utf-8")
    except OSError:
        return ""
