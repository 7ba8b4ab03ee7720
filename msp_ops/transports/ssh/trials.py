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
    """One host tries a shared password first; refused once, this process tries it nowhere again.

    Of all processes that have not seen it taken, two at most show it at the same moment.
    """

    def __init__(self, breaker: Breaker | None) -> None:
        self._breaker = breaker
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    @contextmanager
    def of(self, attempt: Attempt) -> Iterator[None]:
        """Around the moment in which it is shown.

        Raises NotReached when it must not be; `again` when other processes are showing it just now.
        """
        with self._lock:
            known = self._known.setdefault(attempt.key, _Known())
        with nullcontext() if known.proved or not attempt.shared else known.lock:
            claimed, refused = self._permit(attempt, known), False
            try:
                yield
                known.proved = True
            except (paramiko.AuthenticationException, NotReached) as error:
                refused = _is_refusal(error)
                raise
            finally:
                self._settle(attempt, known, claimed=claimed, refused=refused)

    def _permit(self, attempt: Attempt, known: _Known) -> bool:
        """Whether it was claimed: a password that this process has seen taken, and a key, cost no write."""
        if known.refused_by and attempt.shared:
            raise NotReached(
                f"{attempt.who} was not tried: {known.refused_by} refused the same password of {attempt.user!r}, and "
                f"another try could lock the account",
                credential_refused=True,
            )
        if self._breaker is None:
            return False
        claims = attempt.shared and not known.proved
        key, who = attempt.key, attempt.who
        barred = self._breaker.claim(key, who) if claims else self._breaker.refused_before(key)
        others_try = barred is not None and barred.soon and attempt.shared
        if barred is not None and (claims or not others_try):
            words = f"{who} was not tried: {barred.why}"
            raise NotReached(words, again=others_try, credential_refused=not others_try)
        return claims

    def _settle(self, attempt: Attempt, known: _Known, *, claimed: bool, refused: bool) -> None:
        if refused:
            known.refused_by = attempt.who
        if self._breaker and claimed and not refused:
            self._breaker.release(attempt.key, attempt.who)
        if self._breaker and refused and not claimed:
            self._breaker.note_refusal(attempt.key, attempt.who)


def _is_refusal(error: paramiko.AuthenticationException | NotReached) -> bool:
    """Where a host takes no such credential from anybody, nothing was counted."""
    if isinstance(error, NotReached):
        return error.credential_refused
    return not isinstance(error, paramiko.BadAuthenticationType)
