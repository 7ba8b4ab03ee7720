"""The domain's types as pydantic checks them in a file: from one definition, validation and the editor's schema.

The types of the domain know nothing of files. Here pydantic's schema of such a type is taken and every scalar in it
replaced by its Spelling, every union by one that a single key decides. So pydantic neither guesses a type from text
nor reports the mistakes of all members of a union.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter
from pydantic_core import PydanticCustomError, SchemaValidator, core_schema

from msp_ops.files.fields import (
    RULES,
    TOLD_BY_KEY,
    AlsoYesNo,
    LeftOut,
    Lines,
    Named,
    NotWritten,
    OneForMany,
    OneWord,
    Rule,
)
from msp_ops.files.spelling import ANY_LINE, BY_KIND, YES_NO, Spelling

T = TypeVar("T")
Schema = dict[str, Any]  # pydantic's description of a type: a tree of dicts
INNER = {"schema", "items_schema", "keys_schema", "values_schema", "definitions"}
TAG = "kind="  # begins the part of a mistake's place that names the chosen member of a union and is no key


class Shape(Generic[T]):
    """How a type of the domain is written."""

    def __init__(self, adapter: TypeAdapter[T]) -> None:
        schema: Any = adapter.core_schema
        self._definitions = _definitions(schema)
        self.schema = self._written(schema)
        self._definitions = _definitions(self.schema)
        self._validator = SchemaValidator(self.schema)

    def read(self, plain: object) -> T:
        """The value; pydantic's ValidationError with every mistake in it."""
        value: T = self._validator.validate_python(plain)
        return value

    def keys(self, where: Sequence[str | int]) -> list[str]:
        """The keys that may be written in the record at that place (as pydantic names places)."""
        schema = self._bare(self.schema)
        for step in where:
            schema = self._bare(_inside(schema, step))
        fields: list[Any] = schema["schema"]["fields"]
        return [field.get("validation_alias", field["name"]) for field in fields if not field["metadata"].get("absent")]

    def _written(self, schema: Schema, spelling: Spelling | None = None) -> Schema:
        """The same schema as it is written in a file; `spelling` is the rule of the field around it."""
        kind = schema.get("type")
        if kind in BY_KIND:
            scalar: Schema = _scalar(spelling or BY_KIND[kind])
            return scalar
        if kind == "union":
            return self._decided([self._written(choice, spelling) for choice in schema["choices"]])
        if kind == "dataclass":
            fields = [
                self._field(field, RULES.get((schema["cls"], field["name"]))) for field in schema["schema"]["fields"]
            ]
            return schema | {"schema": schema["schema"] | {"fields": fields}}
        return schema | {key: self._each(part, spelling) for key, part in schema.items() if key in INNER}

    def _each(self, part: Schema | list[Schema], spelling: Spelling | None) -> Schema | list[Schema]:
        if isinstance(part, list):
            return [self._written(item, spelling) for item in part]
        return self._written(part, spelling)

    def _field(self, field: Schema, rule: Rule | None) -> Schema:
        match rule:
            case NotWritten(instead=instead, value=value):
                absent = core_schema.with_default_schema(_refusal(instead), default=value)
                return field | {"schema": absent, "metadata": {"absent": True}}
            case LeftOut(value=value):
                return field | {"schema": core_schema.with_default_schema(self._any(field["schema"]), default=value)}
            case Named(key=key):
                return field | {"schema": self._written(field["schema"]), "validation_alias": key}
            case OneWord(spelling=spelling):
                return field | {"schema": core_schema.with_default_schema(_scalar(spelling), default=_default(field))}
            case AlsoYesNo():
                inner = _or_yes_no(self._any(field["schema"]["schema"]), rule)
                return field | {"schema": core_schema.with_default_schema(inner, default=_default(field))}
            case OneForMany() | Lines():
                return field | {"schema": self._one_or_list(field["schema"], rule)}
            case Spelling() | None:
                return field | {"schema": self._written(field["schema"], rule)}

    def _any(self, schema: Schema) -> Any:  # noqa: ANN401  # pydantic's functions want one of 50 kinds
        return self._written(schema)

    def _one_or_list(self, schema: Schema, rule: OneForMany | Lines) -> Any:  # noqa: ANN401  # see _any
        inner = self._bare(schema)
        if inner["type"] != "dict":
            return core_schema.with_default_schema(_or_lines(), default=None)
        mapping = self._any(inner)
        values = _or_lines() if isinstance(rule, Lines) else _or_one(mapping["values_schema"])
        return core_schema.with_default_schema(mapping | {"values_schema": values}, default={})

    def _decided(self, choices: list[Schema]) -> Schema:
        words = {_word(self._bare(choice)["cls"]): choice for choice in choices}
        by_key = any(self._bare(choice)["cls"] in TOLD_BY_KEY for choice in choices)

        def decide(value: object) -> str | None:
            if not isinstance(value, dict):
                return None
            said = [key for key in words if key in value] if by_key else [value.get("kind")]
            return f"{TAG}{said[0]}" if len(said) == 1 else None

        return {
            "type": "tagged-union",
            "choices": {f"{TAG}{word}": choice for word, choice in words.items()},
            "discriminator": decide,
            "custom_error_type": "undecided",
            "custom_error_message": "undecided",
            "custom_error_context": {"by_key": by_key, "words": list(words)},
        }

    def _bare(self, schema: Schema) -> Schema:
        """Without what only surrounds: defaults, references, None."""
        while schema["type"] in {"default", "nullable", "definitions", "definition-ref", "function-after"}:
            schema = self._definitions[schema["schema_ref"]] if "schema_ref" in schema else schema["schema"]
        return schema


