"""What the operators do to values, with Go's types and rules. Each raises `Fault`; none converts silently."""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

from argosy.expressions import durations
from argosy.expressions.bounds import Meter, Value
from argosy.expressions.durations import Duration
from argosy.expressions.errors import Fault
from argosy.expressions.numbers import divide, power, truncate, wrap
from argosy.expressions.objects import Object
from argosy.expressions.times import Time

_PATTERN_MEMORY = 1 << 20  # bytes one compiled pattern may take

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
    """An integer; floats are cut towards zero."""
    if is_number(value):
        return value if isinstance(value, int) else truncate(value)  # type: ignore[arg-type]  # a float
    raise Fault(f"{where} must be a number, not {type_name(value)}")


def string(value: Value, where: str) -> str:
    if isinstance(value, str):
        return value
    raise Fault(f"{where} must be a string, not {type_name(value)}", "string() makes one.")


def items(value: Value, where: str) -> list[Any]:
    if isinstance(value, list):
        return value
    raise Fault(f"{where} must be an array, not {type_name(value)}")


# -- comparison


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
        return a.keys() == b.keys() and all(identical(value, b[key]) for key, value in a.items())
    return a == b


def compare(operator: str, a: Value, b: Value) -> bool:
    """`<`, `>`, `<=`, `>=` of two numbers, two strings, two times or two durations."""
    if is_number(a) and is_number(b):
        if type(a) is not type(b):
            a, b = float(a), float(b)  # type: ignore[arg-type]  # numbers
    elif type(a) is not type(b) or not isinstance(a, str | Time | Duration):
        raise _mismatch(operator, a, b)
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
    if isinstance(haystack, list):
        meter.spend(len(haystack) // 16)
        return any(same(each, needle, meter) for each in haystack)
    if isinstance(haystack, dict):
        return _key(needle) in haystack
    raise Fault(f"`in` needs an array or a map on its right, not {type_name(haystack)}", "For text use `contains`.")


# -- arithmetic


def add(a: Value, b: Value, meter: Meter) -> Value:
    if isinstance(a, str) and isinstance(b, str):
        meter.text(len(a) + len(b))
        return a + b
    if isinstance(a, Time) and isinstance(b, Duration):
        return a.shifted(b)
    if isinstance(a, Duration) and isinstance(b, Time):
        return b.shifted(a)
    if isinstance(a, Duration) and isinstance(b, Duration):
        return durations.add(a, b)
    return arithmetic("+", a, b)


def subtract(a: Value, b: Value) -> Value:
    if isinstance(a, Time) and isinstance(b, Time):
        return a.since(b)
    if isinstance(a, Time) and isinstance(b, Duration):
        return a.shifted(Duration(-b.nanoseconds))
    if isinstance(a, Duration) and isinstance(b, Duration):
        return durations.subtract(a, b)
    return arithmetic("-", a, b)


def multiply(a: Value, b: Value) -> Value:
    """A duration times an integer is a duration; times a float, it is a float of nanoseconds, as in expr-lang."""
    amounts = [each.nanoseconds if isinstance(each, Duration) else each for each in (a, b)]
    product = arithmetic("*", amounts[0], amounts[1])
    timed = isinstance(a, Duration) or isinstance(b, Duration)
    return Duration(product) if timed and isinstance(product, int) else product


def modulo(a: Value, b: Value) -> int:
    """The remainder of integers, with the sign of `a`."""
    if isinstance(a, bool) or isinstance(b, bool) or not (isinstance(a, int) and isinstance(b, int)):
        raise _mismatch("%", a, b)
    if b == 0:
        raise Fault("an integer is divided by zero")
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


def exponent(a: Value, b: Value) -> float:
    return power(_float(a, "**"), _float(b, "**"))


def quotient(a: Value, b: Value) -> float:
    """Division always gives a float."""
    if is_number(a) and is_number(b):
        return divide(_float(a, "/"), _float(b, "/"))
    raise _mismatch("/", a, b)


def negate(a: Value) -> Value:
    if not is_number(a):
        raise Fault(f"- cannot be applied to {type_name(a)}")
    return wrap(-a) if isinstance(a, int) else -a  # type: ignore[operator]  # a float


def span(a: Value, b: Value, meter: Meter) -> list[int]:
    """`a..b`, both ends included; empty when `a` is larger."""
    first, last = integer(a, "the start of a range"), integer(b, "the end of a range")
    meter.items(max(0, last - first + 1))
    return list(range(first, last + 1))


def arithmetic(operator: str, a: Value, b: Value) -> Value:
    """`+`, `-`, `*`: integers wrap at 64 bits, a float on either side makes a float."""
    if not (is_number(a) and is_number(b)):
        raise _mismatch(operator, a, b)
    compute: Callable[[Any, Any], Any] = _ARITHMETIC[operator]
    if isinstance(a, int) and isinstance(b, int):
        return wrap(compute(a, b))
    return float(compute(_float(a, operator), _float(b, operator)))


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": python.add,
    "-": python.sub,
    "*": python.mul,
}


