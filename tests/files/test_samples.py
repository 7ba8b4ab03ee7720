"""What lies in the repository: the sample workspace and the editors' schemas."""

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from msp_ops.files.scaffold import new_client_text
from msp_ops.files.schemas import FILES, schema_text
from msp_ops.files.workspace import load_workspace
from tests.files.cast import CLIENT, LOOK, PATCH, RESTART, write

REPOSITORY = Path(__file__).parents[2]
INVENTORY = REPOSITORY / "inventory"
SAMPLES = {
    "client.schema.json": sorted((INVENTORY / "clients").glob("*.yaml")),
    "exports.schema.json": [INVENTORY / "exports.yaml"],
    "msp.schema.json": [INVENTORY / "msp.yaml"],
    "rehearsal.schema.json": sorted((REPOSITORY / "runbooks").glob("*/rehearsals/*.yaml")),
    "runbook.schema.json": sorted((REPOSITORY / "runbooks").glob("*/runbook.yaml")),
}


def test_the_sample_workspace_is_sound() -> None:
    workspace = load_workspace(INVENTORY)
    assert not [str(mistake) for name, mistake in workspace.mistakes.items() if name.startswith("client")]
    acme = workspace.client("acme")
    borealis = workspace.client("borealis")
    assert [contract.kind for contract in acme.contracts] == ["managed", "break-fix"]
    assert [contract.kind for contract in borealis.contracts] == ["break-fix", "break-fix"]
    addresses = [host.address for client in (acme, borealis) for host in client.hosts()]
    assert addresses == ["10.77.0.11", "10.77.0.12", "10.77.0.13", "10.77.0.21", "10.77.0.22"]


@pytest.mark.parametrize("name", FILES)
def test_the_schemas_of_the_repository_are_up_to_date(name: str) -> None:
    assert (REPOSITORY / "schemas" / name).read_text() == schema_text(name), (
        "do: python -c 'from pathlib import Path; from msp_ops.files.schemas import write_schemas; "
        'write_schemas(Path("schemas"))\''
    )


@pytest.mark.parametrize("name", FILES)
def test_every_sample_names_its_schema_and_an_editor_finds_no_mistake_in_it(name: str) -> None:
    for sample in SAMPLES[name]:
        first = sample.read_text().splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema=")
        assert (sample.parent / first.partition("=")[2]).resolve() == REPOSITORY / "schemas" / name
    schema = str(REPOSITORY / "schemas" / name)
    done = subprocess.run(
        [REPOSITORY / ".venv/bin/check-jsonschema", "--schemafile", schema, *SAMPLES[name]],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("client.schema.json", CLIENT),
        ("client.schema.json", new_client_text("Acme", "UTC", "EUR")),
        ("runbook.schema.json", PATCH),
        ("runbook.schema.json", LOOK),
        ("runbook.schema.json", RESTART),
        ("client.schema.json", CLIENT.replace("canary: [press2]", "canary: yes").replace("batch: 25%", "batch: 5")),
    ],
)
def test_an_editor_accepts_what_the_loader_accepts(name: str, text: str) -> None:
    jsonschema.Draft202012Validator(json.loads(schema_text(name))).validate(as_editor(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("timezone:", "timzone:"),
        ("EUR", "eur"),
        ("kind: block-hours", "kind: block"),
        ("duration: 4h", "duration: 4x"),
        ("192.0.2.11", "-x"),
        ("file:keys/ops", "hunter2"),
        ("port: 2222", "port: 70000"),
        ("port: 2222", "port: 22, host_keys: [x]"),
        ("name: Cobalt Print", "id: x\nname: Cobalt Print"),
        ("[patching]", "[patchng]"),
        ("batch: 25%", "batch: 101%"),
        ("batch: 25%", "batch: 0"),
        ("canary: [press2]", "canary: press2"),
        ("ring: 2", "ring: 0"),
    ],
)
def test_an_editor_marks_common_mistakes(old: str, new: str) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema_text("client.schema.json")))
    assert not validator.is_valid(as_editor(CLIENT.replace(old, new, 1)))


def as_editor(text: str) -> object:
    """Editors read YAML 1.2, where a time of day is text, and see a day as text."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))


def test_the_first_line_of_a_new_client_points_into_its_workspace(tmp_path: Path) -> None:
    path = write(tmp_path / "clients" / "acme.yaml", new_client_text("Acme", "UTC", "EUR"))
    first = path.read_text().splitlines()[0]
    assert (path.parent / first.partition("=")[2]).resolve() == tmp_path / "schemas" / "client.schema.json"
