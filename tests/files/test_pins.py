"""Pinned host keys: read strictly, written whole, next to what people wrote themselves."""

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.files.client_file import load_client
from msp_ops.files.pins import load_pins, write_pin
from tests.files.cast import CLIENT, write


def key(letter: str, kind: str = "ssh-ed25519") -> str:
    body = b"".join(len(part).to_bytes(4) + part for part in (kind.encode(), letter.encode() * 32))
    return f"{kind} {b64encode(body).decode()}"


def test_a_client_gets_the_keys_of_its_hosts_and_gateways(tmp_path: Path) -> None:
    pins = (
        f"# from the console, 3 Nov\n\npress1 {key('a')} root@press1\n"
        f"press1 {key('b', 'ssh-rsa')}\ngateway:lisbon {key('c')}\n"
    )
    write(tmp_path / "cobalt.pins", pins)
    client = load_client(write(tmp_path / "cobalt.yaml", CLIENT))
    keys = {host.id: host.host_keys for host in client.hosts()}
    assert keys == {"press1": (key("a"), key("b", "ssh-rsa")), "files1": (), "press2": ()}
    assert client.sites[0].gateway is not None
    assert client.sites[0].gateway.host_keys == (key("c"),)


def test_without_a_file_nothing_is_pinned(tmp_path: Path) -> None:
    assert load_pins(tmp_path / "none.pins") == {}


def test_the_pin_of_a_host_that_is_gone_has_no_effect(tmp_path: Path) -> None:
    write(tmp_path / "cobalt.pins", f"web9 {key('a')}\n")
    assert all(host.host_keys == () for host in load_client(write(tmp_path / "cobalt.yaml", CLIENT)).hosts())


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("press1 ssh-ed25519", "HOST TYPE BASE64"),
        (f"Press1 {key('a')}", "'Press1' is neither a host's id nor gateway:SITE"),
        (f"* {key('a')}", "neither a host's id"),
        (f"press1 {key('a', 'ssh-dss')}", "'ssh-dss' is not a type of host key"),
        (f"press1 ssh-ed25519 {key('a', 'ssh-rsa').split()[1]}", "not a whole ssh-ed25519 key"),
        (f"press1 {key('a')[:-9]}", "not a whole ssh-ed25519 key"),
        ("press1 ssh-ed25519 AAAA", "not a whole ssh-ed25519 key"),
    ],
)
def test_a_bad_line_is_named_and_cannot_be_written(tmp_path: Path, line: str, says: str) -> None:
    path = write(tmp_path / "cobalt.pins", f"# mine\n{line}\n")
    with pytest.raises(FileError) as caught:
        load_pins(path)
    assert str(caught.value).startswith(f"{path}:2:1: ")
    assert says in str(caught.value)
    host, _, rest = line.partition(" ")
    with pytest.raises(FileError, match="this key is not pinned"):
        write_pin(tmp_path / "new.pins", host, rest)
    assert not (tmp_path / "new.pins").exists()


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\r", "\x1b", "\x00"])
def test_a_pin_that_hides_in_a_comment_is_refused(tmp_path: Path, sign: str) -> None:
    """Other programs take some of these for a line's end, and people see none of them."""
    path = tmp_path / "cobalt.pins"
    path.write_bytes(f"# mine\n# note{sign}press1 {key('a')}\n".encode())
    with pytest.raises(FileError, match=f"U\\+{ord(sign):04X}") as caught:
        load_pins(path)
    assert str(caught.value).startswith(f"{path}:2:1: ")
    assert sign not in str(caught.value)
    with pytest.raises(FileError, match=f"U\\+{ord(sign):04X}"):
        write_pin(path, "files1", key("b"))
    assert key("b") not in path.read_text(encoding="utf-8")


def test_line_ends_of_windows_are_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "cobalt.pins"
    path.write_bytes(f"# mine\r\npress1 {key('a')}\r\n".encode())
    assert load_pins(path) == {"press1": (key("a"),)}


def test_writing_a_pin_keeps_every_other_line(tmp_path: Path) -> None:
    path = write(tmp_path / "cobalt.pins", f"# mine\npress1 {key('a')} old\n\nfiles1 {key('b')}\n")
    path.chmod(0o600)
    write_pin(path, "press1", key("c"))
    write_pin(path, "gateway:lisbon", key("e"))
    assert path.read_text() == (f"# mine\npress1 {key('c')}\n\nfiles1 {key('b')}\ngateway:lisbon {key('e')}\n")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["cobalt.pins"]


def test_a_new_pin_takes_the_trust_from_every_older_key_of_the_host(tmp_path: Path) -> None:
    path = write(tmp_path / "cobalt.pins", f"press1 {key('a')}\n# mine\npress1 {key('b', 'ssh-rsa')}\n")
    write_pin(path, "press1", key("c"))
    assert path.read_text() == f"press1 {key('c')}\n# mine\n"


def test_pins_written_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "cobalt.pins"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write_pin(path, f"web{number}", key("a")), range(24)))
    assert set(load_pins(path)) == {f"web{number}" for number in range(24)}


def test_a_folder_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be opened"):
        write_pin(tmp_path / "none" / "cobalt.pins", "press1", key("a"))
