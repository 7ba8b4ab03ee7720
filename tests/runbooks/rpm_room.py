"""Hosts whose packages are rpm's: this machine below a layer of its own, with another name and without apt.

Each is a private namespace in memory (mounts and processes): what happens there ends with it, and a killed test leaves
nothing. The programs are real ones: Debian's rpm, dnf and zypper; `dnf needs-restarting` comes from a package that
Debian cannot install beside zypper, so it is unpacked.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msp_ops.domain.record import record
from msp_ops.lab.hosts import LOGIN

HOLD = """set -eu
mount --make-rprivate /
mount -t tmpfs -o size=512m tmpfs "$1"
mkdir "$1/up" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" "$1/root"
mount -t proc proc "$1/root/proc"
mount --rbind /dev "$1/root/dev"
mount -t tmpfs tmpfs "$1/root/run"
mount -t tmpfs tmpfs "$1/root/tmp"
cp -r "$2" "$1/root/srv/lab"
cd "$1/root/proc/1"  # its time is the boot's as long as somebody holds it
echo ready
exec sleep infinity
"""
# Debian's rpm keeps the database of a user in the user's home
PREPARE = """set -eu
rm -f /usr/bin/apt* /usr/bin/dpkg* /boot/vmlinuz-* /usr/bin/{other}
rm -rf /var/lib/rpm /var/lib/dnf /var/cache/dnf /var/cache/zypp /var/lib/zypp /etc/yum.repos.d /etc/zypp/repos.d
mkdir -p /etc/rpm /etc/dnf/vars /var/lib/rpm /etc/yum.repos.d /etc/zypp/repos.d /srv/lab/repo
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros
echo 9 >/etc/dnf/vars/releasever
id -u {login} >/dev/null 2>&1 || useradd {login}
rm -f /etc/os-release
printf '%s\\n' {system} >/etc/os-release
printf '[lab]\\nname=lab\\nbaseurl=file:///srv/lab/repo\\nenabled=1\\ngpgcheck=0\\nskip_if_unavailable=1\\n' |
  tee /etc/yum.repos.d/lab.repo >/etc/zypp/repos.d/lab.repo
mkdir /srv/lab/plugin
chmod 755 /srv/lab
cd /srv/lab/plugins
cp usr/lib/python3/dist-packages/dnf-plugins/needs_restarting.py /srv/lab/plugin
cp usr/lib/python3/dist-packages/dnf-plugins/versionlock.py /srv/lab/plugin
mkdir -p /etc/dnf/plugins
cp etc/dnf/plugins/versionlock.* /etc/dnf/plugins
cd /
cp -r /srv/lab/plugins/usr/lib/python3/dist-packages/dnfpluginscore /usr/lib/python3/dist-packages
echo pluginpath=/srv/lab/plugin >>/etc/dnf/dnf.conf
printf '[main]\\nmultiversion = provides:multiversion(kernel)\\n' >/etc/zypp/zypp.conf
rpm -i /srv/lab/old/*.rpm 2>/dev/null
"""
PUBLISH = """cp /srv/lab/{name}/*.rpm /srv/lab/repo
createrepo_c -q --compatibility /srv/lab/repo >/dev/null
modifyrepo_c /srv/lab/updateinfo.xml /srv/lab/repo/repodata >/dev/null"""
ROCKY = ("'ID=\"rocky\"' 'ID_LIKE=\"rhel centos fedora\"' 'VERSION_ID=9'", "zypper")
SUSE = ("'ID=\"opensuse-leap\"' 'ID_LIKE=\"suse opensuse\"' 'VERSION_ID=15'", "dnf")
# What a service is: a file in /run that says `active` or `failed`.
SYSTEMCTL = """cat >/usr/local/sbin/systemctl <<'X'
#!/bin/sh
case "$*" in
  *state=running*) grep -q -x active /run/lab-web && echo "lab-web.service loaded active running" ;;
  *dnf-automatic.service*) cat /run/lab-automatic 2>/dev/null ;;
  "show -p ActiveState"*) cat /run/lab-web ;;
  "show -p UnitFileState"*) echo enabled ;;
  "is-active dnf-automatic.timer") echo active ;;
esac
X
chmod 755 /usr/local/sbin/systemctl; echo active >/run/lab-web"""


@record
class Room:
    """Answers as a lab does, for its one host."""

    pid: int
    root: str

    def inside(self, _name: str, argv: Sequence[str], text: str = "") -> subprocess.CompletedProcess[str]:
        spaces = [f"--mount=/proc/{self.pid}/ns/mnt", f"--pid=/proc/{self.pid}/ns/pid_for_children"]
        return subprocess.run(
            ["nsenter", *spaces, "chroot", self.root, *argv],
            input=text,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )


@contextmanager
def room(folder: Path, packages: Path, system: str, other: str) -> Iterator[Room]:
    """`system`: what its os-release says; `other`: the package manager that it has not."""
    with subprocess.Popen(
        ["unshare", "-m", "-p", "-f", "--kill-child", "sh", "-c", HOLD, "sh", str(folder), str(packages)],
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        try:
            assert holder.stdout
            assert holder.stdout.readline() == "ready\n"
            made = Room(pid=holder.pid, root=f"{folder}/root")
            prepare = PREPARE.format(system=system, other=other, login=LOGIN) + PUBLISH.format(name="new")
            done = made.inside("", ["sh", "-c", prepare])
            assert done.returncode == 0, done
            yield made
        finally:
            holder.kill()