def shape_of(kind: type[T]) -> Shape[T]:
    """The shape of a type; made once, because that costs some 50 ms."""
    made: Shape[T] = _made(kind)  # type: ignore[arg-type]  # mypy does not see that a type is hashable
    return made


@cache
def _made(kind: type[Any]) -> Shape[Any]:
    return Shape(TypeAdapter(kind))


def _definitions(schema: Schema) -> dict[str, Schema]:
    return {one["ref"]: one for one in schema.get("definitions", ())}


def _word(member: type) -> str:
    return TOLD_BY_KEY.get(member) or str(get_args(get_type_hints(member)["kind"])[0])


def _inside(schema: Schema, step: str | int) -> Schema:
    match schema["type"]:
        case "dataclass":
            fields: list[Schema] = schema["schema"]["fields"]
            return next(field["schema"] for field in fields if step in (field["name"], field.get("validation_alias")))
        case "tagged-union":
            choices: Mapping[str | int, Schema] = schema["choices"]
            return choices[step]
        case "tuple":
            item: Schema = schema["items_schema"][0]
            return item
        case _:
            value: Schema = schema["values_schema"]
            return value


def _scalar(spelling: Spelling) -> Any:  # noqa: ANN401  # pydantic's functions give one of 50 kinds
    def read(value: object) -> object:
        if not isinstance(value, str):
            raise PydanticCustomError("not_text", "not text")
        try:
            return spelling.read(value)
        except ValueError as error:
            raise PydanticCustomError("misspelt", "{words}", {"words": str(error)}) from error

    return core_schema.no_info_plain_validator_function(read, metadata={"json": spelling.json})


def _default(field: Schema) -> object:
    return field["schema"]["default"]


def _or_yes_no(inner: Any, rule: AlsoYesNo) -> Any:  # noqa: ANN401  # pydantic's functions want and give one of 50 kinds
    def read(text: str) -> object:
        try:
            return rule.yes if YES_NO.read(text) else rule.no
        except ValueError as error:
            raise ValueError(f"{error}; a list is written [{text}]") from error

    spelt = Spelling(read=read, json=YES_NO.json)
    return core_schema.tagged_union_schema(
        {f"{TAG}list": inner, f"{TAG}word": _scalar(spelt)},
        lambda value: f"{TAG}list" if isinstance(value, list) else f"{TAG}word",
    )


def _or_one(many: Any) -> Any:  # noqa: ANN401  # pydantic's functions want and give one of 50 kinds
    one = core_schema.no_info_after_validator_function(lambda value: (value,), many["items_schema"][0])
    return _by_form(many, one)


def _or_lines() -> Any:  # noqa: ANN401  # as above
    many = core_schema.no_info_after_validator_function("\n".join, core_schema.list_schema(_scalar(ANY_LINE)))
    return _by_form(many, _scalar(ANY_LINE))


def _by_form(many: Any, one: Any) -> Any:  # noqa: ANN401  # as above
    return core_schema.tagged_union_schema(
        {f"{TAG}list": many, f"{TAG}one": one},
        lambda value: f"{TAG}list" if isinstance(value, list) else f"{TAG}one",
    )


def _refusal(instead: str) -> core_schema.CoreSchema:
    def refuse(_: object) -> None:
        raise PydanticCustomError("not_written", "{words}", {"words": instead})

    return core_schema.no_info_plain_validator_function(refuse)
