"""YAML for Ansible in which every text is a value: nothing in it is a template, whoever wrote it.

The tag stands on a mapping and never on a text: of `!unsafe "yes"` Ansible makes a truth, and of `!unsafe "0123"` the
number 83, quoted or not. (Measured with ansible-core 2.19.)
"""

from collections.abc import Mapping

import yaml
from typing_extensions import override


class Unsafe(dict[str, object]):
    """A mapping with no template in it."""


class _Dumper(yaml.SafeDumper):
    """Knows `Unsafe`, and never writes an alias."""

    @override
    def ignore_aliases(self, data: object) -> bool:
        return True


def _represent(dumper: yaml.SafeDumper, mapping: Unsafe) -> yaml.MappingNode:
    return dumper.represent_mapping("!unsafe", mapping)


_Dumper.add_representer(Unsafe, _represent)


def dump(value: object) -> str:
    """A value as Ansible reads it; the names in it are taken as they are."""
    return yaml.dump(_plain(value), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6)


def _plain(value: object) -> object:
    match value:
        case Unsafe():
            return Unsafe({str(name): _plain(each) for name, each in value.items()})
        case Mapping():
            return {str(name): _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value
