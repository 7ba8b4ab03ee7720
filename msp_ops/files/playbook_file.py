"""What a playbook's own text says before Ansible reads it: whom it asks, and what of it is encrypted."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from msp_ops.domain.record import record

_ENCRYPTED = re.compile(rb"^[ \t]*\$ANSIBLE_VAULT;", re.MULTILINE)
_NOT_YAML = {".md", ".sh", ".py", ".j2"}  # they may speak of it


@record
class Question:
    """One of `vars_prompt`; `place` is its file, line and column."""

    variable: str
    place: str
    has_default: bool


def questions_of(path: Path) -> Iterator[Question]:
    """What a playbook and those that it imports by name ask of a person. ValueError when one is not YAML."""
    seen: set[Path] = set()
    left = [path.resolve()]
    while left:
        if (now := left.pop()) in seen or not now.is_file():
            continue
        seen.add(now)
        for play in _items(_composed(now)):
            for entry in _items(_value(play, "vars_prompt")):
                yield from _question(now, entry)
            left += [(now.parent / name).resolve() for name in _imported(play)]


def encrypted_files(folder: Path) -> Iterator[Path]:
    """Files that ansible-vault encrypted, whole or in part."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in _NOT_YAML and path.is_file() and _ENCRYPTED.search(path.read_bytes()):
            yield path


def _composed(path: Path) -> yaml.Node | None:
    """Its nodes: nothing is made of them, so that tags such as `!vault` are let through."""
    try:
        text = path.read_text(encoding="utf-8")
        return None if text.startswith("$ANSIBLE_VAULT;") else yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise ValueError(f"{place}: {error.problem or 'this is not YAML'}") from error
    except (OSError, UnicodeError, yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"{path} cannot be read as YAML: {error}") from error


def _question(path: Path, entry: yaml.Node) -> Iterator[Question]:
    name = _value(entry, "name")
    if isinstance(name, yaml.ScalarNode):
        mark = entry.start_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}"
        yield Question(variable=name.value, place=place, has_default=_value(entry, "default") is not None)


def _imported(play: yaml.Node) -> Iterator[str]:
    for word in ("import_playbook", "ansible.builtin.import_playbook"):
        named = _value(play, word)
        if isinstance(named, yaml.ScalarNode) and "{{" not in named.value:
            yield named.value


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    entries = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in entries if name.value == key), None)
