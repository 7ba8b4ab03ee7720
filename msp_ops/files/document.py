"""A YAML file as it was written: every scalar is text, every value knows its line and column."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msp_ops.domain.errors import FileError

Plain = str | list["Plain"] | dict[str, "Plain"]
Where = Sequence[str | int]
Mark = tuple[int, int]

MOST_TOLD = 40  # a person mends the first ones and looks again
MOST_SAID = 1000  # letters
WIDEST, LONGEST = 200, 2000  # letters of a line that are shown, and that are searched for secrets
LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # what YAML counts as a line
SECRET = re.compile(  # what may be a secret in clear, also on the line after its key; it must not reach a terminal
    r"(\b[\w-]*(?:pas+w|passphrase|secret|token|key)[\w-]*[\"']?\s*:(?:[ ]*[|>][-+\d]*)?\s*)(?!(?:env|file):)\S.*",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Node:
    """A value and where it begins; both counted from 1."""

    value: "str | list[Node] | dict[str, Node]"
    mark: Mark
    keys: dict[str, Mark] = field(default_factory=dict)

    def plain(self) -> Plain:
        """Text, lists and mappings only."""
        match self.value:
            case str() as text:
                return text
            case list() as items:
                return [item.plain() for item in items]
            case dict() as entries:
                return {key: entry.plain() for key, entry in entries.items()}

    def child(self, step: str | int) -> "Node | None":
        """What lies one step deeper, if it is there."""
        found: Node | None
        match self.value, step:
            case dict() as entries, str():
                found = entries.get(step)
            case list() as items, int() if step < len(items):
                found = items[step]
            case _:
                found = None
        return found


@dataclass(slots=True)
class Document:
    """One file and the mistakes found in it so far."""

    path: Path
    text: str
    root: Node = field(default_factory=lambda: Node({}, (1, 1)))
    mistakes: list[tuple[Mark, str]] = field(default_factory=list)
    spoilt: set[Mark] = field(default_factory=set)
    concealed: set[str] = field(default_factory=set)

    def node(self, where: Where) -> Node | None:
        """The value at that place, None when it is not written."""
        found: Node | None = self.root
        for step in where:
            found = found.child(step) if found else None
        return found

    def nearest(self, where: Where) -> Node:
        """The value at that place or the innermost one around it."""
        found = self.root
        for step in where:
            found = found.child(step) or found
        return found

    def complain(self, where: Where, text: str) -> None:
        """Remembers a mistake in the value at `where`."""
        self.complain_at(self.nearest(where).mark, text)

    def complain_of_key(self, where: Where, text: str) -> None:
        """Remembers a mistake in the key that `where` ends with."""
        around = self.nearest(where[:-1])
        self.complain_at(around.keys.get(str(where[-1]), around.mark), text)

    def complain_at(self, mark: Mark, text: str) -> None:
        """A value that YAML itself spoilt is not judged again."""
        if mark not in self.spoilt:
            self.mistakes.append((mark, text))

    def spoil(self, mark: Mark, text: str) -> None:
        """Remembers a mistake after which there is no value to judge at this place."""
        self.complain_at(mark, text)
        self.spoilt.add(mark)

    def conceal(self, where: Where, *, really: bool = True) -> None:
        """The value there may be a secret: no line that is shown has it."""
        node = self.node(where)
        if really and node and isinstance(node.value, str):
            self.concealed |= {line for line in node.value.splitlines() if line}

    def check(self) -> None:
        """FileError with the mistakes in the order of the file, if there are any."""
        if not self.mistakes:
            return
        lines = LINE_BREAK.split(self.text)
        told = [self._show(lines, mark, text) for mark, text in sorted(self.mistakes)[:MOST_TOLD]]
        left = len(self.mistakes) - len(told)
        raise FileError("\n".join([*told, f"{self.path}: and {left} more mistakes"] if left else told))

    def _show(self, lines: Sequence[str], mark: Mark, text: str) -> str:
        line, column = mark
        source = self._masked(_without_secrets(lines[:line]))[:WIDEST]
        margin = f"{line:>4} | "
        caret = " " * (len(margin) - 2) + "| " + " " * (column - 1) + "^"
        return f"{self.path}:{line}:{column}: {_printable(text[:MOST_SAID])}\n{margin}{_printable(source)}" + (
            f"\n{caret}" if column <= WIDEST else ""
        )

    def _masked(self, line: str) -> str:
        for each in sorted(self.concealed, key=len, reverse=True):
            line = line.replace(each, "***")
        return line


def _printable(text: str) -> str:
    """What a file says never steers a terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)


def _without_secrets(lines: Sequence[str]) -> str:
    """The last line; what stands behind a key that sounds secret, there or in the line with words before, is masked."""
    before = next((line for line in reversed(lines[-9:-1]) if line.strip()), "")
    both = f"{before[-LONGEST:]}\n{lines[-1][:LONGEST]}"
    return SECRET.sub(r"\1***", both).rpartition("\n")[2]
