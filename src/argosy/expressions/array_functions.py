"""Built-in functions of arrays and maps; those with a condition are in `predicates`."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from argosy.expressions import comparison, members
from argosy.expressions.bounds import Meter
from argosy.expressions.errors import Fault
from argosy.expressions.kinds import integer, items, type_name
from argosy.expressions.members import AnyKeys
from argosy.expressions.value import MANY, Catalogue, Value

ARRAYS = Catalogue()


@ARRAYS.add("len", 1)
def _len(_meter: Meter, value: Value) -> Value:
    if not isinstance(value, str | bytes | list | dict):
        raise Fault(f"len() needs a string, an array or a map, not {type_name(value)}")
    return len(value)


@ARRAYS.add("first", 1)
def _first(meter: Meter, value: Value) -> Value:
    return members.member(value, 0, meter) if isinstance(value, list | str | bytes) and value else None


@ARRAYS.add("last", 1)
def _last(meter: Meter, value: Value) -> Value:
    return members.member(value, -1, meter) if isinstance(value, list | str | bytes) and value else None


@ARRAYS.add("get", 2)
def _get(meter: Meter, of: Value, key: Value) -> Value:
    """As `of[key]`, but nil where there is no such element."""
    if isinstance(of, list | str | bytes):
        index = integer(key, "an index")
        return members.member(of, index, meter) if -len(of) <= index < len(of) else None
    return members.member(of, key, meter) if isinstance(of, dict) else None


@ARRAYS.add("take", 2)
def _take(meter: Meter, of: Value, count: Value) -> Value:
    array = of if isinstance(of, bytes) else items(of, "the first argument of take()")
    if isinstance(count, float):
        raise Fault("the second argument of take() must be an integer, not float")
    most = integer(count, "the second argument of take()")
    if most < 0:
        raise Fault("take() cannot take a negative number of elements")
    meter.items(min(len(array), most))
    return array[:most]


def _pairs(meter: Meter, value: Value, name: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise Fault(f"{name}() needs a map, not {type_name(value)}")
    meter.items(len(value))
    return value


@ARRAYS.add("keys", 1)
def _keys(meter: Meter, value: Value) -> Value:
    return list(_pairs(meter, value, "keys"))


@ARRAYS.add("values", 1)
def _values(meter: Meter, value: Value) -> Value:
    return list(_pairs(meter, value, "values").values())


@ARRAYS.add("toPairs", 1)
def _to_pairs(meter: Meter, value: Value) -> Value:
    return [[key, each] for key, each in _pairs(meter, value, "toPairs").items()]


@ARRAYS.add("fromPairs", 1)
def _from_pairs(meter: Meter, value: Value) -> Value:
    pairs = items(value, "the argument of fromPairs()")
    meter.items(len(pairs))
    made = AnyKeys()
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2 or isinstance(pair[0], list | dict):
            raise Fault("fromPairs() needs pairs such as [key, value]")
        made[pair[0]] = pair[1]
    return made


@ARRAYS.add("reverse", 1)
def _reverse(meter: Meter, value: Value) -> Value:
    array = items(value, "the argument of reverse()")
    meter.items(len(array))
    return array[::-1]


@ARRAYS.add("uniq", 1)
def _uniq(meter: Meter, value: Value) -> Value:
    found: list[Any] = []
    for each in items(value, "the argument of uniq()"):
        meter.spend(1 + len(found))
        if not any(comparison.same(other, each, meter) for other in found):
            found.append(each)
    return found


@ARRAYS.add("concat", 1, MANY)
def _concat(meter: Meter, *values: Value) -> Value:
    arrays = [items(each, "an argument of concat()") for each in values]
    meter.items(sum(map(len, arrays)))
    return [each for array in arrays for each in array]


@ARRAYS.add("flatten", 1)
def _flatten(meter: Meter, value: Value) -> Value:
    flat: list[Any] = []
    for each in items(value, "the argument of flatten()"):
        meter.spend()
        if isinstance(each, list):
            flat.extend(_flatten(meter, each))  # type: ignore[arg-type]  # an array
        else:
            flat.append(each)
    return flat


@ARRAYS.add("sort", 1, 2)
def _sort(meter: Meter, value: Value, order: Value = "asc") -> Value:
    array = items(value, "the first argument of sort()")
    return [each for each, _ in ordered(meter, [(each, each) for each in array], order)]


def ordered(meter: Meter, pairs: list[tuple[Value, Value]], order: Value) -> list[tuple[Value, Value]]:
    """Pairs of element and sort key, by key; equal ones keep their order."""
    if order not in ("asc", "desc"):
        raise Fault("the order of a sort is 'asc' or 'desc'")
    meter.items(len(pairs))

    def compare(a: tuple[Value, Value], b: tuple[Value, Value]) -> int:
        meter.spend()
        return -1 if comparison.compare("<", a[1], b[1]) else int(comparison.compare(">", a[1], b[1]))

    return sorted(pairs, key=cmp_to_key(compare), reverse=order == "desc")
