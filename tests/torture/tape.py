"""What a process really asked of the disk, in its order, as the kernel heard it: recorded by strace, read back here.

Nothing of the product is replaced, and it is this machine's own SQLite that runs. A call counts when it begins, a sync
when it has ended. Of the shared memory beside the store nothing is kept: it means nothing after a power cut.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.torture.disk import Act, Cut, Deleted, Made, NotSynced, Renamed, Synced, Written

SYNCS = ("fsync", "fdatasync")
HEARD = ("openat", "write", "pwrite64", "ftruncate", "rename", "unlink", *SYNCS)
REFUSED = ("open", "creat", "writev", "pwritev", "pwritev2", "truncate", "fallocate", "link", "linkat", "renameat")
REFUSED += ("renameat2", "unlinkat", "symlink", "copy_file_range", "sendfile", "msync", "sync_file_range")
CALL = re.compile(r"\d+ +(?:<\.\.\. )?(\w+)(?: resumed>|\()(.*)")
TEXT = re.compile(r'["<]((?:\\x[0-9a-f]{2})*)[">]')


@dataclass(frozen=True)
class Acknowledged:
    """The process told its caller that this is saved."""

    words: str


def strace() -> str:
    """The program, or the test is skipped."""
    program = shutil.which("strace")
    if program is None:
        pytest.skip("needs strace to hear what is asked of the disk")
    if subprocess.run([program, "-o", "/dev/null", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no process may be traced here")
    return program


def record(command: Sequence[str], tape: Path, *inject: str) -> subprocess.CompletedProcess[str]:
    """Run it with every change of files written down in `tape`; `inject` are words of strace that make calls fail."""
    calls = ",".join((*HEARD, *REFUSED))
    tracing = [strace(), "-f", "-y", "-xx", "-s", "1000000", "-e", f"trace={calls}", "-o", str(tape)]
    return subprocess.run([*tracing, *inject, *command], capture_output=True, text=True, check=False, timeout=600)


def play(tape: Path, folder: Path, acknowledged: Path) -> Iterator[Act | Acknowledged]:
    """The acts in `folder`; a call that a disk of ours does not know is an error."""
    there: set[str] = set()
    begun: dict[str, str] = {}
    with tape.open(encoding="ascii") as lines:
        for line in lines:
            whole = _whole(line, begun)
            if whole is None:
                continue
            for act in _acts(*whole, folder, acknowledged, there):
                match act:
                    case Made(name):
                        there.add(name)
                    case Deleted(name):
                        there.discard(name)
                    case Renamed(name, to):
                        there.add(to)
                        there.discard(name)
                yield act


def _whole(line: str, begun: dict[str, str]) -> tuple[str, str] | None:
    """Name and arguments, once: a write when it begins, anything else when it has ended."""
    heard = CALL.match(line)
    if heard is None:
        return None
    process, (name, rest) = line.split(maxsplit=1)[0], heard.groups()
    unfinished = rest.endswith("<unfinished ...>")
    resumed = "resumed>" in line[:60]
    if name.startswith(("write", "pwrite")):
        return None if resumed else (name, rest)
    if unfinished:
        begun[process] = rest.removesuffix("<unfinished ...>")
        return None
    rest = begun.pop(process) + rest if resumed else rest
    return None if " = -1 " in rest and name not in SYNCS else (name, rest)


def _acts(name: str, rest: str, folder: Path, acknowledged: Path, there: set[str]) -> Iterator[Act | Acknowledged]:
    texts = [bytes.fromhex(text.replace("\\x", "")) for text in TEXT.findall(rest)]
    paths = [Path(text.decode(errors="replace")) for text in texts if text.startswith(b"/")]
    if name == "write" and paths and paths[0] == acknowledged:
        yield Acknowledged(texts[1].decode().strip())
        return
    ours = [path for path in paths if folder in {path, path.parent}]
    if not ours or ours[0].name.endswith(("-shm", " (deleted)")) or "(deleted)" in rest:
        return
    if name in REFUSED:
        raise AssertionError(f"a call that this disk does not know: {name}")
    yield from _act(name, rest, "" if ours[0] == folder else ours[0].name, texts, there)


def _act(name: str, rest: str, file: str, texts: list[bytes], there: set[str]) -> Iterator[Act]:
    if name == "openat":
        yield from _opened(rest, file, there)
    elif name in SYNCS:
        yield NotSynced(file) if file and " = -1 " in rest else Synced(file)
    elif name == "unlink":
        yield Deleted(file)
    elif name == "rename":
        yield Renamed(file, Path(texts[1].decode()).name)
    elif name == "ftruncate":
        yield Cut(file, _numbers(rest)[0])
    else:
        yield Written(file, _numbers(rest)[1] if name == "pwrite64" else None, texts[1])


def _opened(rest: str, file: str, there: set[str]) -> Iterator[Act]:
    if "O_CREAT" in rest and file not in there:
        yield Made(file)
    elif "O_TRUNC" in rest:
        yield Cut(file, 0)


def _numbers(rest: str) -> list[int]:
    """Those after the last quoted text or path."""
    tail = rest[max(rest.rfind('",'), rest.rfind(">,")) + 2 :]
    return [int(number) for number in re.findall(r"\d+", tail.partition(")")[0])]
