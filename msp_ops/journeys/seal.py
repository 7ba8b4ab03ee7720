"""The ledger is sealed: at every close, once a day, and when a person says so. A seal is worth what is kept of it."""

import json
from collections.abc import Sequence
from pathlib import Path

from msp_ops.domain.audit import Audit, Fault
from msp_ops.domain.canonical import plain
from msp_ops.domain.errors import FileError, StoreError
from msp_ops.domain.ledger import Seal
from msp_ops.domain.outbox import Message
from msp_ops.domain.record import record
from msp_ops.domain.sealing import Witness
from msp_ops.files.folder import make_folder, replace_file
from msp_ops.journeys.outbox_mail import letter
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
    return Sealed(seal=seal, file=_send_out(parts, seal))


def _send_out(parts: Parts, seal: Seal) -> Path:
    """To each who keeps the seals, through the outbox, and as a file: a seal without its file was not sent out yet."""
    mail = parts.workspace.msp.mail
    letters = [_letter(parts, seal, keeper) for keeper in (mail.seals_to if mail else ())]
    if letters:
        parts.store.outbox.queue(letters, "the ledger's seal")
    return write_seal(parts.workspace.root / SEALS, seal)


def _letter(parts: Parts, seal: Seal, keeper: str) -> Message:
    subject = f"Seal {seal.number} of the ledger of {parts.workspace.msp.name}, {seal.at:%Y-%m-%d %H:%M}Z"
    text = f"Keep this: it proves later what the ledger held at that moment.\n\n{text_of(seal)}"
    return letter(f"seal-{seal.number:06}/{keeper}", keeper, subject, text, parts.clock)


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
    replace_file(path, text_of(seal))
    return path


def text_of(seal: Seal) -> str:
    """As it is sent out."""
    return json.dumps(plain(seal), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write_missing(parts: Parts) -> list[Path]:
    """Seals that are in the store and whose files are not there are sent out; the files that were written."""
    folder = parts.workspace.root / SEALS
    return [_send_out(parts, seal) for seal in parts.store.seals.list() if not file_of(folder, seal).exists()]


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
