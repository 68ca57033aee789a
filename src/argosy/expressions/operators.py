"""What the operators do to values, with Go's types and rules. Each raises `Fault`; none converts silently."""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from typing import Any

from argosy.expressions import durations
from argosy.expressions.bounds import Meter
from argosy.expressions.comparison import compare, mismatch, same, within
from argosy.expressions.durations import Duration
from argosy.expressions.errors import Fault
from argosy.expressions.kinds import integer, is_number, string, type_name
from argosy.expressions.numbers import divide, power, wrap
from argosy.expressions.patterns import searched
from argosy.expressions.times import Time
from argosy.expressions.value import Value

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
        raise mismatch("%", a, b)
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
    raise mismatch("/", a, b)


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
        raise mismatch(operator, a, b)
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


def matches(text: Value, pattern: Value, meter: Meter) -> bool:
    """Does the RE2 pattern match anywhere in `text`?"""
    wanted = string(pattern, "a pattern")
    subject = text if isinstance(text, bytes) else string(text, "the left side of matches")
    return searched(wanted, subject, meter) is not None


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
