"""The peer: as little as possible around paramiko that still checks host keys.

    python -m benchmarks.bare_paramiko KEY PINS SCRIPT MARK AT_ONCE

Host keys are read once into a dict (loading known_hosts for each connection costs a hundred times more), one connection
and one exec a host, the whole script on standard input. Nothing is parsed, recorded, redacted, judged or shown: the
answers' marks are counted, that is all.
"""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import paramiko
from paramiko.hostkeys import HostKeyEntry
from typing_extensions import override


class Pinned(paramiko.MissingHostKeyPolicy):
    """Asked for every host, since no known_hosts file is loaded."""

    def __init__(self, keys: dict[str, paramiko.PKey]) -> None:
        self.keys = keys

    @override
    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        del client
        if self.keys.get(hostname) != key:
            raise paramiko.SSHException(f"{hostname} shows another key than the pinned one")


@dataclass(frozen=True)
class Question:
    """What every host is asked; `mark` stands once in each answer."""

    key: paramiko.PKey
    policy: Pinned
    script: bytes
    mark: re.Pattern[bytes]

    def answers(self, host: str) -> int:
        """How many answers came from `[address]:port`."""
        address, _, port = host.removeprefix("[").partition("]:")
        with paramiko.SSHClient() as client:
            client.set_missing_host_key_policy(self.policy)
            client.connect(
                address, int(port), "root", pkey=self.key, allow_agent=False, look_for_keys=False, timeout=60
            )
            stdin, stdout, _ = client.exec_command("exec sh -s", timeout=300)
            stdin.write(self.script)
            stdin.channel.shutdown_write()
            return len(self.mark.findall(stdout.read()))


def read_keys(path: Path) -> dict[str, paramiko.PKey]:
    entries = [HostKeyEntry.from_line(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {name: entry.key for entry in entries if entry for name in entry.hostnames or ()}


def main(key: str, pins: str, script: str, mark: str, at_once: str) -> None:
    question = Question(
        key=paramiko.Ed25519Key.from_private_key_file(key),
        policy=Pinned(read_keys(Path(pins))),
        script=Path(script).read_bytes(),
        mark=re.compile(mark.encode()),
    )
    with ThreadPoolExecutor(int(at_once)) as pool:
        counts = list(pool.map(question.answers, question.policy.keys))
    print(f"{len(counts)} hosts, {sum(counts)} answers")


if __name__ == "__main__":
    main(*sys.argv[1:])
