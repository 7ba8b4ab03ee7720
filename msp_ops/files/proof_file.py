"""`proven.yaml` beside a runbook: written by msp-ops from a run in the store, never by hand."""

import hashlib
from pathlib import Path

from msp_ops.domain.proof import HostProof
from msp_ops.domain.runbook import Runbook
from msp_ops.files.folder import replace_file
from msp_ops.files.runbook_parts import PROVEN
from msp_ops.files.strict_yaml import read_yaml
from msp_ops.files.text_file import read_text
from msp_ops.files.typed import read_typed

WRITTEN = """\
# Written by: msp-ops runbooks prove {run}. It counts as long as runbook.yaml and the scripts are as they were then.
acts: "{acts}"
run: "{run}"
hosts: [{hosts}]
day: {day}
"""


def acts_digest(folder: Path, runbook: Runbook) -> str:
    """SHA-256 over `runbook.yaml` and the scripts, in hex; rehearsals may change without it."""
    digest = hashlib.sha256()
    for part in (read_text(folder / "runbook.yaml"), *(text for _, text in sorted(runbook.scripts.items()))):
        digest.update(len(part.encode()).to_bytes(8) + part.encode())
    return digest.hexdigest()


def read_proof(folder: Path) -> HostProof | None:
    """None when it was never proved; FileError when the file was spoilt."""
    path = folder / PROVEN
    return read_typed(read_yaml(path), HostProof) if path.exists() else None


def is_proven(folder: Path, runbook: Runbook) -> bool:
    """Whether this very runbook did its work on a real host. FileError."""
    proof = read_proof(folder)
    return proof is not None and proof.acts == acts_digest(folder, runbook)


def write_proof(folder: Path, proof: HostProof) -> Path:
    """In place of an older one; FileError when that cannot be."""
    path = folder / PROVEN
    hosts = ", ".join(proof.hosts)
    replace_file(path, WRITTEN.format(acts=proof.acts, run=proof.run, hosts=hosts, day=proof.day))
    return path
