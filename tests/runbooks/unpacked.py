"""Programs unpacked onto a practice host, without their maintainers' scripts: quicker than an installation."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.runbooks.mirror import fetched
from tests.runbooks.practice import Practice

BORG = (
    *("borgbackup", "python3-minimal", "python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib"),
    *(
        "python3-msgpack",
        "python3-packaging",
        "python3-pkg-resources",
        "libxxhash0",
        "liblz4-1",
        "libexpat1",
        "libffi8",
    ),
)
POSTGRESQL = ("postgresql-15", "libicu72", "libxml2", "libldap-2.5-0", "libsasl2-2")
LEFT_OUT = ("*/bitcode*", "*llvmjit*", "./usr/share/doc*", "./usr/share/locale*", "./usr/share/man*")


def unpack(host: Practice, *names: str) -> None:
    """What these packages hold; what else they need is on the host."""
    without = [f"--exclude={each}" for each in LEFT_OUT]
    into = host.lab.inside_argv(host.name, ["tar", "-x", "-C", "/", "--keep-directory-symlink", *without])
    with TemporaryDirectory() as folder:
        package = Path(folder) / "one.deb"
        for _, content in fetched(*names):
            package.write_bytes(content)
            done = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], capture_output=True, check=True)
            subprocess.run(into, input=done.stdout, check=True, timeout=60)
