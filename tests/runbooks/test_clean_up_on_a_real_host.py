"""What a host gathers over time, on real practice hosts with kernels that are packages."""

import pytest

from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab

OLD_KERNELS = """
apt-get -q update >/dev/null; DEBIAN_FRONTEND=noninteractive apt-get -yq install linux-image-6.1.0-11-lab >/dev/null
apt-get clean
for version in 6.1.0-8 6.1.0-9 6.1.0-9-cloud; do
  tree=/root/tree-$version name=linux-image-${version%-cloud}${version#6.1.0-[0-9]}-lab
  mkdir -p $tree/DEBIAN $tree/boot; head -c 1M /dev/zero >$tree/boot/vmlinuz-${name#linux-image-}
  printf 'Package: %s\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@example.invalid>\\nDescription: x\\n' $name \
    >$tree/DEBIAN/control
  dpkg-deb --build $tree /root/$name.deb >/dev/null; dpkg -i /root/$name.deb >/dev/null
done
"""
RUBBISH = """
head -c 5M /dev/zero >/var/cache/apt/archives/old_1_all.deb
echo 'q /var/tmp 1777 root root m:10d' >/etc/tmpfiles.d/tmp.conf
head -c 3M /dev/zero >/var/tmp/old; touch -d '20 days ago' /var/tmp/old; echo new >/var/tmp/new
"""


def clean(host: Practice, **given: str) -> Told:
    return host.run("clean-up", "clean.sh", **given)


def verify(host: Practice) -> Told:
    return host.run("clean-up", "verify.sh")


def kernels(host: Practice) -> list[str]:
    return host.root("ls /boot").split()


def freed(told: Told) -> dict[str, int]:
    return {each.name: int(each.value) for each in told.report.reading.measurements}


def test_rubbish_goes_once_and_says_how_many_bytes_it_gave(web1: Practice) -> None:
    web1.root(OLD_KERNELS + RUBBISH)
    preview = web1.run("clean-up", "preview.sh")
    assert "would go: kernel 6.1.0-8-lab" in preview.output
    told = clean(web1)
    assert told.code == 0, told.output
    assert told.changed == (
        "kernel:6.1.0-8-lab removed",
        "kernel:6.1.0-9-lab removed",
        "fetched-packages freed 5120 KiB",
        "temporary-files freed 3072 KiB",
    )
    assert kernels(web1) == ["vmlinuz-6.1.0-10-lab", "vmlinuz-6.1.0-11-lab", "vmlinuz-6.1.0-9-cloud-lab"]
    assert web1.root("cat /var/tmp/new") == "new"
    assert freed(told)["freed"] == sum(size for name, size in freed(told).items() if name != "freed") >= 10_000_000
    assert verify(web1).code == 0
    again = clean(web1)
    assert (again.code, again.changed) == (0, ())
    assert freed(again) == {"freed": 0}


def test_old_kernels_stay_when_they_are_wanted_held_or_needed(web1: Practice) -> None:
    web1.root(OLD_KERNELS + "apt-mark hold linux-image-6.1.0-9-lab >/dev/null")
    assert clean(web1, keep_kernels="yes").changed == ()
    tree = "mkdir -p /root/own/DEBIAN; cd /root; printf 'Package: %s\\nVersion: 1\\nArchitecture: all\\n"
    tree += "Maintainer: x <x@example.invalid>\\nDepends: linux-image-6.1.0-8-lab\\nDescription: x\\n' own-driver"
    web1.root(f"{tree} >/root/own/DEBIAN/control; dpkg-deb --build own own.deb; dpkg -i own.deb")
    told = clean(web1)
    assert (told.code, told.changed) == (0, ())
    assert told.findings["linux-image-6.1.0-9-lab"] == "info stays: a person put it on hold"
    assert "own-driver" in told.findings["linux-image-6.1.0-8-lab"]
    assert "6.1.0-8-lab 6.1.0-9-lab" in verify(web1).findings["old-kernels"]


def test_another_package_manager_blocks_it_before_anything_is_removed(web1: Practice) -> None:
    web1.root(OLD_KERNELS + RUBBISH)
    web1.break_("dpkg-lock")
    told = clean(web1, lock_wait="1s")
    assert (told.code, told.changed) == (75, ())
    assert web1.ends("test -e /var/cache/apt/archives/old_1_all.deb") == 0


def test_the_journal_is_cut_only_when_it_is_too_large(web1: Practice) -> None:
    web1.root(
        "for n in $(seq 40); do head -c 600000 /dev/urandom | base64 -w 40000 | logger; journalctl --rotate; done"
    )
    size = int(web1.root("du -sm /var/log/journal").split()[0])
    assert clean(web1, journal_keep=f"{size + 20}MiB").changed == ()
    told = clean(web1, journal_keep="16MiB")
    assert told.changed[0].startswith("journal freed ")
    assert int(web1.root("du -sm /var/log/journal").split()[0]) < size
