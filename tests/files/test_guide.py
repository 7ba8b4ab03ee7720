"""The guide's examples load, and it names every key that may be written."""

import re
from pathlib import Path

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.domain.step import PLATFORMS
from msp_ops.files.client_file import load_client
from msp_ops.files.parameter_rules import RESERVED
from msp_ops.files.runbook_file import load_runbook
from msp_ops.files.schemas import FILES, schema_text
from tests.files.cast import PATCH, spoil, write, write_runbook

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "inventory.md").read_text(encoding="utf-8")
LANGUAGE = (DOCS / "runbook-language.md").read_text(encoding="utf-8")
(CLIENT,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
(RUNBOOK,) = re.findall(r"```yaml\n(.*?)```", LANGUAGE, re.DOTALL)
SCRIPTS = re.findall(r"[a-z-]+\.sh", RUNBOOK)
PAGES = {
    "client.schema.json": GUIDE,
    "exports.schema.json": (DOCS / "exports.md").read_text(encoding="utf-8"),
    "msp.schema.json": GUIDE,
    "runbook.schema.json": LANGUAGE,
    "rehearsal.schema.json": (DOCS / "runbooks.md").read_text(encoding="utf-8"),
}


def test_the_client_of_the_guide_is_sound(tmp_path: Path) -> None:
    assert load_client(write(tmp_path / "acme.yaml", CLIENT)).name == "Acme Dental"


def test_the_runbook_of_the_guide_is_sound(tmp_path: Path) -> None:
    write(tmp_path / "fix-web" / "harden.yml", "[]\n")
    write(tmp_path / "_shared" / "words.sh", "#!/bin/sh\n")
    assert load_runbook(write_runbook(tmp_path / "fix-web", RUNBOOK, SCRIPTS)).undo


def test_the_reboot_of_the_page_of_runbooks_is_sound(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (DOCS / "runbooks.md").read_text(encoding="utf-8"), re.DOTALL)
    (part,) = [block for block in blocks if "{reboot:" in block]
    text = PATCH.partition("parameters:")[0].replace("impact: changes", "impact: reboots")
    text += part.replace("patch.sh", "fix.sh") + "verify: [{check: disk}]\nclient_sentence: Patched.\n"
    assert load_runbook(write_runbook(tmp_path / "patch", text)).steps[-1].name == "restart"


def test_the_mistake_of_the_guide_reads_as_printed(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        load_client(write(tmp_path / "clients/acme.yaml", spoil(CLIENT, "monthly_fee: 450", "monthly_fee: 4,50")))
    assert str(caught.value).removeprefix(f"{tmp_path}/") in GUIDE


@pytest.mark.parametrize("name", FILES)
def test_the_guide_names_every_key_and_every_word(name: str) -> None:
    schema = schema_text(name)
    keys = set(re.findall(r'^ +"([a-z_]+)": \{$', schema, re.MULTILINE)) - {"properties", "items"}
    words = set(re.findall(r'^ +"(?:const|enum)": "?([a-z/-]+)"?', schema, re.MULTILINE))
    assert not [key for key in sorted(keys | words) if not re.search(rf"\b{re.escape(key)}\b", PAGES[name])]


def test_the_guide_names_every_reserved_word() -> None:
    assert not [name for name in RESERVED if f"`{name}`" not in LANGUAGE]


def test_the_guide_names_every_platform() -> None:
    assert not [word for word in PLATFORMS if f"`{word}`" not in LANGUAGE]
