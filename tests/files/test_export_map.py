"""`exports.yaml`: what a sound one means, and what is said when one word of it is wrong."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.domain.export_map import ExportMap
from msp_ops.exports.push.psas import PSAS
from msp_ops.exports.targets import TARGETS
from msp_ops.files.export_file import load_export_map, remarks_on
from tests.files.cast import spoil, write

ROOT = Path(__file__).parents[2]
SOUND, APIS = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "exports.md").read_text(encoding="utf-8"), re.DOTALL)
WRONG_APIS = [
    ("https://webservices5", "http://webservices5", "is no address of an API; write https://"),
    ("https://webservices5", "https://kim:pw@webservices5", "is no address of an API"),
    ("env:CONNECTWISE_PRIVATE_KEY", "s3cr3t", "a secret or something else that is no reference stands here"),
    ("busy_for: 5m", "busy_for: 5", "'5' is not a length of time"),
    ("    user: api@northwind.example\n", "", "user of api is missing"),
]
MISTAKES = [
    ("connectwise:", "conectwise:", "unknown key 'conectwise'"),
    ("custom_field: 12", "custom_field: id", "'id' is not a whole number"),
    ("Europe/Berlin", "Berlin", "there is no time zone 'Berlin'"),
    ("DD/MM/YYYY", "YYYY-MM-DD", "dates: 'YYYY-MM-DD' is not possible; right is DD/MM/YYYY, MM/DD/YYYY"),
    ("payment_days: 14", "payment_days: 1000", "1000 is out of bounds"),
    ("invoices: month", "invoices: week", "right is month, ticket"),
    ("persons: {kim: 2}", "people: {kim: 2}", "unknown key 'people'"),
    ("{acme: 3}", "[acme]", "a list stands here; right is a mapping"),
    ("kim: kim.lee", "kim: ''", "the text is empty"),
]


def test_the_sample_of_the_page_is_sound(tmp_path: Path) -> None:
    write(tmp_path / "exports.yaml", SOUND)
    ids = load_export_map(tmp_path)
    assert ids.connectwise.clients == {"acme": "19300"}
    assert ids.xero.taxes == {"none": "No VAT", "VAT": "20% (VAT on Income)"}
    assert ids.autotask.persons == {}


def test_the_apis_of_the_page_are_sound(tmp_path: Path) -> None:
    write(tmp_path / "exports.yaml", APIS)
    ids = load_export_map(tmp_path)
    found = {target: api.busy_for for target in TARGETS if (api := ids.api_of(target))}
    assert found == {name: timedelta(minutes=5 if name == "kimai" else 10) for name in PSAS}


@pytest.mark.parametrize(("old", "new", "said"), WRONG_APIS)
def test_a_wrong_address_or_an_open_secret_is_told_and_not_repeated(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    write(tmp_path / "exports.yaml", spoil(APIS, old, new))
    with pytest.raises(FileError) as caught:
        load_export_map(tmp_path)
    assert said in str(caught.value)


def test_without_the_file_nothing_is_known_and_nothing_is_wrong(tmp_path: Path) -> None:
    assert load_export_map(tmp_path) == ExportMap()


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES)
def test_one_wrong_word_is_told_where_it_stands(tmp_path: Path, old: str, new: str, said: str) -> None:
    write(tmp_path / "exports.yaml", spoil(SOUND, old, new))
    with pytest.raises(FileError) as caught:
        load_export_map(tmp_path)
    assert said in str(caught.value)


def test_words_for_clients_and_people_that_there_are_not_are_remarked(tmp_path: Path) -> None:
    write(tmp_path / "exports.yaml", SOUND)
    ids = load_export_map(tmp_path)
    assert list(remarks_on(ids, ["acme"], ["kim"])) == []
    assert next(remarks_on(ids, ["acne"], [])) == (
        "exports.yaml: connectwise: clients: there is no 'acme' here; did you mean 'acne'?"
    )
    assert any("persons: there is no 'kim' here" in remark for remark in remarks_on(ids, ["acme"], ["ana"]))
