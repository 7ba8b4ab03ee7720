"""`ledger`: what was closed for ever, sealed, and whether anybody changed it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from msp_ops.cli import exit_codes
from msp_ops.cli.context import parts_of, settings_of
from msp_ops.cli.talk import Json, emit, next_step, rows, say, tell

if TYPE_CHECKING:
    from msp_ops.domain.audit import Audit
    from msp_ops.wiring import Settings

app = typer.Typer(help="The books: written once, sealed, and verified by anybody.", no_args_is_help=True)


@app.command("key")
def make_ledger_key(context: typer.Context) -> None:
    """Make the key that seals the ledger, once; its public half is printed, and lies beside it.

    The private half stays here, 0600: in the workspace's .state, or where MSP_OPS_LEDGER_KEY says. Give the public half
    to whoever is to verify, now: one that was kept elsewhere cannot be replaced by somebody who rewrites the ledger.

    Example: msp-ops ledger key
    """
    from msp_ops.secrets.signing import make_key, public_path

    path = settings_of(context).ledger_key
    public = make_key(path)
    for line in public.splitlines():
        tell(line)
    say(f"Made {path}; its public half is {public_path(path)}.", "green")
    next_step("msp-ops ledger seal")


@app.command("seal")
def seal(context: typer.Context, as_json: Json = False) -> None:
    """Verify the whole ledger, then sign the heads of all its chains; the seal is also a file to send out.

    Every close of a month seals by itself, and `msp-ops up` once a day. A seal that was kept elsewhere shows later
    whether anything before it was changed, replaced or cut off.

    Example: msp-ops ledger seal
    """
    from msp_ops.journeys.seal import seal_now

    with parts_of(context) as parts:
        sealed = seal_now(parts)
    if as_json:
        emit(sealed)
        return
    say(f"Seal {sealed.seal.number} of {len(sealed.seal.heads)} chains. Send the file out, and keep it elsewhere too:")
    tell(str(sealed.file))


@app.command("verify")
def verify(
    context: typer.Context,
    public_key: Annotated[
        list[Path] | None, typer.Option(help="The public key (PEM), as you were given it; more than one may be named.")
    ] = None,
    seals: Annotated[
        list[Path] | None, typer.Option("--seal", help="A seal that you kept elsewhere; more than one may be named.")
    ] = None,
    store: Annotated[Path | None, typer.Option(help="A copy of a store (SQLite), instead of the workspace's.")] = None,
    as_json: Json = False,
) -> None:
    """Read every entry of the ledger and say the first of each chain that is not as it was written.

    Needs no private key. Without --public-key the one beside the private key is used, without --seal the files in the
    workspace's folder seals: who can rewrite these too is found only by what you kept elsewhere. Ends with 1 when
    anything is wrong.

    Example: msp-ops ledger verify --public-key msp.pub --seal seal-000012.json
    """
    audit = _audit(settings_of(context), public_key or [], seals or [], store)
    if as_json:
        emit({**_plain(audit), "sound": not audit.faults})
    else:
        _show(audit)
    if audit.faults:
        raise typer.Exit(exit_codes.SOME_FAILED)


def _audit(settings: "Settings", public: list[Path], seals: list[Path], copy: Path | None) -> "Audit":
    from msp_ops.domain.errors import FileError
    from msp_ops.engine.system_clock import SystemClock
    from msp_ops.journeys.seal import kept_seals, verify_ledger
    from msp_ops.store import open_store
    from msp_ops.wiring import LateKeys

    if copy is not None and not copy.is_file():
        raise FileError(f"there is no store {copy}; name a copy as `msp-ops store backup` makes it")
    keys = LateKeys(settings.ledger_key, public)
    kept = seals or ([] if copy else kept_seals(settings.workspace))
    with _untouched(copy) as own, open_store(own or settings.store_url, SystemClock()) as store:
        return verify_ledger(store, keys.witness(), kept)


@contextmanager
def _untouched(copy: Path | None) -> Iterator[str | None]:
    """SQLite writes beside and into what it opens: of evidence a copy of our own is opened, and it stays as it is."""
    if copy is None:
        yield None
        return
    with TemporaryDirectory(prefix="msp-ops-verify-") as folder:
        own = Path(folder) / "store.db"
        for ending in ("", "-wal"):
            part = copy.with_name(copy.name + ending)
            if part.exists():
                copyfile(part, own.with_name(own.name + ending))
        yield f"sqlite:///{own}"


def _plain(audit: "Audit") -> dict[str, object]:
    return {
        "chains": audit.chains,
        "seals": audit.seals,
        "sealed_at": audit.sealed_at,
        "unsealed": audit.unsealed,
        "faults": audit.faults,
    }


def _show(audit: "Audit") -> None:
    rows(
        ("chain", "entries", "sealed", "head"),
        ((each.chain, str(each.length), str(each.sealed), each.hash[:16]) for each in audit.chains),
        "the ledger is empty",
    )
    for fault in audit.faults:
        say(f"{fault.chain}: {fault.entry} {fault.says}", "red")
    if audit.faults:
        say("The ledger is not as it was written: bill nothing before that is explained.", "red")
        return
    sealed = f"{audit.seals} seals, the last of {audit.sealed_at:%Y-%m-%d %H:%M}Z" if audit.sealed_at else "no seal yet"
    say(f"The ledger is as it was written ({sealed}).", "green")
    if audit.unsealed:
        say(
            f"{audit.unsealed} entries are in no seal yet: who writes the store could still rewrite them. "
            "Do: msp-ops ledger seal",
            "yellow",
        )
