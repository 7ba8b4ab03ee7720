"""The base root: a small Debian with what a managed host has, made once from the machine's own package sources."""

from pathlib import Path

from msp_ops.domain.record import record
from msp_ops.lab.cache import Cache, digest
from msp_ops.lab.commands import run
from msp_ops.lab.errors import LabError
from msp_ops.lab.sources import Sources, read_sources
from msp_ops.lab.system import os_release

PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "cron", "logrotate", "rsync"),
    *("iproute2", "procps", "ca-certificates", "openssl", "libfaketime", "restic", "postgresql-client"),
)
FROM_UNIVERSE = ("restic", "libfaketime")  # on Ubuntu
KIND = "base-root"
LEFT_OUT = ("man", "doc", "locale")


@record
class Release:
    """Which Debian the hosts run: the machine's own."""

    distribution: str
    version: str
    codename: str
    architecture: str
    sources: Sources

    @property
    def tag(self) -> str:
        return digest(self.distribution, self.codename, self.architecture, self.sources.text, *PACKAGES)

    @property
    def label(self) -> str:
        """As its archive calls itself."""
        return self.distribution.capitalize()


def this_release() -> Release:
    """The machine's release and package sources; raises LabError when they cannot make a root."""
    found = os_release()
    sources = read_sources(found["VERSION_CODENAME"])
    if found["ID"] == "ubuntu" and "universe" not in sources.text:
        raise LabError(f"{', '.join(FROM_UNIVERSE)} are in Ubuntu's universe: add-apt-repository universe")
    return Release(
        distribution=found["ID"],
        version=found.get("VERSION_ID", ""),
        codename=found["VERSION_CODENAME"],
        architecture=run("dpkg", "--print-architecture"),
        sources=sources,
    )


def make_base(cache: Cache, release: Release) -> Path:
    """The folder of the base root."""
    return cache.make(KIND, release.tag, lambda folder: _bootstrap(folder, release)) / "root"


def _bootstrap(folder: Path, release: Release) -> None:
    without = [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in LEFT_OUT]
    lists = release.sources.write(folder)
    include = f"--include={','.join(PACKAGES)}"
    run("mmdebstrap", "--variant=minbase", "--quiet", include, *without, release.codename, folder / "root", *lists)
