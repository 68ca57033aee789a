"""Faults of a step's configuration in words: which setting, what is wrong, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

Path = tuple[str | int, ...]

_WANTED = {
    **dict.fromkeys(("string_type", "string_sub_type"), "a text"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    **dict.fromkeys(("list_type", "tuple_type"), "a list"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type", "mapping_type"), "a mapping"),
}
_EMPTY = ("string_too_short", "too_short")


def config_faults(error: ValidationError, config: type[BaseModel]) -> dict[Path, str]:
    """What is wrong with a configuration, by path; for an unknown setting with a guess at what was meant."""
    faults = error.errors(include_url=False, include_input=False)
    return {fault["loc"]: _told(fault, config) for fault in faults}


def _told(fault: Mapping[str, Any], config: type[BaseModel]) -> str:
    path, kind, context = fault["loc"], fault["type"], fault.get("ctx", {})
    place = _written(path)
    if kind == "missing":
        return f"{place} is missing"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), list(_known(config, path[:-1])), 1)
        return f"{place} is not a setting" + (f" (did you mean {near[0]!r}?)" if near else "")
    if kind in _WANTED:
        told = f"must be {_WANTED[kind]}"
    elif kind == "literal_error":
        told = f"must be one of {context['expected']}"
    elif kind == "string_pattern_mismatch":
        told = f"must match {context['pattern']}"
    elif kind in _EMPTY and context.get("min_length") == 1:
        told = "must not be empty"
    else:
        told = str(context.get("error", fault["msg"]))
    return f"{place}: {told}" if place else told


def _written(path: Path) -> str:
    """`images[0].tag`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def _known(config: type[BaseModel], path: Path) -> Iterator[str]:
    """The settings that there are at a path."""
    owner: type[BaseModel] | None = config
    for part in path:
        if isinstance(part, str) and owner is not None:
            fields = {field.alias or name: field for name, field in owner.model_fields.items()}
            owner = _model(fields[part].annotation) if part in fields else None
    for name, field in owner.model_fields.items() if owner else ():
        yield field.alias or name


def _model(annotation: Any) -> type[BaseModel] | None:
    """The model within an annotation such as `list[Image] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model(each))), None)
