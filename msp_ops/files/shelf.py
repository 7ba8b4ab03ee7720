"""Runbooks that are read when somebody asks for them: of forty, a run needs one (10 ms each)."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from typing_extensions import override

from msp_ops.domain.errors import FileError
from msp_ops.domain.runbook import Runbook
from msp_ops.files.runbook_file import load_runbook, runbook_folders


class Shelf:
    """Each runbook is read once. One in a later folder replaces one of an earlier."""

    def __init__(self, folders: Sequence[Path], known_checks: frozenset[str] | None) -> None:
        self.folders = {folder.name: folder for parent in folders for folder in runbook_folders(parent)}
        self._known_checks = known_checks
        self._read: dict[str, Runbook | FileError] = {}

    def look(self, runbook_id: str) -> Runbook | FileError:
        """The runbook, or what is wrong with its files. KeyError when there is none of that id."""
        if runbook_id not in self._read:
            folder = self.folders[runbook_id]
            try:
                self._read[runbook_id] = load_runbook(folder, self._known_checks)
            except FileError as mistake:
                self._read[runbook_id] = mistake
        return self._read[runbook_id]


class SoundRunbooks(Mapping[str, Runbook]):
    """Those that can be read, by id. To go through them reads them all."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    @override
    def __getitem__(self, runbook_id: str) -> Runbook:
        found = self._shelf.look(runbook_id)
        if isinstance(found, FileError):
            raise KeyError(runbook_id)
        return found

    @override
    def __iter__(self) -> Iterator[str]:
        return (name for name in self._shelf.folders if not isinstance(self._shelf.look(name), FileError))

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)


class KnownRunbooks(Mapping[str, Runbook | None]):
    """As a client's file is held against them: every id is known, one with mistakes stands for None."""

    def __init__(self, shelf: Shelf, instead: Mapping[str, Runbook]) -> None:
        self._shelf = shelf
        self._instead = instead

    @override
    def __getitem__(self, runbook_id: str) -> Runbook | None:
        if runbook_id in self._instead:
            return self._instead[runbook_id]
        found = self._shelf.look(runbook_id)
        return None if isinstance(found, FileError) else found

    @override
    def __contains__(self, runbook_id: object) -> bool:
        return runbook_id in self._instead or runbook_id in self._shelf.folders

    @override
    def __iter__(self) -> Iterator[str]:
        return iter({**self._shelf.folders, **self._instead})

    @override
    def __len__(self) -> int:
        return len({**self._shelf.folders, **self._instead})


class Mistakes(Mapping[str, FileError]):
    """By what they are of: `runbook fix-service`, `client acme`. To go through them reads every runbook."""

    def __init__(self, shelf: Shelf, others: Mapping[str, FileError]) -> None:
        self._shelf = shelf
        self._others = others

    @override
    def __getitem__(self, what: str) -> FileError:
        if what in self._others:
            return self._others[what]
        kind, _, name = what.partition(" ")
        found = self._shelf.look(name) if kind == "runbook" and name in self._shelf.folders else None
        if not isinstance(found, FileError):
            raise KeyError(what)
        return found

    @override
    def __iter__(self) -> Iterator[str]:
        spoilt = (name for name in self._shelf.folders if isinstance(self._shelf.look(name), FileError))
        yield from (f"runbook {name}" for name in spoilt)
        yield from self._others

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)


def load_library(*folders: Path, known_checks: frozenset[str] | None = None) -> dict[str, Runbook]:
    """All runbooks by id, read now; FileError with the mistakes of all."""
    shelf = Shelf(folders, known_checks)
    if mistakes := Mistakes(shelf, {}):
        raise FileError("\n".join(str(mistake) for mistake in mistakes.values()))
    return dict(SoundRunbooks(shelf))
