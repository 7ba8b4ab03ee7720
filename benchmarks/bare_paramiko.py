"""The peer: as little as possible around paramiko that still checks host keys.

    python -m benchmarks.bare_paramiko KEY PINS SCRIPT AT_ONCE

Host keys are read once into a dict (loading known_hosts for each connection costs a hundred times more), one connection
and one exec a host, the whole script on standard input. Nothing is parsed, recorded, redacted, judged or shown: the
answers' marks are counted, that is all.
"""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paramiko
from paramiko.hostkeys import HostKeyEntry
from typing_extensions import override

MARK = re.compile(rb"\n[0-9a-f]{12} \d+ 0\n")


class Pinned(paramiko.MissingHostKeyPolicy):
    """Asked for every host, since no known_hosts file is loaded."""

    def __init__(self, keys: dict[str, paramiko.PKey]) -> None:
        self.keys = keys

    @override
    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        del client
        if self.keys.get(hostname) != key:
            raise paramiko.SSHException(f"{hostname} shows another key than the pinned one")


def read_keys(path: Path) -> dict[str, paramiko.PKey]:
    entries = [HostKeyEntry.from_line(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {name: entry.key for entry in entries if entry for name in entry.hostnames or ()}


def answers(host: str, key: paramiko.PKey, policy: Pinned, script: bytes) -> int:
    """How many checks of the script ended well on `[address]:port`."""
    address, _, port = host.removeprefix("[").partition("]:")
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(policy)
        client.connect(address, int(port), "root", pkey=key, allow_agent=False, look_for_keys=False, timeout=10)
        stdin, stdout, _ = client.exec_command("exec sh -s", timeout=300)
        stdin.write(script)
        stdin.channel.shutdown_write()
        return len(MARK.findall(stdout.read()))


def main(key_path: str, pins_path: str, script_path: str, at_once: str) -> None:
    key = paramiko.Ed25519Key.from_private_key_file(key_path)
    policy = Pinned(read_keys(Path(pins_path)))
    script = Path(script_path).read_bytes()
    with ThreadPoolExecutor(int(at_once)) as pool:
        counts = list(pool.map(lambda host: answers(host, key, policy, script), policy.keys))
    print(f"{len(counts)} hosts, {sum(counts)} answers")


if __name__ == "__main__":
    main(*sys.argv[1:])
