"""A workspace: one bad file does not hide the others, and nothing vanishes in silence."""

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from msp_ops.domain.errors import FileError, PlanError
from msp_ops.domain.msp import Msp
from msp_ops.files.library import find_runbook_folders, shipped_folder
from msp_ops.files.scaffold import add_client, create_workspace
from msp_ops.files.workspace import Workspace, load_workspace
from tests.files.cast import CLIENT, LOOK, PATCH, spoil, write, write_runbook

MSP = "name: Northwind IT\ncontact: desk@northwind.example\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "msp.yaml", MSP)
    write(tmp_path / "clients" / "cobalt.yaml", CLIENT)
    write_runbook(tmp_path / "runbooks" / "patch", PATCH)
    write_runbook(tmp_path / "runbooks" / "look", LOOK)
    return tmp_path


def load(root: Path) -> Workspace:
    return load_workspace(root, library=[])


def test_everything_is_read(root: Path) -> None:
    workspace = load_workspace(root, library=[], known_checks=frozenset({"disk"}))
    workspace.check()
    assert workspace.msp == Msp(name="Northwind IT", contact="desk@northwind.example")
    assert workspace.client("cobalt").name == "Cobalt Print"
    assert workspace.runbook("look").title == "Look"


def test_a_bad_client_does_not_hide_the_others(root: Path) -> None:
    write(root / "clients" / "acme.yaml", spoil(CLIENT, "EUR", "euro"))
    workspace = load(root)
    assert list(workspace.clients) == ["cobalt"]
    with pytest.raises(FileError, match="'euro' is not a currency"):
        workspace.client("acme")
    with pytest.raises(FileError, match="'euro' is not a currency"):
        workspace.check()


def test_a_bad_runbook_is_no_mistake_of_the_client_that_schedules_it(root: Path) -> None:
    write(root / "runbooks" / "look" / "look.sh", "echo\n")
    workspace = load(root)
    assert list(workspace.clients) == ["cobalt"]
    assert list(workspace.mistakes) == ["runbook look"]
    with pytest.raises(FileError, match="begins with 'echo'"):
        workspace.runbook("look")


def test_an_unknown_name_is_answered_with_the_known_ones(root: Path) -> None:
    workspace = load(root)
    with pytest.raises(PlanError, match=r"^there is no client 'cobolt'; clients: cobalt; did you mean 'cobalt'\?$"):
        workspace.client("cobolt")
    with pytest.raises(
        PlanError, match=r"^there is no runbook 'patsch'; runbooks: look, patch; did you mean 'patch'\?$"
    ):
        workspace.runbook("patsch")


def test_a_client_whose_file_ends_in_yml_does_not_vanish(root: Path) -> None:
    write(root / "clients" / "acme.yml", CLIENT)
    with pytest.raises(FileError, match=r"rename it to acme\.yaml"):
        load(root).check()


def test_a_folder_without_msp_yaml_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"is no workspace: it has no msp\.yaml"):
        load(tmp_path)


def test_mistakes_in_pins_and_in_msp_yaml_are_told(root: Path) -> None:
    write(root / "clients" / "cobalt.pins", "press1\n")
    with pytest.raises(FileError, match=r"cobalt\.pins:1:1: a pin is HOST TYPE BASE64"):
        load(root).client("cobalt")
    write(root / "msp.yaml", "name: x\n")
    with pytest.raises(FileError, match="contact is missing"):
        load(root)


def test_a_thousand_clients_are_read_one_by_one_and_all(root: Path) -> None:
    for number in range(1000):
        write(root / "clients" / f"c{number}.yaml", CLIENT)
    assert len(load(root).clients) == 1001


def of_another_client(text: str = CLIENT) -> str:
    """The same names at other addresses."""
    return (
        text.replace("192.0.2.", "198.51.100.")
        .replace("files.cobalt", "files.other")
        .replace("jump.cobalt", "jump.other")
    )


def test_usual_clients_give_no_remark(root: Path) -> None:
    write(root / "clients" / "other.yaml", of_another_client())
    assert load(root).remarks() == ()


def test_hosts_of_two_clients_with_one_address_are_remarked_and_stay(root: Path) -> None:
    write(root / "clients" / "other.yaml", of_another_client().replace("198.51.100.12", "192.0.2.12"))
    workspace = load(root)
    workspace.check()
    (said,) = workspace.remarks()
    assert said.startswith("cobalt/press2, other/press2 have the same address 192.0.2.12 port 2222: if that is one")


def test_the_same_address_behind_another_gateway_is_another_machine(root: Path) -> None:
    write(root / "clients" / "other.yaml", of_another_client().replace("198.51.100.11", "192.0.2.11"))
    assert load(root).remarks() == ()
    write(root / "clients" / "third.yaml", CLIENT)
    said = "cobalt/press1, third/press1 have the same address 192.0.2.11 port 22 behind jump.cobalt.example port 22: if"
    assert load(root).remarks()[0].startswith(said)


