"""Adding to a YAML file that people wrote: only new text goes in, every letter that was there stays as it is.

A parser says where a list or mapping ends; the new lines go behind its last one, indented and styled as the file is.
What comes out is read again and must be what was there with the new values added: else nothing is written.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from msp_ops.files.document import Plain, Where

PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/@ -]*[A-Za-z0-9._/@-])?|(?:env|file):[A-Za-z0-9._/@-]+")
GUESSED = re.compile(r"(?i:y|yes|n|no|on|off|true|false|null)|[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[0-9]+)?|0[xo][0-9a-f]+")
WIDEST = 118


def with_items(text: str, where: Where, items: Sequence[Plain]) -> str:
    """The text with the items at the end of the list there; the list is made when its mapping lacks it."""
    if not items:
        return text
    node = _find(_compose(text), where)
    if node is None:
        return with_entries(text, where[:-1], {str(where[-1]): list(items)})
    if node.flow_style or not node.value:
        return _into_flow(text, node, where, items)
    lines = [line for item in items for line in _block_item(item)]
    return _behind(text, _end(text, node), node.start_mark.column, lines)


def with_entries(text: str, where: Where, entries: Mapping[str, Plain]) -> str:
    """The text with the keys at the end of the mapping there."""
    if not entries:
        return text
    node = _find(_compose(text), where)
    if node is None or not isinstance(node, yaml.MappingNode):
        raise ValueError("there is no mapping in this place")
    if node.flow_style:
        written = ", ".join(f"{scalar(key)}: {flow(value)}" for key, value in entries.items())
        return _insert(text, _inner_end(text, node), f", {written}" if node.value else written)
    lines = [line for key, value in entries.items() for line in _block_entry(key, value)]
    return _behind(text, _end(text, node), node.start_mark.column, lines)


def flow(value: Plain) -> str:
    """On one line: `{id: web1, roles: [web]}`."""
    match value:
        case str():
            return scalar(value)
        case list():
            return f"[{', '.join(flow(item) for item in value)}]"
        case dict():
            return f"{{{', '.join(f'{scalar(key)}: {flow(item)}' for key, item in value.items())}}}"


def scalar(text: str) -> str:
    """Quoted where other programs would read something else than a text; whole numbers stay as they are."""
    as_is = PLAIN.fullmatch(text) and (not GUESSED.fullmatch(text) or re.fullmatch("0|[1-9][0-9]*", text))
    return text if as_is or text in {"yes", "no"} else json.dumps(text, ensure_ascii=False)


def _compose(text: str) -> yaml.Node:
    node: yaml.Node | None = yaml.compose(text, Loader=yaml.CSafeLoader)
    return node or yaml.MappingNode("", [])


def _find(node: yaml.Node | None, where: Where) -> yaml.CollectionNode | None:
    for step in where:
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
        else:
            return None
    return node if isinstance(node, yaml.CollectionNode) else None


def _end(text: str, node: yaml.Node) -> int:
    """Where its last letter is: the parser counts the comments and empty lines after a block as its own."""
    last: Any = node
    while isinstance(last, yaml.CollectionNode) and not last.flow_style and last.value:
        last = last.value[-1]
        last = last[1] if isinstance(last, tuple) else last
    return len(text[: last.end_mark.index].rstrip(" \r\n"))


def _inner_end(text: str, node: yaml.CollectionNode) -> int:
    """Behind the last item of a flow list or mapping, before what follows it there."""
    if not node.value:
        return node.start_mark.index + 1
    last = node.value[-1]
    return _end(text, last[1] if isinstance(last, tuple) else last)


def _into_flow(text: str, node: yaml.CollectionNode, where: Where, items: Sequence[Plain]) -> str:
    """`[]` behind a key of a block becomes a block of its own; into other flow lists the items go one after another."""
    around = _find(_compose(text), where[:-1])
    start, end = node.start_mark.index, node.end_mark.index
    if not node.value and around is not None and not around.flow_style and "#" not in text[start:end]:
        start = len(text[:start].rstrip(" "))
        lines = [line for item in items for line in _block_item(item)]
        return _behind(text[:start] + text[end:], start, around.start_mark.column + 2, lines)
    written = ", ".join(flow(item) for item in items)
    return _insert(text, _inner_end(text, node), f", {written}" if node.value else written)


def _behind(text: str, end: int, indent: int, lines: Sequence[str]) -> str:
    """New lines below the one that holds `end`, and below the comments that stand deeper: they are about that one."""
    newline = "\r\n" if "\r\n" in text else "\n"
    below = text.find("\n", end) + 1
    if not below:
        text, below = text + newline, len(text) + len(newline)
    while deeper := re.compile(rf"(?:[ \r]*\n)* {{{indent + 1},}}#[^\n]*\n").match(text, below):
        below = deeper.end()
    return _insert(text, below, "".join(f"{' ' * indent}{line}{newline}" for line in lines))


def _insert(text: str, place: int, new: str) -> str:
    return text[:place] + new + text[place:]


def _block_item(value: Plain) -> list[str]:
    written = flow(value)
    if isinstance(value, dict) and (len(written) > WIDEST or any(_has_mappings(each) for each in value.values())):
        lines = [line for key, each in value.items() for line in _block_entry(key, each)]
        return [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]
    return [f"- {written}"]


def _has_mappings(value: Plain) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def _block_entry(key: str, value: Plain) -> list[str]:
    if _has_mappings(value):
        return [f"{scalar(key)}:", *(f"  {line}" for item in value for line in _block_item(item))]
    return [f"{scalar(key)}: {flow(value)}"]
