"""Equality and order of values, with Go's types and rules."""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from typing import Any

from argosy.expressions.bounds import Meter
from argosy.expressions.durations import Duration
from argosy.expressions.errors import Fault
from argosy.expressions.kinds import is_number, type_name
from argosy.expressions.members import AnyKeys, key_of
from argosy.expressions.times import Time
from argosy.expressions.value import Value


def equal(a: Value, b: Value) -> bool:
    """Equality: numbers by value, at the top and in arrays; inside maps an integer differs from a float."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    if is_number(a) and is_number(b):
        return a == b if type(a) is type(b) else float(a) == float(b)  # type: ignore[arg-type]  # numbers
    return identical(a, b)


def same(a: Value, b: Value, meter: Meter) -> bool:
    """As `equal`, paying for arrays and maps."""
    if isinstance(a, list | dict):
        meter.weigh(a)
    return equal(a, b)


def identical(a: Value, b: Value) -> bool:
    """Equality of types and values."""
    if type_name(a) != type_name(b):
        return False
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(identical(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        if isinstance(a, AnyKeys) is not isinstance(b, AnyKeys):
            return False
        return a.keys() == b.keys() and all(identical(value, b[key]) for key, value in a.items())
    return a == b


def compare(operator: str, a: Value, b: Value) -> bool:
    """`<`, `>`, `<=`, `>=` of two numbers, two strings, two times or two durations."""
    if is_number(a) and is_number(b):
        if type(a) is not type(b):
            a, b = float(a), float(b)  # type: ignore[arg-type]  # numbers
    elif type(a) is not type(b) or not isinstance(a, str | Time | Duration):
        raise mismatch(operator, a, b)
    return bool(_COMPARISONS[operator](a, b))


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": python.lt,
    ">": python.gt,
    "<=": python.le,
    ">=": python.ge,
}


def within(needle: Value, haystack: Value, meter: Meter) -> bool:
    """`in`: an element of an array, or a key of a map; nil contains nothing."""
    if haystack is None:
        return False
    if isinstance(haystack, list | bytes):
        meter.spend(len(haystack) // 16)
        if isinstance(needle, str) and isinstance(haystack, list):
            return needle in haystack  # nothing but a string equals one
        return any(same(each, needle, meter) for each in haystack)
    if isinstance(haystack, dict):
        return key_of(haystack, needle) in haystack
    raise Fault(f"`in` needs an array or a map on its right, not {type_name(haystack)}", "For text use `contains`.")


def mismatch(operator: str, a: Value, b: Value) -> Fault:
    return Fault(f"{type_name(a)} {operator} {type_name(b)} is not defined")
