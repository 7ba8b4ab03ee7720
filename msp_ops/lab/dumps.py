"""PostgreSQL dumps, good and cut short, made by a real server that lives only while they are made."""

import shutil
from pathlib import Path

from msp_ops.lab.base import Release
from msp_ops.lab.cache import Cache, digest
from msp_ops.lab.layers import add_layer, script


def make_dumps(cache: Cache, release: Release, base: Path) -> Path:
    """A folder with `postgres` and, cut short, `postgres-corrupt`; in each an archive and a gzipped script."""
    text = script("dumps.sh")
    return cache.make("dumps", digest(release.tag, text), lambda folder: _dump(folder, release, base, text))


def _dump(folder: Path, release: Release, base: Path, text: str) -> None:
    throw_away = folder / "throw-away"
    for outside in (Path("/etc/resolv.conf"), *release.sources.keyrings()):
        inside = throw_away / outside.relative_to("/")
        inside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(outside, inside)
    add_layer([base], throw_away, text, online=True)
    shutil.copytree(throw_away / "out", folder, dirs_exist_ok=True)
    shutil.rmtree(throw_away)
