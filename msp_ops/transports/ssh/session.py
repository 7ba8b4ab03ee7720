"""A session on one host over SSH: deliver, commit, follow, collect, forget."""

import hashlib
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from types import TracebackType
from typing import Self

from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.domain.parcel import Lease, Parcel, RunAs
from msp_ops.transports.base import Answer, Collected, Ended, Gone, Limits, NeverCommitted, Running
from msp_ops.transports.onhost import SUPERVISOR, payload
from msp_ops.transports.ssh.link import Link
from msp_ops.transports.ssh.question import Conversation, Question, Sudo

BRIEF = timedelta(seconds=30)
TIMED_OUT = (124, 137)  # what `timeout` answers when it had to stop the script


class SshSession:
    """See `transports.base.Session`. One question at a time."""

    def __init__(self, links: tuple[Link, ...], sudo: Sudo, limits: Limits, who: str) -> None:
        self._links = links
        self._sudo = sudo
        self._limits = limits
        self._who = who
        self._one_at_a_time = threading.Lock()
        self._sudo_refused: NotReached | None = None

    def ask(self, script: bytes, run_as: RunAs, timeout: timedelta) -> Answer:
        conversation = self._conversation(script, run_as, timeout)
        kept = bytearray()
        said = 0
        with self._one_at_a_time:
            for chunk in self._heard(conversation):
                said += len(chunk)
                kept += chunk[: max(0, self._limits.output_bytes - len(kept))]
        if conversation.frames.short:
            raise LinkLost(f"the script did not reach {self._who} whole; it was not run")
        return Answer(exit_code=conversation.frames.exit_code, output=bytes(kept), cut=said - len(kept))

    def deliver(self, parcel: Parcel, script: bytes) -> None:
        digest = hashlib.sha256(script).hexdigest()
        whole = payload("deliver", id=parcel.id, script=script.decode(), supervisor=SUPERVISOR, sum=digest)
        self._tell(parcel, whole)

    def commit(self, parcel: Parcel, lease: Lease) -> None:
        seconds = int(parcel.timeout.total_seconds())
        self._tell(parcel, payload("commit", id=parcel.id, seconds=seconds, limit=self._limits.output_bytes))

    def follow(self, parcel: Parcel, from_byte: int = 0, at_most: timedelta | None = None) -> Iterator[bytes]:
        script = payload("follow", id=parcel.id, **{"from": from_byte})
        with self._one_at_a_time:
            yield from self._heard(self._conversation(script, parcel.run_as, parcel.timeout + BRIEF))

    def collect(self, parcel: Parcel) -> Collected:
        answer = self.ask(payload("collect", id=parcel.id), parcel.run_as, BRIEF)
        first, _, output = answer.output.partition(b"\n")
        if ended := re.fullmatch(rb"ended (\d{1,3}) (\d{1,15}) (in-time|too-long)", first):
            exit_code = int(ended[1])
            whole = Answer(exit_code=exit_code, output=output, cut=int(ended[2]))
            return Ended(answer=whole, timed_out=ended[3] == b"too-long" and exit_code in TIMED_OUT)
        match first:
            case b"running":
                return Running()
            case b"never":
                return NeverCommitted()
            case _:
                return Gone()

    def withdraw(self, parcel: Parcel) -> Collected:
        raise NotImplementedError

    def cancel(self, parcel: Parcel) -> Collected:
        raise NotImplementedError

    def forget(self, parcel: Parcel) -> None:
        self._tell(parcel, payload("forget", id=parcel.id))

    def _tell(self, parcel: Parcel, script: bytes) -> None:
        answer = self.ask(script, parcel.run_as, BRIEF)
        if answer.exit_code != 0:
            said = answer.output.decode(errors="replace").strip()[-300:]
            raise LinkLost(f"{self._who} could not take the script: {said or answer.exit_code}")

    def _heard(self, conversation: Conversation) -> Iterator[bytes]:
        """A refused sudo is remembered: the next question must not count as another try."""
        try:
            yield from conversation.chunks()
        except NotReached as refusal:
            self._sudo_refused = refusal if refusal.credential_refused else None
            raise

    def _conversation(self, script: bytes, run_as: RunAs, timeout: timedelta) -> Conversation:
        sudo = self._sudo if run_as == "root" else None
        if sudo and self._sudo_refused:
            raise self._sudo_refused
        question = Question(payload=script, sudo=sudo, timeout=timeout)
        return Conversation(self._links[-1], question, self._limits, self._who)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for link in reversed(self._links):
            link.close()
