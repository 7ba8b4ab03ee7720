"""The shipped library is rehearsed as a whole."""

import pytest

from msp_ops.checks.table import CHECKS
from msp_ops.domain.grade import GRADES
from msp_ops.files.library import shipped_folder
from msp_ops.files.shelf import load_library
from msp_ops.journeys.rehearse import rehearse
from msp_ops.journeys.standing import proved_in
from tests.docs.pages import BLOCK, ROOT, text_of

SHIPPED = shipped_folder("runbooks")
LIBRARY = load_library(SHIPPED, known_checks=frozenset(CHECKS))
PROVED = {name: proved_in(SHIPPED / name, runbook) for name, runbook in LIBRARY.items()}
REHEARSALS = [(name, each) for name, proved in PROVED.items() for each in proved.rehearsals.sound]


@pytest.mark.parametrize(("name", "rehearsal"), REHEARSALS, ids=[f"{name} {each.name}" for name, each in REHEARSALS])
def test_a_shipped_runbook_does_what_its_rehearsal_says(name, rehearsal):
    assert rehearse(LIBRARY[name], rehearsal, CHECKS).differences == ()


@pytest.mark.parametrize("name", LIBRARY)
def test_a_shipped_runbook_is_at_least_silver(name):
    assert PROVED[name].rehearsals.mistakes == ()
    assert PROVED[name].standing.grade in GRADES[1:], PROVED[name].standing.missing


def test_the_rehearsal_on_the_page_is_the_one_in_the_library():
    quoted = [(file, body) for file, body in BLOCK.findall(text_of("docs/runbooks.md")) if "rehearsals" in file]
    assert quoted
    for file, body in quoted:
        assert (ROOT / file.removeprefix("yaml ")).read_text(encoding="utf-8") == body
