"""A layer is a folder of differences, written by a script that runs as root inside the layers below it."""

import shutil
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from msp_ops.lab.commands import run

_INSIDE = """
set -e
mount -t overlay overlay -o "$0" "$1"
mount -t proc proc "$1/proc"
mount --bind /dev "$1/dev"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
exec chroot "$1" /bin/sh -s
"""
_ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
    "HOME": "/root",
}


def script(name: str) -> str:
    """The text of one of the lab's own files."""
    return files("msp_ops.lab").joinpath("files", name).read_text()


def add_layer(
    below: Sequence[Path], layer: Path, text: str, *, env: Mapping[str, str] | None = None, online: bool = False
) -> None:
    """Run the script inside `below` (uppermost first); its changes end in `layer`. No network unless `online`."""
    work, mount = layer.with_name(layer.name + ".work"), layer.with_name(layer.name + ".mount")
    for folder in (layer, work, mount):
        folder.mkdir(mode=0o755, exist_ok=True)
        folder.chmod(0o755)
    options = f"lowerdir={':'.join(map(str, below))},upperdir={layer},workdir={work}"
    apart = ["--mount", "--pid", *([] if online else ["--net"])]
    run(
        *("unshare", *apart, "--propagation", "private", "--fork", "--kill-child"),
        *("sh", "-c", _INSIDE, options, str(mount)),
        text=text,
        env={**_ENVIRONMENT, **(env or {})},
    )
    for folder in (work, mount):
        shutil.rmtree(folder)
