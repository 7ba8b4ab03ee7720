"""The ledger's key: Ed25519, made once. Only its owner seals; whoever has the public half can verify."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from msp_ops.domain.errors import FileError


class LedgerKey:
    """Signs; see `msp_ops.domain.sealing.Signer`."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @property
    def key_id(self) -> str:
        return _id_of(self._private.public_key())

    def sign(self, words: bytes) -> str:
        return self._private.sign(words).hex()


class PublicKeys:
    """Judges signatures; see `msp_ops.domain.sealing.Witness`."""

    def __init__(self, keys: Iterable[Ed25519PublicKey]) -> None:
        self._keys = {_id_of(key): key for key in keys}

    def knows(self, key_id: str) -> bool:
        return key_id in self._keys

    def holds(self, key_id: str, words: bytes, signature: str) -> bool:
        """A signature has one spelling: what reads as the same bytes and is written otherwise was changed."""
        if key_id not in self._keys or bytes.fromhex(signature).hex() != signature:
            return False
        try:
            self._keys[key_id].verify(bytes.fromhex(signature), words)
        except InvalidSignature:
            return False
        return True


def public_path(path: Path) -> Path:
    """Where the public half of the key at `path` lies."""
    return path.with_name(path.name + ".pub")


def make_key(path: Path) -> str:
    """A new key at `path`, 0600 from its first moment, its public half beside it; the public half as text.

    FileError when one is there: seals of a lost key can still be verified, those of a replaced one look forged.
    """
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _refuse_second(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # the public half first: a private key is never there without it, whatever breaks off in between
        _write_new(public_path(path), public, 0o644)
        _write_new(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    except OSError as error:
        raise FileError(f"the key {path} cannot be written: {error.strerror}; name another place") from error
    return public.decode("ascii")


def _refuse_second(path: Path) -> None:
    there = [str(each) for each in (path, public_path(path)) if each.exists()]
    if there:
        raise FileError(
            f"the ledger has its key: {' and '.join(there)}; it is made once. To begin another, rename the public one "
            f"to {path.name}-OLD.pub, which verifies the seals of before, and move the private one away"
        )


def read_key(path: Path) -> LedgerKey:
    """FileError when it is missing, no key of ours, or others may read it."""
    pem = _read(path, "make it: msp-ops ledger key")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise FileError(f"{path} has mode {mode:04o}, so others can seal in your name; do: chmod 600 {path}")
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise FileError(f"{path} is no private Ed25519 key as `msp-ops ledger key` makes it")
    return LedgerKey(key)


def read_public_keys(paths: Iterable[Path]) -> PublicKeys:
    """FileError names the file that is none."""
    return PublicKeys([_read_public(path) for path in paths])


def _read_public(path: Path) -> Ed25519PublicKey:
    pem = _read(path, "name the right file: --public-key FILE")
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise FileError(f"{path} is no public Ed25519 key (PEM) as `msp-ops ledger key` writes it")
    return key


def _read(path: Path, do: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"the ledger's key {path} cannot be read: {error.strerror}; {do}") from None


def _write_new(path: Path, body: bytes, mode: int) -> None:
    """Whole or not there: a link never overwrites."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(part)
    finally:
        part.unlink(missing_ok=True)


def _id_of(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]
