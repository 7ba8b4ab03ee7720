"""Parameters of many values: lists in a schedule and in a rehearsal, each item at its place."""

from pathlib import Path

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.files.client_file import load_client
from msp_ops.files.rehearsal_file import load_rehearsal
from msp_ops.files.runbook_file import load_runbook
from tests.files.cast import CLIENT, LOOK, spoil, write, write_runbook
from tests.files.test_clients import shown

MANY = "  leave: {kind: text, title: Leave alone, pattern: '[a-z ]+', many: yes, default: []}\n"
BOOK = spoil(LOOK, "steps:\n", f"{MANY}steps:\n")
REHEARSAL = (
    "title: It looks\nproves: success\nparameters: {max-age: 5m, leave: LEAVE}\nsays: {look: {}}\n"
    "expect: {outcome: succeeded}\n"
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_runbook(tmp_path / "look", BOOK, ["look.sh"])


def a_client(folder: Path, leave: str) -> Path:
    return write(folder / "cobalt.yaml", spoil(CLIENT, "{max-age: 26h}", f"{{max-age: 26h, leave: {leave}}}"))


@pytest.mark.parametrize(("written", "given"), [("[a b, c]", "a b\nc"), ("[c]", "c"), ("c", "c"), ("[]", "")])
def test_a_list_of_a_schedule_and_of_a_rehearsal_is_one_text_with_a_line_each(
    tmp_path: Path, book: Path, written: str, given: str
) -> None:
    runbook = load_runbook(book)
    client = load_client(a_client(tmp_path, written), {"look": runbook, "patch": None})
    assert client.schedules[1].parameters["leave"] == given
    path = write(book / "rehearsals" / "one.yaml", REHEARSAL.replace("LEAVE", written))
    assert load_rehearsal(path, runbook).parameters["leave"] == given


@pytest.mark.parametrize(
    ("leave", "at", "says"),
    [
        ("[a, -rf]", "{max-age", "begins with a dash"),
        ('[a, "b\\nc"]', '"b', "has a line break"),
        ("[a, [b]]", "[b]", "right is a single text"),
        ("{a: b}", "{a: b}", "right is a single text"),
        ("[a, '']", "{max-age", "'' does not fit"),
    ],
)
def test_an_item_that_does_not_fit_is_shown_where_it_stands(
    tmp_path: Path, book: Path, leave: str, at: str, says: str
) -> None:
    library = {"look": load_runbook(book), "patch": None}
    path = a_client(tmp_path, leave)
    with pytest.raises(FileError) as caught:
        load_client(path, library)
    (line,) = [line for line in str(caught.value).splitlines() if says in line]
    assert shown(path.read_text(), line).startswith(at)
