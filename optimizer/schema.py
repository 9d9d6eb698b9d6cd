"""The JSON Schema of HOME.yaml, made from the dataclasses that read it."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, TypeAliasType, get_args, get_origin

from optimizer.fields import Spec, has_notation, key
from optimizer.home import DEVICES, Home

type Json = dict[str, Any]


def home_schema() -> Json:
    """Return the JSON Schema (2020-12) of HOME.yaml."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "HOME.yaml",
        **_record(Home),
    }


def _record(cls: type[Any]) -> Json:
    properties = {key(f): _field(f) for f in fields(cls)}
    required = [key(f) for f in fields(cls) if f.default is MISSING]
    if hasattr(cls, "kind"):
        properties = {"kind": {"const": str(cls.kind)}, **properties}
        required.insert(0, "kind")
    schema: Json = {
        "type": "object",
        "description": (cls.__doc__ or "").strip(),
        "properties": properties,
        "additionalProperties": False,
    }
    return {**schema, "required": required} if required else schema


def _field(f: Field[Any]) -> Json:
    spec: Spec = f.metadata["spec"]
    schema = {**_type(f.type, spec), "description": spec.description}
    if f.default is not MISSING:
        schema["default"] = _default(f.default)
    return schema


def _default(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {key(f): _default(getattr(value, f.name)) for f in fields(value)}
    return list(value) if isinstance(value, tuple) else value


def _type(kind: Any, spec: Spec) -> Json:  # noqa: ANN401 - an annotation
    if isinstance(kind, UnionType):
        inner = next(part for part in get_args(kind) if part is not NoneType)
        return {"anyOf": [_type(inner, spec), {"type": "null"}]}
    if isinstance(kind, TypeAliasType):
        return {"oneOf": [_record(cls) for cls in DEVICES.values()]}
    if get_origin(kind) is tuple:
        return _several(get_args(kind)[0], spec)
    if is_dataclass(kind) and isinstance(kind, type):
        return _record(kind)
    if get_origin(kind) is Mapping:
        item = get_args(kind)[1]
        values = {} if item is Any else {"additionalProperties": _type(item, spec)}
        return {"type": "object", **values}
    return _scalar(kind, spec)


def _several(kind: Any, spec: Spec) -> Json:  # noqa: ANN401 - an annotation
    if has_notation(kind):
        item: Json = {"type": ["integer", "string"]}
        return {"anyOf": [item, {"type": "array", "items": item}]}
    item = _type(kind, spec)
    several = {"type": "array", "items": item}
    if spec.one_or_more:
        return {"anyOf": [item, several, {"type": "null"}]}
    return several


def _scalar(kind: type[Any], spec: Spec) -> Json:
    if kind is bool:
        return {"type": "boolean"}
    if kind not in {int, float}:
        return {"type": "string", **_word(kind, spec)}
    schema: Json = {"type": "integer" if kind is int else "number"}
    if spec.allowed:
        schema["enum"] = list(spec.allowed)
    for name, bound in (
        ("minimum", spec.minimum),
        ("exclusiveMinimum", spec.above),
        ("maximum", spec.maximum),
    ):
        if bound is not None:
            schema[name] = bound
    return schema


def _word(kind: type[Any], spec: Spec) -> Json:
    if issubclass(kind, date):
        return {"format": "date-time" if kind is datetime else "date"}
    names = tuple(kind) if issubclass(kind, StrEnum) else spec.names
    return {"enum": list(names)} if names else {"minLength": 1}
