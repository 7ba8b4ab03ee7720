"""What a runbook of the library takes as a parameter, and what it refuses before any host hears of it."""

import pytest

from msp_ops.domain.binding import bind
from msp_ops.domain.errors import PlanError
from tests.runbooks.practice import ACME, LIBRARY


def repository(written: str) -> str:
    given = {"repository": written, "password-file": "/root/pw"}
    return bind(LIBRARY["check-backup-restic"], given, ACME)["repository"]


@pytest.mark.parametrize(
    "written",
    [
        "/srv/backup/restic",
        "/srv/Größe & Co/it's",
        "local:/srv/backup",
        "sftp:ops@nas.example:/srv/restic",
        "sftp:nas:restic",
        "sftp://ops@nas.example:2222//srv/restic",
        "sftp://ops@[fd00::1]:2222/srv/restic",
        "rest:https://u:p@backup.example:8000/acme/",
        "rest:http://10.0.0.5/",
        "s3:https://minio.example:9000/bucket",
        "s3:s3.eu-central-1.amazonaws.com/bucket/folder",
        "b2:bucket:acme/web1",
        "azure:container:/acme",
        "gs:bucket:/acme",
        "swift:container:/acme",
    ],
)
def test_a_repository_as_restic_names_it_is_taken(written: str) -> None:
    assert repository(written) == written


@pytest.mark.parametrize(
    "written",
    [
        "sftp:-oProxyCommand=touch /tmp/x:/srv",
        "sftp:-oProxyCommand=id@nas:/srv",
        "sftp:ops@-oProxyCommand=id:/srv",
        "sftp:a@-oProxyCommand=id@nas:/srv",
        "sftp://-oProxyCommand=id/srv",
        "sftp://ops@-oProxyCommand=id/srv",
        "sftp://%2doProxyCommand=id/srv",
        "sftp://[-oProxyCommand=id]/srv",
        "sftp:[-oProxyCommand=id]:/srv",
        "SFTP:-oProxyCommand=id:/srv",
        "sftp:nas -oProxyCommand=id:/srv",
        "sftp:///-oProxyCommand=id:/srv",
        "sftp:a/b@-oProxyCommand=id:/srv",
        "sftp://nas:x@-oProxyCommand=id/srv",
        "sftp://a?@-oProxyCommand=id/srv",
        "rclone:remote:acme",
        "rclone:--config=/tmp/x:acme",
        "local:-x",
        "backup/restic",
        "rest:file:///etc",
        "",
    ],
)
def test_a_repository_that_could_start_a_program_is_refused(written: str) -> None:
    with pytest.raises(PlanError, match="repository: "):
        repository(written)


PLAIN = {
    "check-backup-snapshots": {"folder": "/srv"},
    "restore-test-snapshots": {"folder": "/srv"},
    "fix-process": {"pattern": "php"},
    "fix-dns": {"name": "deb.debian.org"},
}


@pytest.mark.parametrize(
    ("runbook", "parameter", "written"),
    [
        ("check-backup-snapshots", "marker", ".done"),
        ("check-backup-snapshots", "manifest", "meta/SHA..256/.sums"),
        ("restore-test-snapshots", "manifest", "SUMS"),
        ("fix-process", "user", "jan.doe"),
        ("fix-dns", "servers", "9.9.9.9 149.112.112.255 2620:fe::fe"),
        ("fix-dns", "servers", "::1"),
    ],
)
def test_what_hosts_really_have_is_taken(runbook: str, parameter: str, written: str) -> None:
    assert bind(LIBRARY[runbook], {**PLAIN[runbook], parameter: written}, ACME)[parameter] == written


@pytest.mark.parametrize(
    ("runbook", "parameter", "written"),
    [
        *[
            (runbook, parameter, written)
            for runbook in ("check-backup-snapshots", "restore-test-snapshots")
            for parameter in ("marker", "manifest")
            for written in ("../../../etc/passwd", "..", "a/../../b", "a/..", "./x", "a//b", "/etc/passwd")
        ],
        ("fix-process", "user", ".."),
        ("fix-dns", "servers", "999.999.999.999"),
        ("fix-dns", "servers", "1.2.3"),
        ("fix-dns", "servers", "9.9.9.9 256.1.1.1"),
        ("fix-dns", "servers", "dead.beef"),
    ],
)
def test_what_leaves_its_folder_or_is_no_address_is_refused(runbook: str, parameter: str, written: str) -> None:
    with pytest.raises(PlanError, match=parameter):
        bind(LIBRARY[runbook], {**PLAIN[runbook], parameter: written}, ACME)