def _float(value: Value, operator: str) -> float:
    if not is_number(value):
        raise Fault(f"{operator} needs numbers, not {type_name(value)}")
    return float(wrap(value)) if isinstance(value, int) else value  # type: ignore[return-value]  # a float


def _mismatch(operator: str, a: Value, b: Value) -> Fault:
    return Fault(f"{type_name(a)} {operator} {type_name(b)} is not defined")


# -- text


def textual(operator: str, a: Value, b: Value, meter: Meter) -> bool:
    """`contains`, `startsWith`, `endsWith`, `matches`; false when either side is nil."""
    if a is None or b is None:
        return False
    if operator == "matches":
        return matches(a, b, meter)
    text, part = string(a, f"the left side of {operator}"), string(b, f"the right side of {operator}")
    meter.spend(len(text) // 16)
    if operator == "contains":
        return part in text
    return text.startswith(part) if operator == "startsWith" else text.endswith(part)


def utf8(text: str) -> bytes:
    """The bytes of `text`; what is no character becomes a question mark."""
    return text.encode("utf-8", "replace")


def matches(text: Value, pattern: Value, meter: Meter) -> bool:
    """Does the RE2 pattern match anywhere in `text`?"""
    expression = compiled(string(pattern, "a pattern"))
    subject = text if isinstance(text, bytes) else string(text, "the left side of matches")
    meter.spend(len(subject) // 16)
    return expression.search(utf8(subject) if isinstance(subject, str) else subject) is not None


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """A regular expression. Raises Fault."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _PATTERN_MEMORY
    try:
        return re2.compile(utf8(pattern), options)
    except re2.error as error:
        # RE2's reason ends in the part of the pattern at fault, which may be a Secret's.
        reason = str(error.args[0], "utf-8", "replace").partition(":")[0]
        raise Fault(f"the pattern is not a regular expression: {reason}", "The syntax is RE2's.") from None


# -- members


def member(of: Value, key: Value) -> Value:
    """`of[key]`. A map without the key gives nil; an index counts from the end when negative."""
    if isinstance(of, dict):
        return of.get(_key(key))
    if isinstance(of, list | str | bytes):
        sequence = utf8(of) if isinstance(of, str) else of
        if not is_number(key):
            raise Fault(f"an element of {type_name(of)} cannot be read by {type_name(key)}", "An index is a number.")
        index = integer(key, "an index")
        if not -len(sequence) <= index < len(sequence):
            raise Fault(f"index {index} is out of range: the {type_name(of)} has {len(sequence)} elements")
        return sequence[index]
    raise Fault(f"an element of {type_name(of)} cannot be read")


def cut(of: Value, start: Value, stop: Value, meter: Meter) -> Value:
    """`of[start:stop]`, strings by UTF-8 bytes as in Go; negative ends count from the back, too large ones are cut."""
    if not isinstance(of, list | str | bytes):
        raise Fault(f"{type_name(of)} cannot be sliced")
    sequence = utf8(of) if isinstance(of, str) and not of.isascii() else of
    length = len(sequence)
    first = _bound(0 if start is None else integer(start, "the start of a slice"), length)
    last = min(_bound(length if stop is None else integer(stop, "the end of a slice"), length), length)
    part = sequence[min(first, last) : last]
    meter.items(len(part)) if isinstance(part, list) else meter.text(len(part))
    return part.decode("utf-8", "replace") if isinstance(of, str) and isinstance(part, bytes) else part


def _bound(index: int, length: int) -> int:
    return max(0, index + length) if index < 0 else index


def _key(key: Value) -> Any:
    """A key as maps have them: nil stands for the empty one."""
    if key is None:
        return ""
    if isinstance(key, str) or is_number(key) or isinstance(key, bool):
        return key
    raise Fault(f"{type_name(key)} cannot be a map key")


# -- all of them, by name

Operator = Callable[[Value, Value, Meter], Value]


def _textual(operator: str) -> Operator:
    return lambda a, b, meter: textual(operator, a, b, meter)


def _compare(operator: str) -> Operator:
    return lambda a, b, _meter: compare(operator, a, b)


BINARY: dict[str, Operator] = {
    "==": same,
    "!=": lambda a, b, meter: not same(a, b, meter),
    **{operator: _compare(operator) for operator in ("<", ">", "<=", ">=")},
    "in": within,
    **{operator: _textual(operator) for operator in ("contains", "startsWith", "endsWith", "matches")},
    "..": span,
    "+": add,
    "-": lambda a, b, _: subtract(a, b),
    "*": lambda a, b, _: multiply(a, b),
    "/": lambda a, b, _: quotient(a, b),
    "%": lambda a, b, _: modulo(a, b),
    "**": lambda a, b, _: exponent(a, b),
}
