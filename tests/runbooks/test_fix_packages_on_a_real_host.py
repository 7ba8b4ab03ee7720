"""Broken package management on real practice hosts."""

import pytest

from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab

FETCH = "apt-get -q update && cd /tmp && apt-get download -q"


def fix(host: Practice, **given: str) -> Told:
    return host.run("fix-packages", "fix.sh", **given)


def verify(host: Practice) -> Told:
    return host.run("fix-packages", "verify.sh")


def test_an_interrupted_installation_is_finished_and_a_second_run_changes_nothing(web1: Practice) -> None:
    web1.break_("half-configured")
    assert web1.ends("dpkg --audit") == 0, "its exit code says that all is well"
    assert "dpkg --audit names lab-app" in verify(web1).why
    told = fix(web1)
    assert told.code == 0, told.output
    assert told.changed == ("lab-app 1.1-1 unpacked -> 1.1-1 installed",)
    assert verify(web1).code == 0
    again = fix(web1)
    assert (again.code, again.changed) == (0, ())
    assert "every package is whole" in again.output


def test_a_missing_dependency_is_fetched(web1: Practice) -> None:
    web1.root(f"{FETCH} linux-image-lab=6.1.11-1 && dpkg --unpack linux-image-lab_*.deb")
    told = fix(web1)
    assert told.code == 0, told.output
    assert [change.split()[0] for change in told.changed] == ["linux-image-6.1.0-11-lab", "linux-image-lab"]
    assert verify(web1).code == 0


def test_a_package_whose_own_list_is_lost_is_installed_anew(web1: Practice) -> None:
    web1.root("rm /var/lib/dpkg/info/lab-web.list")
    assert "lab-web" in verify(web1).why
    told = fix(web1)
    assert told.code == 0, told.output
    assert told.changed == ("lab-web was damaged and is installed anew",)
    assert verify(web1).code == 0


def test_package_lists_that_cannot_be_parsed_are_fetched_anew(web1: Practice) -> None:
    web1.root("apt-get -q update; truncate -s 20 /var/lib/apt/lists/*bookworm_main*Packages")
    assert [verify(web1).code, verify(web1).code] == [1, 1], "apt itself names them only once"
    told = fix(web1)
    assert told.code == 0, told.output
    assert told.changed == ("package-lists were damaged and are fetched anew",)
    assert verify(web1).code == 0


@pytest.mark.parametrize(("fault", "word"), [("mirror-stale", "expired"), ("mirror-down", "connect")])
def test_lists_that_cannot_be_refreshed_are_named(web1: Practice, fault: str, word: str) -> None:
    web1.break_(fault)
    told = fix(web1)
    assert (told.code, told.changed) == (0, ())
    assert told.findings
    for subject, said in told.findings.items():
        assert subject.startswith("package-lists:http://10.77.0.1")
        assert said.startswith("warning ")
        assert word in said


def test_a_package_whose_script_fails_is_named_with_its_last_words(web1: Practice) -> None:
    web1.break_("broken-package")
    web1.ends("DEBIAN_FRONTEND=noninteractive apt-get install -yq lab-broken")
    told = fix(web1)
    assert told.code == 1, told.output
    assert told.why.startswith("still broken: lab-broken (lab-broken: cannot migrate its data)")
    assert verify(web1).code == 1


def test_nothing_is_done_while_another_package_manager_is_at_work(web1: Practice) -> None:
    web1.break_("half-configured")
    web1.break_("dpkg-lock")
    told = fix(web1, lock_wait="1s")
    assert (told.code, told.changed) == (75, ())
    assert "another package manager is at work" in told.why
    web1.lab.clear(web1.name, "dpkg-lock")
    assert fix(web1).code == 0


def test_a_repair_that_would_remove_a_package_asks_first(web1: Practice) -> None:
    web1.root(
        f"{FETCH} linux-image-lab=6.1.11-1 && dpkg --unpack linux-image-lab_*.deb;"
        "rm -f /etc/apt/sources.list /var/lib/apt/lists/*Packages"
    )
    told = fix(web1)
    assert told.code == 1, told.output
    assert "would remove linux-image-lab; allow it with allow-removals" in told.why
    assert fix(web1, allow_removals="yes").code == 0
    assert verify(web1).code == 0


def test_the_preview_names_what_is_broken_and_changes_nothing(web1: Practice) -> None:
    web1.break_("half-configured")
    before = web1.packages()
    told = web1.run("fix-packages", "preview.sh")
    assert told.code == 0, told.output
    assert "  Conf lab-app" in told.output
    assert web1.packages() == before
