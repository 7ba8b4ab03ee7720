"""Strict YAML: text, lists and mappings, nothing that means something else than it says.

YAML reads `no` as false, `22:30` as 1350, `010` as 8, `1.10` as 1.1, keeps the last of two equal keys and lets 400
bytes unfold to gigabytes. Here every scalar stays as written and all of that is refused.
"""

import re
from pathlib import Path
from typing import NoReturn, Protocol

import yaml

from msp_ops.files.document import LINE_BREAK, Document, Mark, Node
from msp_ops.files.text_file import read_text

DEEPEST = 50
# What YAML does not allow, what turns the direction of the text around it, and what ends a line only for some programs:
# a comment must end for its reader where it ends for YAML.
UNPRINTABLE = re.compile(
    "\r(?!\n)|[^\n\r\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
QUOTE_IT = "if it is meant as text, put it into quotes"


def read_yaml(path: Path) -> Document:
    """The file as a Document, perhaps with mistakes. FileError when there is nothing to go on with."""
    document = Document(path, read_text(path))
    odd = UNPRINTABLE.search(document.text)
    if odd:
        _refuse(document, _mark_of(document.text, odd.start()), unprintable(odd[0]))
    builder = _Builder(document)
    try:
        for event in yaml.parse(document.text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        unclosed = "end of stream" in str(error.problem)  # then the beginning helps more than the end
        _refuse(document, _mark(error.context_mark if unclosed else error.problem_mark), _invalid(error))
    if not builder.documents:
        _refuse(document, (1, 1), "the file is empty")
    return document


class _Builder:
    """Takes the events of one file and hangs the values into its document; never recurses."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.documents = 0
        self.around: list[Node] = []
        self.keys: list[str | None] = []

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self._stop(event, "a second document begins here; one file holds one document: remove the line ---")
            case yaml.AliasEvent():
                self._complain(event, f"the alias *{event.anchor} is refused: write the value out; {QUOTE_IT}")
                self._hang(Node("", _mark(event.start_mark)))
            case yaml.ScalarEvent():
                self._refuse_anchor_and_tag(event)
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._refuse_anchor_and_tag(event)
                self._open(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.around.pop()
                self.keys.pop()
            case _:
                pass

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        mark, plain = _mark(event.start_mark), not event.style
        if self._awaits_key():
            self._key(event, mark)
            return
        if plain and not event.value:
            self._complain(event, "the value is missing; write one or remove the key")
        self._hang(Node(event.value, mark))

    def _key(self, event: yaml.ScalarEvent, mark: Mark) -> None:
        keys = self.around[-1].keys
        if event.value in keys:
            self._complain(
                event, f"'{event.value}' stands here for the second time; first in line {keys[event.value][0]}"
            )
        elif event.value == "<<" and not event.style:
            self._complain(event, "the merge key << is refused: write the values out")
        elif not event.value:
            self._complain(event, "the key is missing before the colon")
        keys.setdefault(event.value, mark)
        self.keys[-1] = event.value

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.around) >= DEEPEST:
            self._stop(event, f"more than {DEEPEST} levels deep")
        if self._awaits_key():
            self._stop(event, "a key is a word, not a list or mapping")
        node = Node({} if isinstance(event, yaml.MappingStartEvent) else [], _mark(event.start_mark))
        self._hang(node)
        self.around.append(node)
        self.keys.append(None)

    def _hang(self, node: Node) -> None:
        if not self.around:
            self.document.root = node
        elif isinstance(around := self.around[-1].value, list):
            around.append(node)
        elif isinstance(around, dict):
            around.setdefault(self.keys[-1] or "", node)
            self.keys[-1] = None

    def _awaits_key(self) -> bool:
        return bool(self.around) and isinstance(self.around[-1].value, dict) and self.keys[-1] is None

    def _refuse_anchor_and_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor:
            self._complain(
                event, f"the anchor &{event.anchor} is refused: write the value where it is needed; {QUOTE_IT}"
            )
        elif event.tag:
            self._complain(event, f"the tag {event.tag} is refused: every value is plain text; {QUOTE_IT}")

    def _complain(self, event: yaml.Event, text: str) -> None:
        self.document.spoil(_mark(event.start_mark), text)

    def _stop(self, event: yaml.Event, text: str) -> NoReturn:
        _refuse(self.document, _mark(event.start_mark), text)


def _refuse(document: Document, mark: Mark, text: str) -> NoReturn:
    document.spoil(mark, text)
    document.check()
    raise AssertionError("a document with a mistake passed its check")


class _Place(Protocol):
    """What PyYAML calls a mark, from either of its parsers; counted from 0."""

    line: int
    column: int


def _mark(mark: _Place | None) -> Mark:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _mark_of(text: str, index: int) -> Mark:
    before = LINE_BREAK.split(text[:index])
    return len(before), len(before[-1]) + 1


def unprintable(letter: str) -> str:
    """What to do about a sign that UNPRINTABLE found."""
    if letter == "\t":
        return "a tab; indent and separate with spaces"
    return f"the invisible character U+{ord(letter):04X}; remove it"


def _invalid(error: yaml.MarkedYAMLError) -> str:
    context = f" {error.context}" if error.context else ""
    return (
        f"not valid YAML:{context} {error.problem}; look at the indentation, the colons and the quotes of this line"
        " and the one before"
    )
