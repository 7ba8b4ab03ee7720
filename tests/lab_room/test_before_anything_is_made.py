"""What can be judged without making a host."""

from pathlib import Path

import pytest

from msp_ops.lab import system
from msp_ops.lab.base import Release
from msp_ops.lab.errors import LabError
from msp_ops.lab.folder import Folder
from msp_ops.lab.hosts import SAMPLE, LabHost, named
from msp_ops.lab.sources import Sources, read_sources

DEB822 = """\
# http://snapshot.example/old
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main non-free-firmware
Signed-By: /usr/share/keyrings/example.gpg

Enabled: no
Types: deb
URIs: http://switched-off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: https://vendor.example/repo
Suites: stable
Components: main
"""
ONE_LINE = """\
deb [arch=amd64 signed-by=/etc/apt/keyrings/one.gpg] http://mirror.example/debian bookworm main contrib  # ours
deb-src http://mirror.example/debian bookworm main
deb cdrom:[Debian 12]/ bookworm main
deb http://mirror.example/security bookworm-security main
deb http://vendor.example/apt bookworm stable
"""


def apt_folder(tmp_path: Path, name: str, text: str) -> Path:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    return tmp_path


def test_deb822_sources_are_taken_over_with_their_keyring(tmp_path: Path):
    found = read_sources("bookworm", apt_folder(tmp_path, "sources.list.d/debian.sources", DEB822))
    assert found.text.count("URIs:") == 1
    assert "http://mirror.example/debian" in found.text
    assert found.keyrings() == [Path("/usr/share/keyrings/example.gpg")]


def test_one_line_sources_are_taken_over_with_their_keyring(tmp_path: Path):
    found = read_sources("bookworm", apt_folder(tmp_path, "sources.list", ONE_LINE))
    assert [line.split()[-1] for line in found.lines] == ["ours", "main"]
    assert found.keyrings() == [Path("/etc/apt/keyrings/one.gpg")]


def test_a_machine_without_a_source_for_its_release_is_told_so(tmp_path: Path):
    with pytest.raises(LabError, match="no enabled 'deb' entry for trixie main"):
        read_sources("trixie", apt_folder(tmp_path, "sources.list", ONE_LINE))


def test_other_sources_make_another_base_root():
    def tag(line: str) -> str:
        sources = Sources(lines=(line,), stanzas=())
        return Release(
            distribution="debian", version="12", codename="bookworm", architecture="amd64", sources=sources
        ).tag

    assert tag("deb http://one.example bookworm main") != tag("deb http://two.example bookworm main")


def test_who_is_not_root_is_told_so():
    with pytest.raises(LabError, match="need root"):
        system.check_user(1000)


def test_an_unknown_system_is_refused_by_its_name():
    with pytest.raises(LabError, match="this is Fedora Linux 41"):
        system.check_system("Linux", {"ID": "fedora", "PRETTY_NAME": "Fedora Linux 41"})
    with pytest.raises(LabError, match="this is Darwin"):
        system.check_system("Darwin", {})
    system.check_system("Linux", {"ID": "ubuntu"})


def test_missing_programs_are_named_as_an_apt_get_line(tmp_path: Path):
    with pytest.raises(LabError, match=r"apt-get install --no-install-recommends bash .*mmdebstrap.*systemd-container"):
        system.check_programs(str(tmp_path))


def test_too_few_inotify_instances_are_named_with_the_setting_that_helps():
    system.check_inotify(hosts=5, limit=128, used=90)
    with pytest.raises(LabError, match=r"35 inotify instances, and 28 of 128 are free.*max_user_instances=199"):
        system.check_inotify(hosts=5, limit=128, used=100)


def test_the_sample_hosts_have_fixed_names_and_addresses():
    assert [(host.client, host.short, host.address) for host in SAMPLE] == [
        ("acme", "web1", "10.77.0.11"),
        ("acme", "web2", "10.77.0.12"),
        ("acme", "db1", "10.77.0.13"),
        ("borealis", "app1", "10.77.0.21"),
        ("borealis", "files1", "10.77.0.22"),
    ]


def test_hosts_are_chosen_by_name_and_without_one_all():
    assert named([]) == SAMPLE
    assert [host.name for host in named(["borealis-app1", "acme-web1", "acme-web1"])] == ["borealis-app1", "acme-web1"]
    with pytest.raises(LabError, match="no practice host 'web9'; there are: acme-web1, "):
        named(["web9"])


@pytest.mark.parametrize(
    ("name", "address"),
    [("web1", "10.77.0.11"), ("acme-web1", "10.0.0.1"), ("acme-web1", "10.77.0.1"), ("../x-y", "10.77.0.9")],
)
def test_a_host_outside_the_lab_cannot_be_meant(name: str, address: str):
    with pytest.raises(LabError):
        LabHost(name=name, address=address)


@pytest.mark.parametrize("path", ["relative", "/with space", "/with:colon", "/with,comma"])
def test_a_folder_that_overlayfs_would_misread_is_refused(path: str):
    with pytest.raises(LabError, match="absolute path without"):
        Folder(path=Path(path))
