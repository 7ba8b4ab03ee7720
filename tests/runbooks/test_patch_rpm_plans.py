"""What dnf shows of a plan, read by the script that installs it: no real dnf here shows all of these."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.runbooks.practice import shared

SCRIPT = shared("transaction")
PLAN = """Last metadata expiration check: 0:00:01 ago on Mon Nov 23 06:32:16 2026.
Dependencies resolved.

 Problem: package lab-unfit-1.2-1.noarch requires nobody, but none of the providers can be installed
================================================================================
 Package               Architecture      Version           Repository      Size
================================================================================
Installing:
 kernel                noarch            6.3-1             lab            6.0 k
     replacing  lab-gone.noarch 1.0-1
Upgrading:
 a-name-that-leaves-no-room-for-anything-else
                       x86_64            1:2.3-4.el9       baseos         12 M
 lab-app               noarch            1.2-1             lab            6.1 k
Installing dependencies:
 lab-new               noarch            1.0-1             lab            6.1 k
Enabling module streams:
 nodejs                                  18
Removing:
 kernel                noarch            6.1-1             @System        0
Removing dependent packages:
 lab-web               noarch            1.0-1             @System        0
Skipping packages with broken dependencies:
 lab-unfit             noarch            1.2-1             lab            6.1 k
Skipping packages with conflicts:
(add '--best --allowerasing' to command line to force their upgrade):
 lab-other             noarch            1.2-1             lab            6.1 k

Transaction Summary
================================================================================
Install  1 Package
Upgrade  2 Packages
Remove   1 Package
Skip     1 Package

Total download size: 12 M
Operation aborted.
"""
WANTED = """install kernel noarch 6.3-1
upgrade a-name-that-leaves-no-room-for-anything-else x86_64 1:2.3-4.el9
upgrade lab-app noarch 1.2-1
install lab-new noarch 1.0-1
remove kernel noarch 6.1-1
remove lab-web noarch 1.0-1
skipped lab-unfit noarch 1.2-1
skipped lab-other noarch 1.2-1
replaced lab-gone noarch 1.0-1
"""


def function(name: str) -> str:
    found = re.search(rf"^{name}\(\) \{{\n.*?^\}}$", SCRIPT, re.MULTILINE | re.DOTALL)
    assert found
    return found[0]


@pytest.mark.parametrize("shell", [["dash"], ["bash", "--posix"], ["busybox", "sh"]], ids=lambda words: words[0])
def test_every_part_of_a_plan_of_dnf_is_read_also_lines_that_are_broken(shell: list[str], tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    plan.write_text(PLAN)
    script = f'{function("read_dnf_plan")}\nread_dnf_plan "$1"'
    done = subprocess.run([*shell, "-c", script, "sh", str(plan)], capture_output=True, text=True, check=True)
    assert done.stdout == WANTED
    assert done.stderr == ""
