"""The discipline of PowerShell that is shipped: what a parser can see. None of it proves that a script works."""

import re
from collections.abc import Iterator

import tree_sitter_pwsh
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_pwsh.language()))
# 5.1 has none of these; the grammar takes them, for 7 does
_NEWER = re.compile(r"\?\?|\?\.|&&|\|\||(?<!\w)-Parallel\b|-AsHashtable\b|-AsArray\b")
_STRINGS = {"string_literal", "comment"}
CHANGING = re.compile(
    r"^(Set|Remove|Stop|Start|Restart|Install|Uninstall|New|Add|Clear|Disable|Enable|Move|Rename|Register|Unregister|"
    r"Suspend|Resume|Reset|Format|Initialize|Invoke|Update|Unlock|Copy|Out-File|Export)-",
    re.IGNORECASE,
)
HARMLESS = {"new-object", "new-timespan", "start-sleep", "set-strictmode", "new-variable", "set-variable"}


def tree(text: str) -> Node:
    return _PARSER.parse(text.encode()).root_node


def nodes(node: Node, kind: str) -> list[Node]:
    found = [node] if node.type == kind else []
    return [*found, *(each for child in node.children for each in nodes(child, kind))]


def words(node: Node) -> list[str]:
    """The names of the commands that it calls."""
    return [each.text.decode() for each in nodes(node, "command_name")]


def complaints(text: str, *, changes: bool) -> Iterator[str]:
    """Everything that is wrong with a script of a runbook."""
    root = tree(text)
    if root.has_error:
        yield "it does not parse"
    for found in sorted(set(_NEWER.findall(_code(root, text)))):
        yield f"{found} is newer than 5.1"
    for each in nodes(root, "try_statement"):
        if not nodes(each, "catch_clause") and not nodes(each, "finally_clause"):
            yield f"line {each.start_point[0] + 1}: a try without catch or finally"
    if nodes(root, "param_block"):
        yield "parameters stand in front as variables: it has no param block"
    for word in words(root):
        yield from _complaint_of(word, changes=changes)


def _complaint_of(word: str, *, changes: bool) -> Iterator[str]:
    if word.lower() in {"invoke-expression", "iex"}:
        yield f"{word} makes text of a value a program"
    elif not changes and CHANGING.match(word) and word.lower() not in HARMLESS:
        yield f"it only looks, and calls {word}"


def _code(root: Node, text: str) -> str:
    """Without strings and comments."""
    raw = bytearray(text.encode())
    for kind in _STRINGS:
        for each in nodes(root, kind):
            raw[each.start_byte : each.end_byte] = b" " * (each.end_byte - each.start_byte)
    return raw.decode("utf-8", "replace")
