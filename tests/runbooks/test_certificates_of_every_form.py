"""The certificates check as it is sent, on files that openssl writes: PEM, DER, trusted, chains, keys, odd names."""

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from msp_ops.checks.base import Seen
from msp_ops.checks.certificates import CHECK
from msp_ops.domain.client import Policy
from msp_ops.domain.finding import Reading
from msp_ops.engine.script import variables
from msp_ops.engine.system_clock import SystemClock

MADE = r"""
set -e
openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out good.pem -days 100 -subj /CN=good
openssl req -new -key key -subj /CN=old -out csr
openssl x509 -req -in csr -signkey key -days -1 -out old.txt
cat good.pem old.txt >chain-of-two.pem
openssl x509 -in old.txt -outform DER -out der.DER
openssl x509 -in old.txt -outform DER -out der.cer
openssl x509 -in old.txt -trustout -out trusted.crt
openssl rsa -in key -outform DER -out key.der
cp good.pem "$(printf 'x\n== end\n.pem')"
rm key csr old.txt
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    subprocess.run(["sh", "-c", MADE], cwd=folder, check=True, capture_output=True)
    return folder


def look(shell: str, folder: Path, at: datetime) -> Reading:
    command = variables({"certificates": str(folder)}) + CHECK.command
    done = subprocess.run([*shell.split(), "-c", command], capture_output=True, text=True, check=False, timeout=60)
    return CHECK.read(Seen(output=done.stdout, exit_code=done.returncode, parameters={}, policy=Policy(), at=at))


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_an_expired_one_is_told_in_whatever_form_and_place_it_is(shell: str, folder: Path) -> None:
    seen = look(shell, folder, SystemClock().now() + timedelta(seconds=5))
    own = {one.subject: one.severity for one in seen.findings if one.subject.startswith(str(folder))}
    assert own == {
        f"{folder}/chain-of-two.pem chain": "warning",
        f"{folder}/der.DER": "critical",
        f"{folder}/der.cer": "critical",
        f"{folder}/trusted.crt": "critical",
    }
    assert seen.untold == "1 file with control characters in its name was not looked at"


def test_what_is_beyond_the_first_500_closes_nothing(folder: Path, tmp_path: Path) -> None:
    for number in range(503):
        (tmp_path / f"{number}.pem").symlink_to(folder / "good.pem")
    seen = look("dash", tmp_path, SystemClock().now())
    assert seen.untold.endswith("more certificates than 500 were not looked at")
    assert (seen.unjudged, {one.name: one.value for one in seen.measurements}["certificates"]) == (("*",), 500)
