"""Built-in functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from argosy.expressions import comparison, operators
from argosy.expressions.bounds import Meter
from argosy.expressions.durations import Duration
from argosy.expressions.errors import Fault
from argosy.expressions.kinds import is_number, type_name
from argosy.expressions.numbers import wrap
from argosy.expressions.times import Name
from argosy.expressions.value import MANY, Catalogue, Value

NUMBERS = Catalogue()
_Types = tuple[type, ...]
_NAMED: _Types = (Duration, Name)  # numbers with a type of their own


def number(value: Value, name: str) -> float:
    if not is_number(value):
        raise Fault(f"{name} needs a number, not {type_name(value)}")
    return float(value)  # type: ignore[arg-type]  # a number


@NUMBERS.add("abs", 1)
def _abs(_meter: Meter, value: Value) -> Value:
    number(value, "abs()")
    return operators.negate(value) if comparison.compare("<", value, 0) else value


@NUMBERS.add("ceil", 1)
def _ceil(_meter: Meter, value: Value) -> Value:
    given = number(value, "ceil()")
    return math.copysign(math.ceil(given), given) if math.isfinite(given) else given


@NUMBERS.add("floor", 1)
def _floor(_meter: Meter, value: Value) -> Value:
    given = number(value, "floor()")
    return math.copysign(math.floor(given), given) if math.isfinite(given) else given


@NUMBERS.add("round", 1)
def _round(_meter: Meter, value: Value) -> Value:
    """Halves away from zero."""
    given = number(value, "round()")
    if not math.isfinite(given):
        return given
    whole = math.trunc(given)
    away = int(math.copysign(1, given)) if abs(given - whole) >= 0.5 else 0
    return math.copysign(whole + away, given)


def _numbers(
    meter: Meter, values: tuple[Value, ...], name: str, named: _Types = _NAMED, inside: _Types = _NAMED
) -> list[Any]:
    """All numbers in `values`, with those of the types `named`, and those in arrays, with the types `inside`."""
    found: list[Any] = []
    for value in values:
        if isinstance(value, list | bytes):
            meter.items(len(value))
            found.extend(_numbers(meter, tuple(value), name, inside, inside))
        elif is_number(value) or isinstance(value, named):
            found.append(value)
        else:
            raise Fault(f"{name}() needs numbers, not {type_name(value)}")
    return found


@NUMBERS.add("max", 1, MANY)
def _max(meter: Meter, *values: Value) -> Value:
    return _extreme(meter, values, "max", ">")


@NUMBERS.add("min", 1, MANY)
def _min(meter: Meter, *values: Value) -> Value:
    return _extreme(meter, values, "min", "<")


def _extreme(meter: Meter, values: tuple[Value, ...], name: str, operator: str) -> Value:
    """The first of all numbers that no other one is `operator` to; nil when there are none.

    What stands alone is given back, whatever it is. Durations stand side by side only, not in arrays.
    """
    if len(values) == 1 and not isinstance(values[0], list | bytes):
        return values[0]
    found = _numbers(meter, values, name, inside=())
    best: Value = found[0] if found else None
    for each in found[1:]:
        best = each if comparison.compare(operator, each, best) else best
    return best


def _amount(value: Any) -> float:
    if isinstance(value, Name):
        return float(value.number)
    return float(value.nanoseconds if isinstance(value, Duration) else value)


@NUMBERS.add("mean", 1, MANY)
def _mean(meter: Meter, *values: Value) -> Value:
    numbers = _numbers(meter, values, "mean")
    return sum(map(_amount, numbers)) / len(numbers) if numbers else 0.0


@NUMBERS.add("median", 1, MANY)
def _median(meter: Meter, *values: Value) -> Value:
    numbers = sorted(map(_amount, _numbers(meter, values, "median")))
    if not numbers:
        return 0.0
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2


def _bits(name: str, compute: Callable[[int, int], int]) -> None:
    def run(_meter: Meter, a: Value, b: Value) -> Value:
        for each in (a, b):
            if type_name(each) != "int":
                raise Fault(f"{name}() needs integers, not {type_name(each)}")
        if name in ("bitshl", "bitshr", "bitushr") and b < 0:  # type: ignore[operator]  # an integer
            raise Fault(f"{name}() cannot shift by a negative count")
        return wrap(compute(a, b))  # type: ignore[arg-type]  # integers

    NUMBERS.add(name, 2)(run)


_bits("bitand", lambda a, b: a & b)
_bits("bitor", lambda a, b: a | b)
_bits("bitxor", lambda a, b: a ^ b)
_bits("bitnand", lambda a, b: a & ~b)
_bits("bitshl", lambda a, b: a << b if b < 64 else 0)
_bits("bitshr", lambda a, b: a >> min(b, 64))
_bits("bitushr", lambda a, b: (a % 2**64) >> min(b, 64))


@NUMBERS.add("bitnot", 1)
def _bitnot(_meter: Meter, value: Value) -> Value:
    if type_name(value) != "int":
        raise Fault(f"bitnot() needs an integer, not {type_name(value)}")
    return ~value  # type: ignore[operator]  # an integer
