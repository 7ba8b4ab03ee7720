"""Whatever stands in a file: it is read, or told in words. Never anything else."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msp_ops.domain.client import Client
from msp_ops.domain.errors import FileError
from msp_ops.domain.runbook import Runbook
from msp_ops.files.client_file import load_client
from msp_ops.files.pins import load_pins
from msp_ops.files.runbook_file import load_runbook
from msp_ops.files.strict_yaml import read_yaml
from msp_ops.files.typed import read_typed
from tests.files.cast import CLIENT, PATCH, write, write_runbook

patient = settings(deadline=None)  # a busy machine is no mistake of a file
NASTY = [
    *("", ":", "[", "{}", "- ", "\n", "&a ", "*a", "!t ", "? ", "'", '"', "|", "%", "(", "=", ";", "kind"),
    *("9" * 30, "\u2028", "\ud7ff"),
]
CHANGES = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 12), st.one_of(st.sampled_from(NASTY), st.text(max_size=4))),
    min_size=1,
    max_size=4,
)
ANY_PLAIN = st.recursive(
    st.text(max_size=5),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
)


def keys(text: str) -> list[str]:
    return [line.partition(":")[0] for line in text.splitlines() if line[0].isalpha()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_runbook(tmp_path_factory.mktemp("anything") / "patch")


def changed(text: str, changes: list[tuple[int, int, str]]) -> str:
    for place, length, new in changes:
        begin = place % (len(text) + 1)
        text = text[:begin] + new + text[begin + length :]
    return text


@patient
@given(changes=CHANGES)
def test_a_client_with_anything_changed_is_read_or_told(folder: Path, changes: list[tuple[int, int, str]]) -> None:
    path = write(folder.parent / "cobalt.yaml", changed(CLIENT, changes))
    with suppress(FileError):
        load_client(path)


@patient
@given(changes=CHANGES)
def test_a_runbook_with_anything_changed_is_read_or_told(folder: Path, changes: list[tuple[int, int, str]]) -> None:
    write(folder / "runbook.yaml", changed(PATCH, changes))
    with suppress(FileError):
        load_runbook(folder)


@patient
@given(name=st.sampled_from(keys(CLIENT)), value=ANY_PLAIN)
def test_any_value_under_a_key_of_a_client_is_read_or_told(folder: Path, name: str, value: object) -> None:
    path = write(folder.parent / "x.yaml", f"{name}: {json.dumps(value)}\n")
    with pytest.raises(FileError):
        read_typed(read_yaml(path), Client)


@patient
@given(name=st.sampled_from(keys(PATCH)), value=ANY_PLAIN)
def test_any_value_under_a_key_of_a_runbook_is_read_or_told(folder: Path, name: str, value: object) -> None:
    path = write(folder.parent / "x.yaml", f"{name}: {json.dumps(value)}\n")
    with pytest.raises(FileError):
        read_typed(read_yaml(path), Runbook)


@patient
@given(text=st.text())
def test_any_pins_are_read_or_told(folder: Path, text: str) -> None:
    path = write(folder.parent / "x.pins", text)
    with suppress(FileError):
        load_pins(path)
