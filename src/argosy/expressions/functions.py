"""All built-in functions that take values, and those that turn one type into another."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import orjson

from argosy.expressions import kinds, text
from argosy.expressions.array_functions import ARRAYS
from argosy.expressions.bounds import Meter
from argosy.expressions.durations import Duration
from argosy.expressions.errors import Fault
from argosy.expressions.kinds import integer, is_number, string, type_name
from argosy.expressions.number_functions import NUMBERS, number
from argosy.expressions.numbers import parse_float, parse_int
from argosy.expressions.text_functions import TEXTS
from argosy.expressions.time_functions import TIMES
from argosy.expressions.times import Name
from argosy.expressions.value import Catalogue, Value

TYPES = Catalogue()


@TYPES.add("type", 1)
def _type(_meter: Meter, value: Value) -> Value:
    return "array" if isinstance(value, bytes) else type_name(value)


@TYPES.add("int", 1)
def _int(_meter: Meter, value: Value) -> Value:
    if isinstance(value, Duration | Name):
        return value.json()
    read = parse_int(value) if isinstance(value, str) else integer(value, "the argument of int()")
    if read is None:
        raise Fault("int() cannot read this string", "It reads decimal digits with an optional sign.")
    return read


@TYPES.add("float", 1)
def _float(_meter: Meter, value: Value) -> Value:
    read = parse_float(value) if isinstance(value, str) else number(value, "float()")
    if read is None:
        raise Fault("float() cannot read this string", "It reads a number such as 1.5 or 1e3.")
    return read


@TYPES.add("string", 1)
def _string(meter: Meter, value: Value) -> Value:
    meter.weigh(value)
    return text.plain(value)


@TYPES.add("toJSON", 1)
def _to_json(meter: Meter, value: Value) -> Value:
    meter.weigh(value)
    return text.to_json(value, indent="  ")


@TYPES.add("fromJSON", 1)
def _from_json(meter: Meter, value: Value) -> Value:
    source = string(value, "the argument of fromJSON()")
    meter.text(len(source))
    try:
        parsed = orjson.loads(kinds.utf8(source))
    except orjson.JSONDecodeError as error:
        raise Fault(f"fromJSON() cannot read this text: {error.msg} at character {error.pos}") from None
    meter.weigh(parsed)
    converted: Value = _floats(parsed)
    return converted


@TYPES.add("toBase64", 1)
def _to_base64(meter: Meter, value: Value) -> Value:
    source = kinds.utf8(string(value, "the argument of toBase64()"))
    meter.text(len(source) * 4 // 3)
    return base64.b64encode(source).decode()


@TYPES.add("fromBase64", 1)
def _from_base64(meter: Meter, value: Value) -> Value:
    source = string(value, "the argument of fromBase64()").replace("\n", "").replace("\r", "")
    meter.text(len(source))
    try:
        return base64.b64decode(kinds.utf8(source), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        raise Fault("fromBase64() cannot read this text", "It reads standard base64 with padding.") from None


def _floats(value: Any) -> Any:
    """JSON knows one kind of number."""
    if isinstance(value, list):
        return [_floats(each) for each in value]
    if isinstance(value, dict):
        return {key: _floats(each) for key, each in value.items()}
    return float(value) if is_number(value) else value


BUILTINS = {**TYPES, **NUMBERS, **TEXTS, **ARRAYS, **TIMES}