def test_hosts_that_show_one_key_are_remarked_once_and_not_merged(root: Path) -> None:
    write(root / "clients" / "other.yaml", of_another_client())
    keys = [f"{kind} {body(kind)}" for kind in ("ssh-ed25519", "ssh-rsa")]
    write(root / "clients" / "cobalt.pins", "".join(f"{host} {key}\n" for host in ("press1", "press2") for key in keys))
    write(root / "clients" / "other.pins", "".join(f"files1 {key}\n" for key in keys))
    workspace = load(root)
    (said,) = workspace.remarks()
    assert said.startswith(
        "cobalt/press1, cobalt/press2, other/files1 show the same host key: clones of one image, or one"
    )
    assert len(list(workspace.client("cobalt").hosts())) == 3


def test_two_names_with_one_address_and_so_one_key_are_told_once(root: Path) -> None:
    write(root / "clients" / "third.yaml", CLIENT)
    for name in ("cobalt", "third"):
        write(root / "clients" / f"{name}.pins", f"press1 ssh-ed25519 {body('ssh-ed25519')}\n")
    assert sum("press1" in said for said in load(root).remarks()) == 1


def body(kind: str) -> str:
    return b64encode(len(kind).to_bytes(4) + kind.encode() + b"12345678").decode()


def test_a_new_workspace_and_a_new_client_load_and_are_never_overwritten(tmp_path: Path) -> None:
    create_workspace(tmp_path, Msp(name="Northwind: IT", contact="#1 desk"))
    path = add_client(tmp_path, "acme", name='Acme "Dental" & Söhne: no', timezone="Europe/Berlin", currency="EUR")
    workspace = load_workspace(tmp_path)
    workspace.check()
    assert workspace.msp == Msp(name="Northwind: IT", contact="#1 desk")
    assert workspace.client("acme").name == 'Acme "Dental" & Söhne: no'
    before = path.read_bytes()
    with pytest.raises(FileError, match="exists already and is not overwritten"):
        add_client(tmp_path, "acme", name="Other", timezone="Europe/Berlin", currency="EUR")
    with pytest.raises(FileError, match="exists already"):
        create_workspace(tmp_path, Msp(name="Other", contact="x"))
    assert path.read_bytes() == before
    assert sorted(one.name for one in path.parent.iterdir()) == ["acme.yaml"]


def test_version_control_leaves_out_what_is_secret_or_made_again(tmp_path: Path) -> None:
    create_workspace(tmp_path / "new", Msp(name="Northwind", contact="x"))
    assert (tmp_path / "new" / ".gitignore").read_text().splitlines() == [".state/", "keys/", "summaries/"]
    write(tmp_path / "old" / ".gitignore", "*.swp\n/keys/\nkeys/")
    create_workspace(tmp_path / "old", Msp(name="Northwind", contact="x"))
    kept = (tmp_path / "old" / ".gitignore").read_text()
    assert kept.splitlines() == ["*.swp", "/keys/", "keys/", ".state/", "summaries/"]


@pytest.mark.parametrize(
    "name", ["no", "1e3", "- x", "# x", "a: b", "!x", "*x", "&x", "{x}", "'", '"', "@x", "x #y", "Łódź"]
)
def test_any_name_of_a_new_client_comes_back_as_given(tmp_path: Path, name: str) -> None:
    create_workspace(tmp_path, Msp(name=name, contact="x"))
    add_client(tmp_path, "acme", name=name, timezone="UTC", currency="EUR")
    workspace = load_workspace(tmp_path, library=[])
    assert (workspace.client("acme").name, workspace.msp.name) == (name, name)


def test_a_new_client_with_words_that_do_not_fit_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"'Acme Dental' is not an id.*such as 'acme-dental'"):
        add_client(tmp_path, "Acme Dental", name="x", timezone="UTC", currency="EUR")
    with pytest.raises(PlanError) as caught:
        add_client(tmp_path, "acme", name="x", timezone="Berlin", currency="euro")
    assert "did you mean 'Europe/Berlin'?" in str(caught.value)
    assert "'euro' is not a currency" in str(caught.value)
    with pytest.raises(PlanError, match="the text is empty"):
        create_workspace(tmp_path, Msp(name="", contact="x"))
    assert not list(tmp_path.iterdir())


def test_reading_files_loads_nothing_heavy() -> None:
    heavy = {"prefect", "sqlalchemy", "paramiko", "fastapi", "typer", "jinja2"}
    program = "import sys, msp_ops.files.workspace, msp_ops.files.scaffold; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout
    assert heavy.isdisjoint(loaded.split())


def test_the_shipped_folders_lie_in_the_package_of_a_wheel_or_at_the_top_of_a_checkout(tmp_path: Path) -> None:
    package = tmp_path / "msp_ops"
    assert shipped_folder("runbooks", package) == tmp_path / "runbooks"
    (package / "library" / "runbooks").mkdir(parents=True)
    assert shipped_folder("runbooks", package) == package / "library" / "runbooks"
    assert all(folder.is_dir() for folder in find_runbook_folders())


def test_of_many_runbooks_only_those_are_read_that_somebody_asks_for(root: Path) -> None:
    write_runbook(root.parent / "library" / "spoilt", "title: x\n")
    files = load_workspace(root, library=[root.parent / "library"])
    write_runbook(root.parent / "library" / "spoilt")  # mended before anybody looked
    assert files.runbook("spoilt").id == "spoilt"
    assert "spoilt" in files.library
    assert not [what for what in files.mistakes if "spoilt" in what]
