"""Every scalar stays as written; what YAML makes of it otherwise is refused with line and column."""

from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msp_ops.domain.errors import FileError
from msp_ops.files.document import Document, Plain
from msp_ops.files.strict_yaml import QUOTE_IT, read_yaml


def read(folder: Path, content: str | bytes) -> Document:
    path = folder / "x.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    document = read_yaml(path)
    document.check()
    return document


def refusal(folder: Path, content: str | bytes) -> str:
    with pytest.raises(FileError) as caught:
        read(folder, content)
    return str(caught.value)


@pytest.mark.parametrize(
    "scalar",
    [
        "no",
        "yes",
        "off",
        "~",
        "null",
        "22:30",
        "01:30",
        "010",
        "0x1f",
        "1e3",
        "1.10",
        "1_000",
        ".inf",
        "2026-01-01",
        "=",
        "-1",
    ],
)
def test_a_plain_scalar_stays_as_written(tmp_path: Path, scalar: str) -> None:
    assert read(tmp_path, f"a: {scalar}\nb: [{scalar}]\n").root.plain() == {"a": scalar, "b": [scalar]}


@given(text=st.text())
def test_any_quoted_text_comes_back_as_written(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("yaml")
    escaped = "".join(f"\\U{ord(letter):08x}" for letter in text)
    assert read(folder, f'a: "{escaped}"\n').root.plain() == {"a": text}


@given(
    text=st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp"], exclude_characters="\ufffe\uffff")
    )
)
def test_any_visible_text_in_single_quotes_comes_back_as_written(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.mktemp("yaml")
    doubled = text.replace("'", "''")
    assert read(folder, f"a: '{doubled}'\n").root.plain() == {"a": text}


@given(text=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.:+_/-]{0,30}[A-Za-z0-9]", fullmatch=True))
def test_any_plain_word_comes_back_as_written(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("yaml")
    assert read(folder, f"- {text}\n- k: {text}\n").root.plain() == [text, {"k": text}]


@pytest.mark.parametrize(
    ("content", "begins", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", ":3:1:", "'a' stands here for the second time; first in line 1"),
        ("a: &x 1\n", ":1:4:", "the anchor &x is refused"),
        ("a: *x\n", ":1:4:", "the alias *x is refused"),
        ("a: &x\n  b: c\n", ":1:4:", "the anchor &x is refused"),
        ("<<: {a: b}\n", ":1:1:", "merge key"),
        ("a: !!int 3\n", ":1:4:", "the tag"),
        ("a: !vault x\n", ":1:4:", "the tag !vault is refused"),
        ("a: !db\n", ":1:4:", "put it into quotes"),
        ("a: 1\n---\nb: 2\n", ":2:1:", "a second document"),
        ("a:\nb: 1\n", ":1:3:", "the value is missing"),
        ("a: [x, , y]\n", ":1:8:", "not valid YAML"),
        ("- \n- x\n", ":1:2:", "the value is missing"),
        ("a: {b, c: d}\n", ":1:6:", "the value is missing"),
        ('"": b\n', ":1:1:", "the key is missing"),
        ("? [a]\n: b\n", ":1:3:", "a key is a word"),
        ("a:\n\tb: 1\n", ":2:1:", "a tab"),
        ("a: b: c\n", ":1:5:", "not valid YAML"),
        ("a: 'x\nb: y\n", ":1:4:", "not valid YAML"),
        ("", ":1:1:", "the file is empty"),
        ("# only words\n", ":1:1:", "the file is empty"),
        ("a: x\x00y\n", ":1:5:", "U+0000"),
        ("a: xy\x1b[2J\n", ":1:6:", "U+001B"),
        ("a: x\u202ey\n", ":1:5:", "U+202E"),
        ("# note\x85a: 1\n", ":1:7:", "U+0085"),
        ("# note\u2028a: 1\n", ":1:7:", "U+2028"),
        ("# note\u2029a: 1\n", ":1:7:", "U+2029"),
        ("# note\ra: 1\n", ":1:7:", "U+000D"),
        (b"name: caf\xe9\n", ":1:10:", "0xe9 is not UTF-8"),
        ("[" * 60, ":1:51:", "more than 50 levels"),
        ("[" * 1_000_000, ":1:51:", "more than 50 levels"),
        ("- " * 500_000, ":1:101:", "more than 50 levels"),
        ("x" * (1024 * 1024 + 1), "", "larger than 1 MiB"),
    ],
)
def test_what_could_mean_something_else_is_refused_at_its_place(
    tmp_path: Path, content: str | bytes, begins: str, says: str
) -> None:
    found = refusal(tmp_path, content)
    assert f"x.yaml{begins}" in found
    assert says in found


def test_a_bomb_of_aliases_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert "the anchor &a0 is refused" in refusal(tmp_path, "\n".join(lines))


def test_fifty_levels_are_read(tmp_path: Path) -> None:
    value: Plain = read(tmp_path, "[" * 49 + "x" + "]" * 49).root.plain()
    for _ in range(49):
        assert isinstance(value, list)
        value = value[0]
    assert value == "x"


def test_all_mistakes_are_told_at_once_with_line_and_caret(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a: 1\nb:\na: &x 2\n").splitlines() == [
        f"{tmp_path}/x.yaml:2:3: the value is missing; write one or remove the key",
        "   2 | b:",
        "     |   ^",
        f"{tmp_path}/x.yaml:3:1: 'a' stands here for the second time; first in line 1",
        "   3 | a: &x 2",
        "     | ^",
        f"{tmp_path}/x.yaml:3:4: the anchor &x is refused: write the value where it is needed; {QUOTE_IT}",
        "   3 | a: &x 2",
        "     |    ^",
    ]


@pytest.mark.parametrize(
    "content",
    [
        "password: hunter2\npassword: hunter2\n",
        "a: {password: hunter2, a: 1, a: 2}\n",
        "sudo_password:\n  &x hunter2\n",
        "password:\n\n  &x hunter2\n",
        "pasword: |\n  &x hunter2\n  \tx\n",
        'passphrase: "hunter2\n',
        "api-token: hunter2: x\n",
        '"password": &x hunter2\n',
    ],
)
def test_a_line_that_may_hold_a_secret_is_not_shown(tmp_path: Path, content: str) -> None:
    assert "hunter2" not in refusal(tmp_path, content)


@pytest.mark.parametrize("content", ["a:\n" * 300_000, "a: &x b\n" + "a-" * 500_000, "&x " + "passw-" * 150_000])
def test_a_hostile_file_is_refused_quickly_and_briefly(tmp_path: Path, content: str) -> None:
    began = process_time()
    assert len(refusal(tmp_path, content)) < 20_000
    assert process_time() - began < 10


def test_a_reference_to_a_secret_is_shown(tmp_path: Path) -> None:
    assert "key: env:OPS" in refusal(tmp_path, "c: {key: env:OPS, key: env:OPS}\n")


def test_a_byte_order_mark_of_windows_is_no_mistake(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n").root.plain() == {"a": "1", "b": "2"}


def test_a_missing_file_and_a_folder_are_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read: No such file"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(FileError, match="is not a file"):
        read_yaml(tmp_path)
