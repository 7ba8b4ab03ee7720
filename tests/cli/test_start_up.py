"""What a technician types answers at once: heavy libraries are loaded by the commands that need them."""

import subprocess
import sys

import pytest

HEAVY = {
    "prefect",
    "sqlalchemy",
    "alembic",
    "paramiko",
    "fastapi",
    "httpx",
    "jinja2",
    "winrm",
    "ansible_runner",
    "holidays",
}
PROGRAM = """
import sys
from msp_ops.cli.main import main
sys.argv = ["msp-ops", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
finally:
    print(",".join(sorted(name for name in sys.modules if "." not in name)), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words",
    [
        *("--help", "run --help", "run fix-service --help", "hosts list", "validate", "clients list"),
        *("runbooks list", "runbooks show fix-service", "runbooks validate", "runbooks rehearse fix-service"),
    ],
)
def test_light_commands_load_nothing_heavy(words):
    argv = [sys.executable, "-c", PROGRAM, *words.split()]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=30)
    loaded = set(done.stderr.splitlines()[-1].split(","))
    assert loaded & HEAVY == set()
    assert "typer" in loaded


def test_the_wire_comes_without_what_we_never_use():
    """Paramiko would load `invoke` with 44 more modules for a line of ssh_config that we never read."""
    program = "import msp_ops.transports.ssh.transport, sys; print('invoke' in sys.modules, 'paramiko' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "False True\n"
