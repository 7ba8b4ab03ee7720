"""Fixtures: a host of Red Hat's kind and one of SUSE's, each a layer over this machine that ends with its test."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from msp_ops.lab.lab import Lab
from tests.runbooks.mirror import fetched
from tests.runbooks.practice import Practice
from tests.runbooks.rpm_packages import build
from tests.runbooks.rpm_room import PUBLISH, ROCKY, SUSE, room

__all__ = ["host", "packages", "publish", "rocky", "suse"]
MANAGERS = {"dnf": ROCKY, "zypper": SUSE}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if os.geteuid():
        pytest.skip("a namespace of its own needs root; CI runs as root")
    missing = [name for name in ("rpmbuild", "createrepo_c", "dnf", "zypper") if not shutil.which(name)]
    if missing:
        pytest.skip(f"not installed: {' '.join(missing)}; .ci/debian installs them")
    folder = tmp_path_factory.mktemp("rpm")
    build(folder)
    ((name, content),) = fetched("dnf-plugins-core")
    (folder / name).write_bytes(content)
    subprocess.run(["dpkg", "-x", str(folder / name), str(folder / "plugins")], check=True)
    return folder


def host_of(kind: str, folder: Path, packages: Path) -> Iterator[Practice]:
    with room(folder, packages, *MANAGERS[kind]) as made:
        yield Practice(lab=cast("Lab", made), name=kind)


@pytest.fixture(params=["dnf", "zypper"])
def host(request: pytest.FixtureRequest, tmp_path: Path, packages: Path) -> Iterator[Practice]:
    yield from host_of(request.param, tmp_path, packages)


@pytest.fixture
def rocky(tmp_path: Path, packages: Path) -> Iterator[Practice]:
    yield from host_of("dnf", tmp_path, packages)


@pytest.fixture
def suse(tmp_path: Path, packages: Path) -> Iterator[Practice]:
    yield from host_of("zypper", tmp_path, packages)


def publish(host: Practice, name: str) -> None:
    """These packages are in the repository as well."""
    host.root(PUBLISH.format(name=name))


def refreshed(host: Practice) -> Practice:
    """With lists of this moment."""
    host.root(f"{'dnf makecache --refresh' if host.name == 'dnf' else 'zypper -n refresh'} 2>&1")
    return host
