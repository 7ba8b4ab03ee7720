"""A session on one host over SSH: deliver, commit, follow, collect, withdraw, cancel, forget."""

import hashlib
import re
import threading
from collections.abc import Generator, Iterator
from datetime import timedelta
from math import ceil
from types import TracebackType
from typing import Self

from msp_ops.domain.errors import LinkLost, NotReached
from msp_ops.domain.parcel import Lease, Parcel, RunAs
from msp_ops.transports.base import Answer, Collected, Limits
from msp_ops.transports.last_words import last_words
from msp_ops.transports.onhost import SUPERVISOR, payload
from msp_ops.transports.onhost.standing import FIRST_LINE, read_standing
from msp_ops.transports.ssh.link import Link
from msp_ops.transports.ssh.question import Conversation, Question, Sudo

BRIEF = timedelta(seconds=30)
UNTIL_KILLED = timedelta(seconds=60)  # 10 s after TERM, some more after KILL, and the host may be slow
_A_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")


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
        return self._ask(script, run_as, timeout, self._limits.output_bytes)

    def deliver(self, parcel: Parcel, script: bytes) -> None:
        digest = hashlib.sha256(script).hexdigest()
        whole = payload("deliver", id=parcel.id, script=script.decode(), supervisor=SUPERVISOR, sum=digest)
        self._tell(parcel, whole)

    def commit(self, parcel: Parcel, lease: Lease) -> None:
        if not _A_FILE_NAME.fullmatch(lease.store):
            raise ValueError(f"{lease.store!r} cannot name a store on a host")
        seconds, limit = int(parcel.timeout.total_seconds()), self._limits.output_bytes
        script = payload("commit", id=parcel.id, seconds=seconds, limit=limit, store=lease.store, token=lease.token)
        self._tell(parcel, script)

    def follow(
        self, parcel: Parcel, from_byte: int = 0, at_most: timedelta | None = None
    ) -> Generator[bytes, None, None]:
        most = min(at_most or parcel.timeout + BRIEF, parcel.timeout + BRIEF)
        script = payload("follow", id=parcel.id, most=ceil(most.total_seconds()), **{"from": from_byte})
        with self._one_at_a_time:
            yield from self._heard(self._conversation(script, parcel.run_as, most + BRIEF))

    def collect(self, parcel: Parcel) -> Collected:
        return self._standing("collect", parcel, BRIEF)

    def withdraw(self, parcel: Parcel) -> Collected:
        return self._standing("withdraw", parcel, BRIEF)

    def cancel(self, parcel: Parcel) -> Collected:
        return self._standing("cancel", parcel, UNTIL_KILLED)

    def forget(self, parcel: Parcel) -> None:
        self._tell(parcel, payload("forget", id=parcel.id))

    def _standing(self, verb: str, parcel: Parcel, timeout: timedelta) -> Collected:
        room = self._limits.output_bytes + FIRST_LINE
        answer = self._ask(payload(verb, id=parcel.id), parcel.run_as, timeout, room)
        if (standing := read_standing(answer)) is None:
            raise LinkLost(f"{self._who} was asked how {parcel.id} stands; its answer makes no sense: {_said(answer)}")
        return standing

    def _tell(self, parcel: Parcel, script: bytes) -> None:
        answer = self.ask(script, parcel.run_as, BRIEF)
        if answer.exit_code != 0:
            raise LinkLost(f"{self._who} could not take the script: {_said(answer)}")

    def _ask(self, script: bytes, run_as: RunAs, timeout: timedelta, room: int) -> Answer:
        conversation = self._conversation(script, run_as, timeout)
        kept = bytearray()
        said = 0
        with self._one_at_a_time:
            for chunk in self._heard(conversation):
                said += len(chunk)
                kept += chunk[: max(0, room - len(kept))]
        if conversation.frames.short:
            raise LinkLost(f"the script did not reach {self._who} whole; it was not run")
        return Answer(exit_code=conversation.frames.exit_code, output=bytes(kept), cut=said - len(kept))

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


def _said(answer: Answer) -> str:
    return last_words(answer.output) or f"nothing, exit code {answer.exit_code}"
