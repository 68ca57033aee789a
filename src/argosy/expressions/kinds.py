"""The kinds of values there are, and what is asked of a value. Each raises `Fault`; none converts silently."""

from __future__ import annotations

from typing import Any

from argosy.expressions.errors import Fault
from argosy.expressions.numbers import truncate, wrap
from argosy.expressions.value import Object, Value

_TYPES: dict[type, str] = {
    bool: "bool",
    int: "int",
    float: "float",
    str: "string",
    bytes: "bytes",
    list: "array",
    dict: "map",
    type(None): "nil",
}


def type_name(value: object) -> str:
    """The language's name for the type of `value`."""
    if isinstance(value, Object):
        return value.type_name
    return next((_TYPES[each] for each in type(value).__mro__ if each in _TYPES), "object")


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def boolean(value: Value, where: str) -> bool:
    if isinstance(value, bool):
        return value
    raise Fault(f"{where} must be true or false, not {type_name(value)}")


def integer(value: Value, where: str) -> int:
    """An integer of 64 bits; floats are cut towards zero."""
    if is_number(value):
        return wrap(value) if isinstance(value, int) else truncate(value)  # type: ignore[arg-type]  # a float
    raise Fault(f"{where} must be a number, not {type_name(value)}")


def string(value: Value, where: str) -> str:
    if isinstance(value, str):
        return value
    raise Fault(f"{where} must be a string, not {type_name(value)}", "string() makes one.")


def items(value: Value, where: str) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, bytes):
        return list(value)
    raise Fault(f"{where} must be an array, not {type_name(value)}")


def elements(value: Value, where: str) -> list[Any]:
    """What a loop goes through: an array's elements, or the bytes of a text."""
    return list(utf8(value)) if isinstance(value, str) else items(value, where)


def utf8(text: str) -> bytes:
    """The bytes of `text`; what is no character becomes a question mark."""
    return text.encode("utf-8", "replace")
