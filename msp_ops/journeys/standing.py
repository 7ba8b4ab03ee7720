"""How well the runbooks of a workspace are proved: read from their folders, nothing is run."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msp_ops.domain.errors import FileError, NotPermitted
from msp_ops.domain.grade import Proofs, Standing, standing
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.proof import HostProof
from msp_ops.domain.record import record
from msp_ops.domain.run import Run
from msp_ops.domain.runbook import Runbook
from msp_ops.files.library import runbook_folder
from msp_ops.files.proof_file import acts_digest, is_proven, write_proof
from msp_ops.files.rehearsal_file import Rehearsals, load_rehearsals
from msp_ops.files.runbook_file import load_runbook
from msp_ops.files.workspace import Workspace


@record
class Proved:
    """A runbook with its rehearsals, the mistakes in them, and the grade that they give it."""

    runbook: Runbook
    rehearsals: Rehearsals
    standing: Standing


def proved(files: Workspace, runbook: Runbook) -> Proved:
    """One runbook of the workspace's library."""
    return proved_in(runbook_folder(files.root, runbook.id), runbook)


def proved_in(folder: Path, runbook: Runbook) -> Proved:
    """The runbook that lies in `folder`."""
    rehearsals = load_rehearsals(folder, runbook)
    mistakes = rehearsals.mistakes
    try:
        on_a_host = is_proven(folder, runbook)
    except FileError as mistake:
        on_a_host, mistakes = False, (*mistakes, mistake)
    proofs = Proofs(
        runbook=runbook,
        rehearsed={each.proves for each in rehearsals.sound},
        sound=not mistakes,
        on_a_host=on_a_host,
    )
    found = Rehearsals(sound=rehearsals.sound, mistakes=mistakes)
    return Proved(runbook=runbook, rehearsals=found, standing=standing(proofs))


def proved_all(files: Workspace) -> Mapping[str, Proved]:
    """Every runbook that could be read, by id."""
    return {name: proved(files, runbook) for name, runbook in sorted(files.library.items())}


def proved_beneath(
    folders: Iterable[Path], known_checks: frozenset[str]
) -> tuple[Mapping[str, Proved], Sequence[FileError]]:
    """The runbooks that lie in these folders, each a runbook's own or one with runbooks in it; mistakes of others."""
    found: dict[str, Proved] = {}
    mistakes: list[FileError] = []
    for folder in (one for given in folders for one in _folders_beneath(given)):
        try:
            found[folder.name] = proved_in(folder, load_runbook(folder, known_checks))
        except FileError as mistake:
            mistakes.append(mistake)
    return found, mistakes


def _folders_beneath(given: Path) -> Sequence[Path]:
    """FileError when there is no runbook."""
    folder = given.resolve()
    if (folder / "runbook.yaml").exists():
        return (folder,)
    found = sorted(path.parent for path in folder.glob("*/runbook.yaml") if not path.parent.name.startswith((".", "_")))
    if not found:
        raise FileError(f"{given} is no runbook's folder and has none: there is no runbook.yaml")
    return found


def prove_by_run(files: Workspace, run: Run) -> Path:
    """Notes beside the runbook that this run did its work; the file's path.

    NotPermitted when it proves nothing: it did not succeed everywhere, changed nothing, or was of another version.
    """
    runbook = files.runbook(run.plan.runbook_id)
    if run.outcome is not Outcome.SUCCEEDED:
        word = run.outcome.word if run.outcome else "not over"
        raise NotPermitted(f"run {run.id} proves nothing: it is {word}; a run that succeeded would be right")
    if run.plan.undoes:
        raise NotPermitted(f"run {run.id} proves nothing: it took back what run {run.plan.undoes} did")
    if run.plan.runbook_digest != runbook.digest:
        raise NotPermitted(f"run {run.id} proves nothing: {runbook.id} was changed since; run it again")
    changed = any(step.changed for host in run.hosts if host.result for step in host.result.steps)
    if runbook.changes and not changed:
        raise NotPermitted(f"run {run.id} proves nothing: nothing was to do; run it on a host where there is")
    folder = runbook_folder(files.root, runbook.id)
    hosts = tuple(f"{run.plan.client_id}/{host.host_id}" for host in run.hosts)
    return write_proof(
        folder, HostProof(acts=acts_digest(folder, runbook), run=run.id, hosts=hosts, day=run.opened_at.date())
    )
