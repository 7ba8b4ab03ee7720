"""A disk that forgets at a power cut what was not synced.

Writes and lengths of a file are kept after its own fsync. Names (made, renamed, deleted) are kept after an fsync of the
folder; before it, a journalling file system may have kept the first few of them, in their order. Of the writes that
were not synced any subset may have arrived, in pieces of 512 bytes.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

SECTOR = 512


@dataclass(frozen=True)
class Written:
    name: str
    at: int | None  # None: at the end
    data: bytes


@dataclass(frozen=True)
class Cut:
    """The file has this length now."""

    name: str
    length: int


@dataclass(frozen=True)
class Made:
    name: str


@dataclass(frozen=True)
class Renamed:
    name: str
    to: str


@dataclass(frozen=True)
class Deleted:
    name: str


@dataclass(frozen=True)
class Synced:
    """`name` empty: the folder."""

    name: str


@dataclass(frozen=True)
class NotSynced:
    """A sync that failed: Linux then takes what it could not write for clean, and a later sync does not write it."""

    name: str


Act = Written | Cut | Made | Renamed | Deleted | Synced | NotSynced


@dataclass
class File:
    safe: bytearray = field(default_factory=bytearray)
    waiting: list[Written | Cut] = field(default_factory=list)
    length: int = 0

    def change(self, act: Written | Cut) -> None:
        if isinstance(act, Written):
            act = Written(act.name, self.length if act.at is None else act.at, act.data)
            self.length = max(self.length, (act.at or 0) + len(act.data))
        else:
            self.length = act.length
        self.waiting.append(act)

    def sync(self) -> None:
        for act in self.waiting:
            put(self.safe, act)
        self.waiting.clear()

    def survive(self, dice: Random, chance: float) -> bytes:
        """What a power cut leaves, when each unsynced piece has this chance."""
        left = bytearray(self.safe)
        for act in self.waiting:
            for piece in pieces(act):
                if dice.random() < chance:
                    put(left, piece)
        return bytes(left)


class Disk:
    """One folder."""

    def __init__(self) -> None:
        self.names: dict[str, File] = {}
        self._safe: dict[str, File] = {}
        self._waiting: list[dict[str, File]] = []

    def do(self, act: Act) -> None:
        match act:
            case Written(name) | Cut(name):
                self.names[name].change(act)
            case Synced(""):
                self._safe, self._waiting = dict(self.names), []
            case Synced(name):
                self.names[name].sync()
            case NotSynced(name):
                self.names[name].waiting.clear()
            case Made(name):
                self._rename({**self.names, name: File()})
            case Renamed(name, to):
                others = {each: file for each, file in self.names.items() if each != name}
                self._rename({**others, to: self.names[name]})
            case Deleted(name):
                self._rename({each: file for each, file in self.names.items() if each != name})

    def after_a_cut(self, dice: Random) -> dict[str, bytes]:
        """The files that are there when the power is back."""
        names = dice.choice([self._safe, *self._waiting])
        chance = dice.choice([0.0, 0.2, 0.5, 0.8, 1.0])
        return {name: file.survive(dice, chance) for name, file in names.items()}

    def _rename(self, names: dict[str, File]) -> None:
        self.names = names
        self._waiting.append(names)


def put(content: bytearray, act: Written | Cut) -> None:
    if isinstance(act, Cut):
        del content[act.length :]
        content.extend(bytes(act.length - len(content)))
        return
    at = act.at or 0
    content.extend(bytes(max(0, at - len(content))))
    content[at : at + len(act.data)] = act.data


def pieces(act: Written | Cut) -> list[Written | Cut]:
    """As the disk's own sectors lie."""
    if isinstance(act, Cut):
        return [act]
    at = act.at or 0
    borders = [0, *range(SECTOR - at % SECTOR, len(act.data), SECTOR), len(act.data)]
    return [Written(act.name, at + one, act.data[one:two]) for one, two in pairwise(borders)]
