"""Whether this machine can run practice hosts, said before anything is made."""

import contextlib
import os
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path

from msp_ops.lab import cgroups
from msp_ops.lab.errors import LabError

PROGRAMS = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
    "tc": "iproute2",
    "nft": "nftables",
    "gpg": "gnupg",
    "ssh-keygen": "openssh-client",
    "dpkg-deb": "dpkg",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setsid": "util-linux",
    "bash": "bash",
}
INOTIFY_PER_HOST = 7  # measured with systemd 252: PID 1 five, dbus one, logind one
TESTED = ("debian",)
EXPECTED_TO_WORK = ("ubuntu",)


def check(hosts: int) -> None:
    """Raises LabError with the one thing to do first."""
    check_user(os.geteuid())
    check_system(platform.system(), os_release())
    check_programs(os.environ["PATH"])
    check_kernel()
    check_inotify(hosts, inotify_limit(), inotify_used())


def check_user(uid: int) -> None:
    if uid != 0:
        raise LabError("practice hosts need root (namespaces, mounts, systemd-nspawn): run it with sudo or as root")


def check_system(system: str, release: Mapping[str, str]) -> None:
    found = release.get("ID", system)
    if system != "Linux" or found not in TESTED + EXPECTED_TO_WORK:
        raise LabError(f"practice hosts are made on Debian or Ubuntu; this is {release.get('PRETTY_NAME', found)}")


def check_programs(path: str) -> None:
    missing = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program, path=path)})
    if missing:
        raise LabError(f"practice hosts need: apt-get install --no-install-recommends {' '.join(missing)}")


def check_kernel() -> None:
    if not Path("/proc/self/ns/time").exists():
        raise LabError("this kernel has no time namespaces (Linux 5.6 or newer has), so a reboot could not be seen")
    if not cgroups.can_be_killed():
        raise LabError(
            "this kernel cannot kill a cgroup at once (Linux 5.14 or newer can), so nothing could be cleaned up"
        )


def check_inotify(hosts: int, limit: int, used: int) -> None:
    needed = used + hosts * INOTIFY_PER_HOST
    if needed > limit:
        raise LabError(
            f"{hosts} practice hosts need {hosts * INOTIFY_PER_HOST} inotify instances, "
            f"and {limit - used} of {limit} are free. "
            f"Start fewer, or: sysctl fs.inotify.max_user_instances={needed + 64}"
        )


def os_release() -> dict[str, str]:
    with contextlib.suppress(OSError):
        return platform.freedesktop_os_release()
    return {}


def inotify_limit() -> int:
    return int(Path("/proc/sys/fs/inotify/max_user_instances").read_text())


def inotify_used() -> int:
    """Instances of root's processes, those in practice hosts included."""
    used = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.stat().st_uid == 0:
                used += sum(str(fd.readlink()) == "anon_inode:inotify" for fd in (process / "fd").iterdir())
    return used
