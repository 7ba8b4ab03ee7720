"""The schema in the repository is the one of the code."""

import json
from pathlib import Path

from msp_ops.exports.generic import SCHEMA, document_schema

SCHEMAS = Path(__file__).parents[2] / "schemas"


def test_the_schema_of_the_json_is_up_to_date():
    text = json.dumps(document_schema(), indent=2) + "\n"
    assert (SCHEMAS / SCHEMA).read_text(encoding="utf-8") == text, "write document_schema() there"
