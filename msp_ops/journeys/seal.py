"""The ledger is sealed: at every close, once a day, and when a person says so. A seal is worth what is kept of it."""

import json
from collections.abc import Sequence
from pathlib import Path

from msp_ops.domain.audit import Audit, Fault
from msp_ops.domain.canonical import plain
from msp_ops.domain.errors import FileError, StoreError
from msp_ops.domain.ledger import Seal
from msp_ops.domain.record import record
from msp_ops.domain.sealing import Witness
from msp_ops.files.folder import make_folder, replace_file
from msp_ops.journeys.parts import Parts
from msp_ops.store import Store
from msp_ops.store.seals import read_seal

SEALS = "seals"


@record
class Sealed:
    """A seal, and the file to send out: to the client, to a mail box, to whoever is to hold it."""

    seal: Seal
    file: Path


def seal_now(parts: Parts) -> Sealed:
    """Seal what the store holds, after all of it was verified: nobody signs what was tampered with.

    FileError when there is no key here; StoreError names the first entry that is not as it was written.
    """
    signer = parts.keys.signer()
    refuse_tampered(parts)
    seal = parts.store.seals.add(signer)
    return Sealed(seal=seal, file=write_seal(parts.workspace.root / SEALS, seal))


def seal_daily(parts: Parts) -> Sealed | None:
    """The day's seal, by the calendar of UTC; None when there is one, or nothing to seal."""
    last = parts.store.seals.last()
    if last is not None and last.at.date() >= parts.clock.now().date():
        return None
    if parts.store.seals.heads() == (last.heads if last else {}):
        return None
    return seal_now(parts)


def kept_seals(root: Path) -> list[Path]:
    """The files of the seals that were made in this workspace: a store that was put back has not all of them."""
    return sorted((root / SEALS).glob("seal-*.json"))


def verify_ledger(store: Store, witness: Witness, seal_files: Sequence[Path] = ()) -> Audit:
    """The whole ledger, against seals that were kept elsewhere too. FileError when such a file is none."""
    return store.verify(witness, [_read(path) for path in seal_files])


def refuse_tampered(parts: Parts) -> None:
    """StoreError: the first entry of each chain that is not as it was written. Takes seconds on a large ledger."""
    audit = verify_ledger(parts.store, parts.keys.witness(), kept_seals(parts.workspace.root))
    if audit.faults:
        told = "; ".join(fault_words(fault) for fault in audit.faults)
        raise StoreError(
            f"the ledger is not as it was written, so nothing was sealed: {told}. Look: msp-ops ledger verify"
        )


def fault_words(fault: Fault) -> str:
    """`records/acme: number 3 (record w-7) is not as it was written`."""
    return f"{fault.chain}: {fault.entry} {fault.says}"


def write_seal(folder: Path, seal: Seal) -> Path:
    """The file that is sent out; the same bytes whenever it is written."""
    make_folder(folder)
    path = file_of(folder, seal)
    replace_file(path, json.dumps(plain(seal), indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    return path


def write_missing(parts: Parts) -> list[Path]:
    """Files of seals that are in the store and were never written, or are gone; those that were written."""
    folder = parts.workspace.root / "seals"
    return [write_seal(folder, seal) for seal in parts.store.seals.list() if not file_of(folder, seal).exists()]


def file_of(folder: Path, seal: Seal) -> Path:
    return folder / f"seal-{seal.number:06}.json"


def _read(path: Path) -> Seal:
    try:
        return read_seal(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise FileError(f"{path} is no seal: it is no text in UTF-8") from None
    except OSError as error:
        raise FileError(f"the seal {path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise FileError(f"{path} is no seal as `msp-ops ledger seal` writes it: {error}") from None
