"""A host that says far too much."""

import resource
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.secrets.references import resolver
from msp_ops.transports.base import Limits
from msp_ops.transports.ssh.login import Keyring
from msp_ops.transports.ssh.transport import SshTransport
from tests.torture.size import size
from tests.transports.sshd import Sshd, sshd

pytestmark = pytest.mark.wire
MEGABYTES = size(100, 1000)


def listen(folder: Path, port: int) -> None:
    """In a process of its own: what it needs at most can be measured."""
    server = Sshd(folder, port, "ed25519")
    wire = SshTransport(Keyring(folder, resolver(folder, {})), Limits())
    with wire.connect(server.target()) as session:
        session.ask(b"echo\n", "login", timedelta(seconds=20))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answer = session.ask(f"head -c {MEGABYTES}000000 /dev/zero\n".encode(), "login", timedelta(minutes=5))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    sys.stdout.write(f"{grown // 1024} {len(answer.output)} {answer.cut}")


def test_a_flood_of_one_endless_line_costs_little_memory(tmp_path):
    with sshd(tmp_path) as server:
        argv = [sys.executable, "-m", "tests.torture.test_floods", str(server.folder), str(server.port)]
        ended = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=400)
    grown, kept, cut = map(int, ended.stdout.split())
    assert grown < 50, f"{grown} MiB"
    assert (kept, kept + cut) == (Limits().output_bytes, MEGABYTES * 1_000_000)


if __name__ == "__main__":
    listen(Path(sys.argv[1]), int(sys.argv[2]))
