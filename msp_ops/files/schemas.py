"""JSON Schemas for editors, from the same shapes that the loader checks with: what it accepts, they accept.

They cannot say everything (a window's name, a rule that never happens): the loader has the last word.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from typing_extensions import override

from msp_ops.domain.client import Client
from msp_ops.domain.duration import spell_duration
from msp_ops.domain.export_map import ExportMap
from msp_ops.domain.msp import Msp
from msp_ops.domain.rehearsal import Rehearsal
from msp_ops.domain.runbook import Runbook
from msp_ops.files.folder import make_folder, replace_file
from msp_ops.files.shape import shape_of

FILES: dict[str, type[Any]] = {
    "client.schema.json": Client,
    "exports.schema.json": ExportMap,
    "msp.schema.json": Msp,
    "rehearsal.schema.json": Rehearsal,
    "runbook.schema.json": Runbook,
}


def write_schemas(folder: Path) -> None:
    """All schemas into that folder, which is made when it is missing; FileError when that cannot be."""
    make_folder(folder)
    for name in FILES:
        replace_file(folder / name, schema_text(name))


def schema_text(name: str) -> str:
    """The schema of that file name, the same bytes each time."""
    kind = FILES[name]
    shape: Any = shape_of(kind).schema
    made = _EditorSchema(by_alias=True).generate(shape)
    whole = {"$schema": GenerateJsonSchema.schema_dialect, **made, "title": f"{kind.__name__} of msp-ops"}
    return json.dumps(whole, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


class _EditorSchema(GenerateJsonSchema):
    """pydantic's schemas, with scalars as they are written and without what a file does not hold."""

    @override
    def function_plain_schema(self, schema: core_schema.PlainValidatorFunctionSchema) -> JsonSchemaValue:
        return dict(schema["metadata"]["json"])

    @override
    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    @override
    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        default = schema.get("default")
        inner = self.generate_inner(schema["schema"])
        if isinstance(default, timedelta):
            return inner | {"default": spell_duration(default)}
        return inner | {"default": default} if isinstance(default, str | int) and default != "" else inner

    @override
    def field_is_present(self, field: Any) -> bool:  # pydantic's union of all its fields
        return not field["metadata"].get("absent")

    @override
    def field_title_should_be_set(self, schema: Any) -> bool:  # a key is its own title
        return False
