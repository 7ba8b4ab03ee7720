"""Run a playbook: look whom it is for, run it, say how it ended on each host."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msp_ops.domain.errors import FileError
from msp_ops.playbooks import setting
from msp_ops.playbooks.driving import Keeper
from msp_ops.playbooks.errors import PlaybookError
from msp_ops.playbooks.job import PlaybookEvent, PlaybookJob, Stopping
from msp_ops.playbooks.plays import Play, check_plays, mistake, read_plays
from msp_ops.playbooks.private import private_folder
from msp_ops.playbooks.tally import Tally, masked
from msp_ops.secrets.redact import Redact, redactor
from msp_ops.secrets.references import Resolve


def run_playbook(job: PlaybookJob, stopping: Stopping, resolve: Resolve, redact: Redact) -> Iterator[PlaybookEvent]:
    """What the hosts say as it happens, then one HostEnd for each host of the job, in its order.

    Raises PlaybookError or FileError before any host is touched. Whoever stops listening ends the playbook.
    """
    with private_folder(job.memory) as private:
        given = setting.write_setting(private.path, job, resolve)
        with Keeper(private, given) as keeper:
            watch = _Watch(job, stopping)
            also = redactor(given.secrets)

            def mask(said: bytes) -> bytes:
                return also(redact(said))

            plays = _look(_the_answer(keeper, watch, mask), job, private.path, mask)
            yield from _run(keeper, Tally(job, mask, plays), watch)


class _Watch:
    """Why it must end now, if it must."""

    def __init__(self, job: PlaybookJob, stopping: Stopping) -> None:
        self._stopping = stopping
        self._limit = job.timeout
        self._until = time.monotonic() + job.timeout.total_seconds()

    def why(self) -> str | None:
        if self._stopping.cancels or self._stopping.leaves:
            return self._stopping.why or "stopped"
        return f"it did not end within {self._limit}" if time.monotonic() > self._until else None


def _look(told: Mapping[str, Any], job: PlaybookJob, private: Path, mask: Redact) -> tuple[Play, ...]:
    """Whom the plays are for. Raises PlaybookError, FileError."""
    file, said = job.what.title, masked(told["said"], mask)
    match told["kind"]:
        case "locked":
            raise FileError(f"{told['path']} is not a private key that can be read, or the passphrase is wrong: {said}")
        case _ if told["exit_code"] != 0:
            raise mistake(said, job.host_ids(), file, private)
    plays = read_plays(told["plays"])[:-1]  # the last is our own
    check_plays(plays, job.host_ids(), file)
    return plays


def _the_answer(keeper: Keeper, watch: _Watch, mask: Redact) -> Mapping[str, Any]:
    keeper.tell("look")
    for told in keeper.answers():
        if told is not None:
            return told
        if why := watch.why():
            raise PlaybookError(f"the playbook did not begin: {why}")
    said = masked(keeper.last_words(), mask)
    raise PlaybookError(f"the playbook did not begin; the process that drives Ansible ended: {said}")


def _run(keeper: Keeper, tally: Tally, watch: _Watch) -> Iterator[PlaybookEvent]:
    """Once dismissed, the keeper ends everything, says what it still knows, and closes its pipe."""
    keeper.tell("run")
    ended: Mapping[str, Any] | None = None
    why: str | None = None
    for told in keeper.answers():
        if told is not None and told["kind"] == "ended":
            ended = told
            break
        if told is not None:
            yield from tally.hear(told)
        if why is None and (why := watch.why()):
            keeper.dismiss()
    if ended is None and why is None:
        why = f"the process that drives Ansible ended by itself: {keeper.last_words()}"
    exit_code, said = (ended["exit_code"], ended["said"]) if ended else (None, "")
    yield from tally.ends(why, exit_code, said)
