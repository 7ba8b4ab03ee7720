"""Who did it is what the system knows, not what the environment says."""

import os
import pwd
import subprocess
import sys

import pytest

WHO = "from msp_ops.cli.talk import who_am_i; print(who_am_i())"
ME = pwd.getpwuid(os.getuid()).pw_name
NOBODY = pwd.getpwnam("nobody")
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root may act for somebody")


def who(uid=None, **environment):
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    argv = [sys.executable, "-c", WHO]
    return subprocess.run(argv, env=known, check=True, capture_output=True, text=True, timeout=30, user=uid).stdout[:-1]


@pytest.mark.parametrize("name", ["LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"])
def test_a_name_in_the_environment_is_nobodys_proof(name):
    assert who(**{name: "boss"}) == ME


@as_root
def test_behind_sudo_it_is_the_person_who_called_it():
    assert who(SUDO_UID=str(NOBODY.pw_uid), SUDO_USER="boss") == "nobody"


@as_root
@pytest.mark.parametrize("uid", ["", "boss", "-1", "4294967294", "99999999999999999999", "9" * 5000])
def test_a_number_that_is_no_user_stays_root(uid):
    assert who(SUDO_UID=uid) == "root"
