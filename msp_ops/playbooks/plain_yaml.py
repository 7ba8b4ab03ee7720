"""YAML for Ansible in which every text is a value: nothing in it is a template, whoever wrote it."""

from collections.abc import Mapping

import yaml
from typing_extensions import override


class Plain(str):
    """A text that Ansible must not read as a template."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Knows `Plain`, and never writes an alias."""

    @override
    def ignore_aliases(self, data: object) -> bool:
        return True


def _represent(dumper: yaml.SafeDumper, text: Plain) -> yaml.ScalarNode:
    return dumper.represent_scalar("!unsafe", str(text), style='"')


_Dumper.add_representer(Plain, _represent)


def dump(value: object) -> str:
    """A value as Ansible reads it; the names in it are taken as they are."""
    return yaml.dump(_plain(value), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6)


def _plain(value: object) -> object:
    match value:
        case str():
            return Plain(value)
        case Mapping():
            return {str(name): _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value
