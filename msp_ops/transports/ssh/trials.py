"""Trying a credential without locking its account: what was refused is known to all hosts and all processes."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

import paramiko

from msp_ops.domain.client import Credential
from msp_ops.domain.errors import NotReached
from msp_ops.domain.record import record
from msp_ops.transports.base import Breaker


@record
class Attempt:
    """One credential about to be shown to `who`.

    A password opens one account on every host of a client (a domain's), and each wrong try counts there: it is counted
    over all hosts. A key that one host lacks locks nobody out, so it says nothing of the others; but a host may bar us
    for asking again (fail2ban): it is counted for each host.
    """

    client: str
    user: str
    reference: str
    who: str
    shared: bool

    @property
    def key(self) -> str:
        """Names the credential to the breaker; made of its reference, never of a secret's value."""
        where = "" if self.shared else self.who
        words = (self.client, self.user, self.reference, where)
        return hashlib.sha256("\0".join(words).encode()).hexdigest()


def login_attempt(credential: Credential, who: str, client: str) -> Attempt:
    """What `log_in` is about to show."""
    by_key = credential.key or ("agent" if credential.agent else None)
    reference = by_key or credential.password or ""
    return Attempt(client=client, user=credential.user, reference=reference, who=who, shared=by_key is None)


@dataclass(slots=True)
class _Known:
    """What this process knows of one shared password."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    proved: bool = False
    refused_by: str = ""


class Trials:
    """One host tries a shared password first; refused once, this process tries it nowhere again."""

    def __init__(self, breaker: Breaker | None) -> None:
        self._breaker = breaker
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    @contextmanager
    def of(self, attempt: Attempt) -> Iterator[None]:
        """Around the moment in which it is shown. Raises NotReached when it must not be."""
        with self._lock:
            known = self._known.setdefault(attempt.key, _Known())
        with nullcontext() if known.proved or not attempt.shared else known.lock:
            self._permit(attempt, known)
            try:
                yield
            except paramiko.BadAuthenticationType:
                raise  # the host takes no such credential from anybody: nothing was counted
            except paramiko.AuthenticationException:
                self._note(attempt, known)
                raise
            except NotReached as error:
                if error.credential_refused:
                    self._note(attempt, known)
                raise
            known.proved = True

    def _permit(self, attempt: Attempt, known: _Known) -> None:
        if known.refused_by and attempt.shared:
            raise NotReached(
                f"{attempt.who} was not tried: {known.refused_by} refused the same password of {attempt.user!r}, and "
                f"another try could lock the account",
                credential_refused=True,
            )
        if self._breaker and (why := self._breaker.refused_before(attempt.key)):
            raise NotReached(f"{attempt.who} was not tried: {why}", credential_refused=True)

    def _note(self, attempt: Attempt, known: _Known) -> None:
        known.refused_by = attempt.who
        if self._breaker:
            self._breaker.note_refusal(attempt.key, attempt.who)
