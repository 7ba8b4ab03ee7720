"""A runbook whose changing step lasts until we say so: it waits at a gate, without asking again and again."""

import os
import time
from pathlib import Path
from shlex import quote
from typing import Self

from benchmarks.workspaces import write_runbook

HELD = """\
title: A step that lasts
activity: health
impact: changes
expected: 10m
steps:
  - {script: wait.sh, name: wait, timeout: 2h}
verify:
  - {script: verify.sh, name: it ended}
client_sentence: Waited.
"""


class Gate:
    """All hosts of the fleet see this machine's files, so one pipe in `folder` holds them all."""

    def __init__(self, folder: Path) -> None:
        self._pipe = folder / "gate"
        self._ended = folder / "ended"
        os.mkfifo(self._pipe)
        self._ended.touch()

    def write_runbook(self, root: Path) -> None:
        """`held`, whose step reads the pipe: that ends when `open` was called."""
        pipe, ended = quote(str(self._pipe)), quote(str(self._ended))
        script = f"#!/bin/sh\n[ ! -p {pipe} ] || read -r _ < {pipe} || :\necho ended >>{ended}\n"
        write_runbook(root, "held", HELD, {"wait.sh": script, "verify.sh": "#!/bin/sh\ntrue\n"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        """Nobody is left waiting for a gate that is gone."""
        if self._pipe.exists():
            self.open()

    def open(self) -> None:
        """Everybody goes on; who comes later does not wait."""
        writer = os.open(self._pipe, os.O_RDWR)
        self._pipe.unlink()
        os.close(writer)

    def wait_until_ended(self, hosts: int, seconds: float) -> None:
        """SystemExit when that many steps have not ended in time."""
        give_up_at = time.monotonic() + seconds
        while (ended := self._ended.read_text(encoding="ascii").count("ended")) < hosts:
            if time.monotonic() > give_up_at:
                raise SystemExit(f"{ended} of {hosts} steps ended within {seconds:.0f} s")
            time.sleep(0.1)
