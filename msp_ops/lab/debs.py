"""One Debian package from a few words: enough for apt, dpkg and systemd to treat it like any other."""

import shutil
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Literal

from msp_ops.domain.record import record
from msp_ops.lab.commands import run

Suite = Literal["main", "security"]


@record
class Deb:
    """What goes into a package; `installed` means that every fresh host has it."""

    name: str
    version: str
    suite: Suite = "main"
    installed: bool = False
    section: str = "misc"
    depends: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    conffiles: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        return f"{self.name}_{self.version}_all.deb"

    @property
    def control(self) -> str:
        depends = f"Depends: {self.depends}\n" if self.depends else ""
        return (
            f"Package: {self.name}\nVersion: {self.version}\nArchitecture: all\nMaintainer: Lab <lab@example.invalid>\n"
            f"{depends}Section: {self.section}\nPriority: optional\n"
            f"Description: practice package {self.name}\n Made for a practice host; it does nothing useful.\n"
        )


def build(deb: Deb, pool: Path) -> Path:
    """The package's file."""
    tree = pool / f"{deb.name}.tree"
    marker = {f"usr/share/{deb.name}/version": f"{deb.version}\n"}
    for path, text in {**marker, **deb.files}.items():
        _write(tree / path, text, 0o755 if "bin/" in path else 0o644)
    _write(tree / "DEBIAN/control", deb.control, 0o644)
    for name, text in deb.scripts.items():
        _write(tree / "DEBIAN" / name, f"#!/bin/sh\nset -e\n{text}", 0o755)
    if deb.conffiles:
        _write(tree / "DEBIAN/conffiles", "".join(f"{path}\n" for path in deb.conffiles), 0o644)
    run("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, pool / deb.file_name)
    shutil.rmtree(tree)
    return pool / deb.file_name


def _write(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
