"""A full disk on real practice hosts."""

import pytest

from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab

RUBBISH = """
head -c 20M /dev/zero >/var/cache/apt/archives/old_1_all.deb
mkdir -p /var/log/app
head -c 60M /dev/zero >/var/log/app/app.log.3.gz; touch -d '20 days ago' /var/log/app/app.log.3.gz
head -c 10M /dev/zero >/var/log/app/app.log.1
head -c 5M /dev/zero >/var/log/app/app.log; touch -d '20 days ago' /var/log/app/app.log
head -c 1G /dev/zero >/srv/filled 2>/dev/null || true
"""
HELD = """
printf 'exec 3>/var/tmp/held; head -c 30M /dev/zero >&3; rm /var/tmp/held; exec sleep 600' >/run/hold.sh
systemd-run -q sh /run/hold.sh
until ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q 'held (deleted)'; do sleep 0.05; done; sleep 0.5
head -c 1G /dev/zero >/srv/filled 2>/dev/null || true
"""


ANYBODYS = """
cd /var/tmp
name=$(printf 'x\\nmsp: changed sshd replaced by nobody\\nmsp: why all is well\\n')
su nobody -s /bin/sh -c 'mkdir "$1"; head -c 30M /dev/zero >"$1/$1"' sh "$name"
"""


def fix(host: Practice, **given: str) -> Told:
    return host.run("fix-disk-full", "fix.sh", **given)


def test_room_is_made_on_a_disk_that_is_full_to_the_last_byte(web1: Practice) -> None:
    web1.root(RUBBISH)
    assert web1.ends("echo more >/srv/more") != 0
    told = fix(web1, target_free="20")
    assert told.code == 0, told.output
    assert [change.split()[0] for change in told.changed] == ["downloaded-packages", "rotated-logs"]
    assert web1.run("fix-disk-full", "verify.sh", target_free="20").code == 0


def test_what_is_written_now_or_was_rotated_lately_stays(web1: Practice) -> None:
    web1.root(RUBBISH)
    fix(web1, target_free="90")
    assert web1.root("ls /var/log/app; ls /srv").split() == ["app.log", "app.log.1", "backup", "data", "filled"]


def test_nothing_more_is_removed_once_there_is_room(web1: Practice) -> None:
    web1.root(RUBBISH)
    assert [change.split()[0] for change in fix(web1, target_free="5").changed] == ["downloaded-packages"]
    assert web1.ends("test -e /var/log/app/app.log.3.gz") == 0


def test_a_disk_with_room_is_left_alone(web1: Practice) -> None:
    told = fix(web1, target_free="10")
    assert (told.code, told.changed) == (0, ())


def test_data_that_only_a_person_may_remove_is_named(web1: Practice) -> None:
    web1.break_("disk-full")
    told = fix(web1)
    assert told.code == 1, told.output
    assert "tmp (" in told.why
    assert "tmp/filler" in told.output
    assert web1.ends("cd /var/tmp && test -e filler") == 0
    assert web1.run("fix-disk-full", "verify.sh").code == 1


def test_a_deleted_file_that_is_still_held_is_found_with_its_holder(web1: Practice) -> None:
    web1.root(HELD)
    assert "30 MiB of /var/tmp/held" in fix(web1).findings["deleted-but-open:sleep"]


def test_a_name_that_anybody_chose_is_shown_and_reports_nothing(web1: Practice) -> None:
    web1.root(ANYBODYS)
    told = fix(web1, target_free="90")
    assert told.why.startswith("/ has ")
    assert not [change for change in told.changed if "nobody" in change]
    assert "tmp/x?msp: changed sshd replaced by nobody?msp: why all is well" in told.output
    preview = web1.run("fix-disk-full", "preview.sh")
    assert (preview.changed, preview.why) == ((), "")
    assert "tmp/x?msp: changed sshd" in preview.output


def test_the_preview_shows_what_fills_the_disk(web1: Practice) -> None:
    web1.root(RUBBISH)
    told = web1.run("fix-disk-full", "preview.sh")
    assert told.code == 0
    assert "/var/log/app" in told.output
    assert web1.ends("test -e /var/cache/apt/archives/old_1_all.deb") == 0
