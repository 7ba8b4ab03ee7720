"""The local signed archive: two suites as Debian has them, and the same again with metadata that has run out."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from msp_ops.domain.record import record
from msp_ops.lab.base import Release
from msp_ops.lab.cache import Cache, digest, own_sources
from msp_ops.lab.commands import run
from msp_ops.lab.debs import Deb, Suite, build
from msp_ops.lab.packages import practice_packages

PORT = 8080
KEY = "lab.gpg"
_SUITE_NAMES = {"bookworm": "oldstable", "trixie": "stable"}
_DAY = "%a, %d %b %Y %H:%M:%S UTC"


@record
class Key:
    """A throw-away signing key: its private half is gone when the archive stands."""

    home: Path

    def gpg(self, *argv: str | Path) -> str:
        unattended = ("--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "")
        return run("gpg", "--homedir", self.home, *unattended, *argv)

    def make(self, public: Path) -> None:
        self.home.mkdir(mode=0o700)
        self.gpg("--quick-generate-key", "Lab archive <lab@example.invalid>", "ed25519", "sign", "never")
        self.gpg("--output", public, "--export")

    def remove(self) -> None:
        run("gpgconf", "--homedir", self.home, "--kill", "all")
        shutil.rmtree(self.home)


def make_repository(cache: Cache, release: Release) -> Path:
    """The folder that the controller serves by HTTP."""
    return cache.make("repository", digest(release.tag, own_sources()), lambda folder: _build(folder, release))


def _build(folder: Path, release: Release) -> None:
    pool = folder / "pool"
    pool.mkdir(mode=0o755)
    debs = practice_packages()
    for deb in debs:
        build(deb, pool)
    key = Key(home=folder / "gnupg")
    key.make(folder / KEY)
    try:
        for suite in ("main", "security"):
            packages = _index(pool, [deb for deb in debs if deb.suite == suite])
            _publish(folder / "dists", packages, _release_head(release, suite, "now"), key)
            run_out = _release_head(release, suite, "30 days ago") + f"Valid-Until: {_date('23 days ago')}\n"
            _publish(folder / "stale/dists", packages, run_out, key)
    finally:
        key.remove()
    (folder / "stale/pool").symlink_to("../pool")


def suite_codename(release: Release, suite: Suite) -> str:
    return release.codename + ("" if suite == "main" else "-security")


def _date(when: str) -> str:
    return run("date", "--utc", f"--date={when}", f"+{_DAY}", env={"LC_ALL": "C"})


def _release_head(release: Release, suite: Suite, when: str) -> str:
    codename = suite_codename(release, suite)
    label = release.label + ("" if suite == "main" or release.distribution != "debian" else "-Security")
    name = codename.replace(release.codename, _SUITE_NAMES.get(release.codename, release.codename))
    return (
        f"Origin: {release.label}\nLabel: {label}\nSuite: {name}\nVersion: {release.version}\nCodename: {codename}\n"
        f"Date: {_date(when)}\nArchitectures: {release.architecture} all\nComponents: main\n"
    )


def _index(pool: Path, debs: Sequence[Deb]) -> bytes:
    entries = []
    for deb in debs:
        content = (pool / deb.file_name).read_bytes()
        entries.append(
            f"{deb.control}Filename: pool/{deb.file_name}\nSize: {len(content)}\n"
            f"SHA256: {hashlib.sha256(content).hexdigest()}\n"
        )
    return "\n".join(entries).encode()


def _publish(dists: Path, packages: bytes, head: str, key: Key) -> None:
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    suite = dists / fields["Codename"]
    for architecture in fields["Architectures"].split():
        place = suite / f"main/binary-{architecture}"
        place.mkdir(mode=0o755, parents=True)
        (place / "Packages").write_bytes(packages if architecture != "all" else b"")
    sums = "".join(
        f" {hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_size} {path.relative_to(suite)}\n"
        for path in sorted(suite.rglob("Packages"))
    )
    (suite / "Release").write_text(f"{head}SHA256:\n{sums}")
    key.gpg("--output", suite / "InRelease", "--clearsign", suite / "Release")
