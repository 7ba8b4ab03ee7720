"""A technician types what the client said on the phone."""

import pytest

from msp_ops.domain.symptoms import fitting
from msp_ops.files.library import shipped_folder
from msp_ops.files.shelf import load_library

LIBRARY = load_library(shipped_folder("runbooks")).values()


def first(search):
    return next((book.id for book in fitting(LIBRARY, search)), None)


@pytest.mark.parametrize(
    ("search", "best"),
    [
        ("disk full", "fix-disk-full"),
        ("FULL disk", "fix-disk-full"),
        ("the dsik is full", "fix-disk-full"),
        ("no space left", "fix-disk-full"),
        ("servcie down", "fix-service"),
        ("our website is not responding", "fix-service"),
        ("databse dump", "check-backup-postgres"),
        ("patch-linux", "patch-linux"),
    ],
)
def test_the_runbook_for_a_symptom_comes_first(search, best):
    assert first(search) == best


def test_what_no_runbook_knows_finds_nothing():
    assert first("coffee machine") is None
    assert first("xy") is None


def test_nothing_searched_for_is_everything_in_order():
    assert [book.id for book in fitting(LIBRARY, "")] == sorted(book.id for book in LIBRARY)


def test_both_backup_checks_are_offered_for_a_failed_backup():
    assert {book.id for book in fitting(LIBRARY, "backup failed")} >= {"check-backup-postgres", "check-backup-restic"}
