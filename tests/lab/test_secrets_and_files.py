"""A password is set and a file put in place on a real host, as a technician types it, and neither lies about there."""

import pytest

from tests.files.cast import write

pytestmark = pytest.mark.lab
VALUE = "s3'cr\"et $(id) wörd"
BOOK = """\
title: Set a password
activity: break/fix
impact: changes
parameters:
  password: {kind: secret, title: The new password}
  config: {kind: file, title: The new configuration}
steps: [{script: act.sh, name: set it, repeatable: yes}]
verify: [{script: prove.sh, name: it is set}]
undo: [{script: undo.sh, name: take it back}]
client_sentence: Set a password.
"""
ACT = """\
#!/bin/sh
set -eu
if [ ! -e /run/tried ]; then
  touch /run/tried
  echo 'msp: why it is not ready yet'
  exit 1
fi
id lab-app >/dev/null 2>&1 || useradd --no-create-home lab-app
printf 'lab-app:%s\\n' "$password" | chpasswd
install -m 0640 "$config" /etc/lab-app.conf
ls -l "$config" | cut -c1-10
[ -s script ] || echo 'the script is emptied'
echo "said aloud: $password"
echo 'msp: changed lab-app has its password and its configuration'
"""
PROVE = """\
#!/bin/sh
set -eu
cmp -- "$config" /etc/lab-app.conf
hash=$(getent shadow lab-app | cut -d: -f2)
[ "${hash#*"$password"}" = "$hash" ]
case $hash in '$'*) ;; *) exit 1 ;; esac
echo "said aloud: $password"
"""
UNDO = "#!/bin/sh\nuserdel lab-app; rm -f /etc/lab-app.conf\n"
LEFT = r"""
for place in /run/msp-ops /run/msp-ops-look.* /var/lib/msp-ops /tmp /var/log; do
  grep -rlF -e "s3'cr" -e 'listen 4430' -- "$place" 2>/dev/null
done
journalctl --no-pager -q | grep -cF "s3'cr"
"""


def test_both_reach_the_script_and_nothing_of_them_is_left(fresh, command, lab, workspace):
    fresh("acme-web1")
    folder = workspace / "runbooks" / "set-password"
    write(folder / "runbook.yaml", BOOK)
    for name, text in (("act.sh", ACT), ("prove.sh", PROVE), ("undo.sh", UNDO)):
        write(folder / name, text)
    write(workspace / "site.conf", "listen 4430\n")
    write(workspace / "secrets" / "app", VALUE).chmod(0o600)
    words = ("--password", "file:secrets/app", "--config", "site.conf", "-t", "T-7", "--yes")
    done = command("run", "set-password", "acme/web1", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    run_id = next(each for each in command("runs", "list", "acme").stdout.split() if each.startswith("2026"))
    shown = command("runs", "show", run_id, "--output").stdout
    assert "at try 2 of 3; before: set it ended with 1: it is not ready yet" in shown
    for each in ("-rw-------", "the script is emptied", "said aloud: [secret]"):
        assert each in shown
    assert lab.inside("acme-web1", ["cat", "/etc/lab-app.conf"]).stdout == "listen 4430\n"
    assert lab.inside("acme-web1", ["sh", "-c", LEFT]).stdout.strip() == "0"
    said = done.stdout + done.stderr + shown + command("runs", "show", run_id, "--json").stdout
    assert "s3'cr" not in said
    assert not any(b"s3'cr" in path.read_bytes() for path in (workspace / ".state").rglob("*") if path.is_file())

    undone = command("runs", "undo", run_id, "--yes")
    assert undone.returncode == 0, undone.stdout + undone.stderr
    assert lab.inside("acme-web1", ["id", "lab-app"]).returncode == 1
