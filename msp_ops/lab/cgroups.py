"""The lab's control group: everything the lab starts is in it, so one write ends all of it."""

import contextlib
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from msp_ops.lab.errors import LabError
from msp_ops.lab.waiting import wait_for

MOVE_IN = 'echo $$ >"$0/cgroup.procs" && exec "$@"'  # sh -c MOVE_IN <cgroup> <command>


def hierarchies() -> Iterator[tuple[str, Path]]:
    """Kind and place of each mounted hierarchy: v2 alone, or beside those of v1."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, where, kind, *_ = line.split()
        if kind in {"cgroup", "cgroup2"}:
            yield kind, Path(where)


def unified() -> Path:
    """Where cgroup v2 is mounted; raises LabError when it is not."""
    for kind, where in hierarchies():
        if kind == "cgroup2":
            return where
    raise LabError("no cgroup v2 is mounted; practice hosts need it (mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified)")


def can_be_killed() -> bool:
    """Whether this kernel ends a whole group by one write. Asked of a group of our own: the root has no such file, and
    on a quiet machine there may be no other.
    """
    trial = unified() / f"msplab-trial-{os.getpid()}"
    trial.mkdir()
    try:
        return (trial / "cgroup.kill").exists()
    finally:
        trial.rmdir()


def end(cgroup: Path) -> None:
    """Kill every process below it, the frozen ones too; raises LabError when one survives ten seconds."""
    if cgroup.exists():
        (cgroup / "cgroup.kill").write_text("1")
        wait_for(lambda: "populated 0" in (cgroup / "cgroup.events").read_text(), f"ending the processes of {cgroup}")


def remove(cgroup: Path) -> None:
    """Remove the empty groups, and those of the same name that systemd-nspawn made in v1's hierarchies."""
    for _, where in hierarchies():
        wait_for(partial(_is_removed, where / cgroup.name), f"removing {where / cgroup.name}")


def _is_removed(top: Path) -> bool:
    with contextlib.suppress(OSError):
        for path in sorted((path for path in top.rglob("*") if path.is_dir()), reverse=True):
            path.rmdir()
        top.rmdir()
    return not top.exists()
