"""The gold layer: what makes a bare Debian a managed host with old packages, a login and a local archive."""

import shutil
from pathlib import Path

from msp_ops.lab.base import Release
from msp_ops.lab.cache import Cache, digest, own_sources
from msp_ops.lab.hosts import GATEWAY, LOGIN
from msp_ops.lab.layers import add_layer, script
from msp_ops.lab.packages import practice_packages
from msp_ops.lab.repository import KEY, PORT, suite_codename


def make_gold(cache: Cache, release: Release, below: tuple[Path, Path, Path]) -> Path:
    """The layer's folder; `below` is the base root, the repository and the dumps."""
    tag = digest(*map(str, below), own_sources())
    return cache.make("gold-layer", tag, lambda folder: _build(folder / "layer", release, *below)) / "layer"


def _build(layer: Path, release: Release, base: Path, repository: Path, dumps: Path) -> None:
    for deb in practice_packages():
        if deb.installed:
            _place(repository / "pool" / deb.file_name, layer / "lab-debs" / deb.file_name)
    _place(repository / KEY, layer / "usr/share/keyrings" / KEY)
    for dump in dumps.glob("*/*"):
        _place(dump, layer / "srv/backup" / dump.relative_to(dumps))
    archive = "".join(
        f"deb [signed-by=/usr/share/keyrings/{KEY}] http://{GATEWAY}:{PORT} {suite_codename(release, suite)} main\n"
        for suite in ("main", "security")
    )
    (layer / "etc/apt").mkdir(mode=0o755, parents=True)
    (layer / "etc/apt/sources.list").write_text(archive)
    add_layer([base], layer, script("gold.sh"), env={"LOGIN": LOGIN})


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o644)
