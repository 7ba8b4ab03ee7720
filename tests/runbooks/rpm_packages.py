"""Packages for hosts of Red Hat's and SUSE's kind, built here: what is installed, what waits, and what breaks."""

import os
import subprocess
from pathlib import Path

HEAD = """Name: {name}
Version: {version}
Release: 1
Summary: a package of the practice hosts
License: MIT
BuildArch: noarch
AutoReqProv: no
{more}
%description
{name}
"""
PART = """%package -n {name}
Version: {version}
Summary: a package of the practice hosts
{more}
%description -n {name}
{name}
%files -n {name}
{files}
"""
INSTALL = """%install
mkdir -p %{{buildroot}}/etc %{{buildroot}}/boot %{{buildroot}}/opt
echo {word} >%{{buildroot}}/etc/lab-conf.ini
echo {word} >%{{buildroot}}/boot/vmlinuz-{kernel}
echo {word} >%{{buildroot}}/opt/lab-app
"""
CONF = "%config(noreplace) /etc/lab-conf.ini"
KERNEL = "Provides: installonlypkg(kernel)\nProvides: multiversion(kernel)"
BASE = HEAD.format(name="lab-base", version="1.0", more="Provides: /bin/sh") + "%files\n"
RESTARTS = "%post -n lab-app\necho failed >/run/lab-web"
KILLS = "%post -n lab-app\nkill -9 $PPID"


# zypper takes two packages of one version for different ones when their times of building differ.
BUILT = {"SOURCE_DATE_EPOCH": "1767225600"}


def _part(name: str, version: str, more: str = "", files: str = "") -> str:
    return PART.format(name=name, version=version, more=more, files=files)


def _kernel(version: str) -> str:
    return _part("kernel", version, KERNEL, f"/boot/vmlinuz-{version}-1.noarch")


def _spec(word: str, kernel: str, *parts: str) -> str:
    return "\n".join([BASE, INSTALL.format(word=word, kernel=f"{kernel}-1.noarch"), *parts])


APP = "/opt/lab-app"
LONG = "lab-whose-name-is-far-longer-than-any-column-of-a-table-has-room-for"
SPECS = {
    "old": _spec(
        *("old", "6.1", _part("lab-app", "1.0", files=APP), _part("lab-tls", "3.1")),
        *(_part("lab-conf", "1.0", files=CONF), _kernel("6.1"), _part("lab-gone", "1.0"), _part(LONG, "1.0")),
    ),
    "new": _spec(
        *("new", "6.2", _part("lab-app", "1.1", files=APP), _part("lab-tls", "3.2")),
        *(_part("lab-conf", "1.1", files=CONF), _kernel("6.2")),
    ),
    "broken": _spec("new", "6.3", _part("lab-app", "1.2"), "%pre -n lab-app\necho cannot migrate >&2; exit 1"),
    "shaky": _spec("new", "6.3", _part("lab-app", "1.2"), "%post -n lab-app\necho msp: changed x y; exit 3"),
    "restarts": _spec("new", "6.3", _part("lab-app", "1.2", files=APP), RESTARTS),
    "deadly": _spec("new", "6.3", _part("lab-app", "1.2", files=APP), KILLS),
    "replaces": _spec("new", "6.3", _part("lab-app", "1.2", "Obsoletes: lab-gone < 2\nProvides: lab-gone = 2", APP)),
    "third": _spec("new", "6.3", _kernel("6.3")),
    "long": _spec("new", "6.3", _part(LONG, "1.1.20261123.git0123456789abcdef0123456789abcdef")),
    "ties": _spec("new", "6.3", _part("lab-app", "1.2", "Requires: lab-conf >= 1.1", APP)),
    "newer": _spec("new", "6.3", _part("lab-app", "1.2", files=APP)),
    "unfit": _spec("new", "6.3", _part("lab-app", "1.2", "Requires: nobody-has-this", APP)),
}
ADVISORY = """<?xml version="1.0" encoding="UTF-8"?>
<updates><update from="lab" status="final" type="security" version="1"><id>LABSA-2026:0001</id><title>lab-tls</title>
<issued date="2026-11-01 00:00:00"/><updated date="2026-11-01 00:00:00"/><severity>Critical</severity>
<description>x</description><pkglist><collection short="lab"><name>lab</name>
<package name="lab-tls" version="3.2" release="1" epoch="0" arch="noarch"><filename>lab-tls-3.2-1.noarch.rpm</filename>
</package></collection></pkglist></update></updates>
"""


def build(folder: Path) -> None:
    """`folder/NAME/*.rpm` of each of SPECS."""
    for name, text in SPECS.items():
        spec = folder / f"{name}.spec"
        spec.write_text(text)
        places = {
            "_topdir": folder / "build",
            "_rpmdir": folder / name,
            "_dbpath": folder / "db",
            "_unpackaged_files_terminate_build": 0,
            "use_source_date_epoch_as_buildtime": 1,
        }
        defines = [word for key, value in places.items() for word in ("--define", f"{key} {value}")]
        file_name = "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"
        argv = ["rpmbuild", "-bb", "--quiet", *defines, "--define", file_name, str(spec)]
        subprocess.run(argv, check=True, capture_output=True, env=os.environ | BUILT)
    (folder / "updateinfo.xml").write_text(ADVISORY)
