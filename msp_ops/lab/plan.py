"""What `up` is going to do, in words, before it does it."""

from collections.abc import Sequence
from pathlib import Path

from msp_ops.lab.base import KIND, PACKAGES, Release
from msp_ops.lab.cache import Cache
from msp_ops.lab.folder import Folder
from msp_ops.lab.hosts import NETWORK, LabHost

_MB_PER_HOST = 30


def plan(folder: Folder, cache: Cache, release: Release, hosts: Sequence[LabHost]) -> list[str]:
    """Everything that is downloaded, created and started; nothing of it touches the machine's own packages."""
    listed = ", ".join(f"{host.name} ({host.address})" for host in hosts)
    return [
        f"start    {len(hosts)} practice hosts, about {_MB_PER_HOST} MB of memory each: {listed}",
        f"network  {NETWORK} on a bridge in a network namespace of its own, without a way out",
        *_download(cache.entry(KIND, release.tag), cache.folder.path, release),
        f"folder   {folder.path}: keys, state and logs; removed by 'msp-ops lab down --purge'",
        f"cache    {cache.folder.path}: about 250 MB, shared by all labs, removed with the last lab by --purge",
        "install  nothing on this machine itself",
    ]


def _download(base: Path, cache: Path, release: Release) -> list[str]:
    system = f"{release.label} {release.codename} for {release.architecture}"
    if base.is_dir():
        return [f"hosts    {system}, already in {cache}"]
    return [
        f"hosts    {system}, downloaded from this machine's own package sources (about 160 MB, once)",
        f"         with: {' '.join(PACKAGES)}",
        "         and, while example database dumps are made, a PostgreSQL server that is thrown away again",
    ]
