"""What a seal's signature is of, and how the next seal names it. The same for who signs and who verifies."""

import hashlib
from dataclasses import replace
from typing import Protocol

from msp_ops.domain.canonical import canonical
from msp_ops.domain.errors import FileError
from msp_ops.domain.ledger import Seal

_MAKE = "make it: msp-ops ledger key"
_PURPOSE = b"msp-ops ledger seal\n"  # so that no signature of this key ever passes for one of anything else


class Signer(Protocol):
    """Who holds the private key. `key_id`: which one it is, so that it can be changed one day."""

    @property
    def key_id(self) -> str: ...

    def sign(self, words: bytes) -> str:
        """The signature in hex."""
        ...


class Witness(Protocol):
    """Who knows public keys."""

    def knows(self, key_id: str) -> bool:
        """Whether a seal of that key can be judged."""
        ...

    def holds(self, key_id: str, words: bytes, signature: str) -> bool:
        """Whether the owner of that key signed exactly these words."""
        ...


class Keys(Protocol):
    """The ledger's keys, read when they are needed."""

    def signer(self) -> Signer:
        """FileError when there is no private key here."""
        ...

    def witness(self) -> Witness:
        """FileError when there is no public key here."""
        ...


class NoKeys:
    """Nobody can seal here."""

    def signer(self) -> Signer:
        raise FileError(f"the ledger has no key here, so nothing was sealed; {_MAKE}")

    def witness(self) -> Witness:
        raise FileError(f"the ledger has no key here, so no seal can be judged; {_MAKE}")


def words_of(seal: Seal) -> bytes:
    """Everything but the signature."""
    return _PURPOSE + canonical(replace(seal, signature=""))


def signed(seal: Seal, signer: Signer) -> Seal:
    """The seal with its signature."""
    return replace(seal, signature=signer.sign(words_of(seal)))


def hash_of(seal: Seal) -> str:
    """By which the next seal names this one."""
    return hashlib.sha256(canonical(seal)).hexdigest()
