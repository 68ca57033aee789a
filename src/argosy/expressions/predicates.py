"""The built-in loops: functions that evaluate a body for every element of an array."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from argosy.expressions.array_functions import ordered
from argosy.expressions.bounds import Meter, Value
from argosy.expressions.durations import Duration
from argosy.expressions.errors import Fault
from argosy.expressions.operators import add, boolean, type_name


class Scope:
    """One loop under way: what `#`, `#index` and `#acc` mean inside it.

    `body` evaluates the loop's body for the current element; without a body it gives the element itself.
    """

    __slots__ = ("acc", "body", "index", "item", "items", "meter", "name")

    def __init__(self, name: str, items: list[Any], meter: Meter) -> None:
        self.name = name
        self.items = items
        self.meter = meter
        self.index = 0
        self.item: Value = None
        self.acc: Value = None
        self.body: Callable[[], Value] = lambda: self.item

    def walk(self, start: int = 0, backwards: bool = False) -> Iterator[Any]:
        """Make every element the current one, in order."""
        indexes = range(start, len(self.items))
        for index in reversed(indexes) if backwards else indexes:
            self.meter.spend()
            self.index, self.item = index, self.items[index]
            yield self.item

    def holds(self) -> bool:
        return boolean(self.body(), f"the condition of {self.name}()")


def _find(scope: Scope, backwards: bool = False) -> int | None:
    return next((scope.index for _ in scope.walk(backwards=backwards) if scope.holds()), None)


def _element(scope: Scope, index: int | None) -> Value:
    return None if index is None else scope.items[index]


def _filter(scope: Scope, _extra: Value) -> Value:
    return [item for item in scope.walk() if scope.holds()]


def _map(scope: Scope, _extra: Value) -> Value:
    return [scope.body() for _ in scope.walk()]


def _count(scope: Scope, _extra: Value) -> int:
    return sum(scope.holds() for _ in scope.walk())


def _sum(scope: Scope, _extra: Value) -> Value:
    total: Value = 0
    for _ in scope.walk():
        value = scope.body()
        first = scope.index == 0 and isinstance(value, Duration)
        total = value if first else add(value, total, scope.meter)
    return total


def _group_by(scope: Scope, _extra: Value) -> Value:
    groups: dict[Any, list[Any]] = {}
    for item in scope.walk():
        key = scope.body()
        if isinstance(key, list | dict):
            raise Fault(f"groupBy() cannot group by {type_name(key)}")
        groups.setdefault(key, []).append(item)
    return groups


def _sort_by(scope: Scope, order: Value) -> Value:
    pairs = [(item, scope.body()) for item in scope.walk()]
    return [item for item, _ in ordered(scope.meter, pairs, "asc" if order is None else order)]


def _reduce(scope: Scope, initial: Value) -> Value:
    start = 0
    scope.acc = initial
    if initial is None:
        if not scope.items:
            raise Fault("reduce() of an empty array needs an initial value", "Give one as the third argument.")
        scope.acc, start = scope.items[0], 1
    for _ in scope.walk(start):
        scope.acc = scope.body()
    return scope.acc


LOOPS: dict[str, Callable[[Scope, Value], Value]] = {
    "all": lambda scope, _: all(scope.holds() for _ in scope.walk()),
    "any": lambda scope, _: any(scope.holds() for _ in scope.walk()),
    "none": lambda scope, _: not any(scope.holds() for _ in scope.walk()),
    "one": lambda scope, _: _count(scope, None) == 1,
    "filter": _filter,
    "map": _map,
    "count": _count,
    "sum": _sum,
    "find": lambda scope, _: _element(scope, _find(scope)),
    "findIndex": lambda scope, _: _find(scope),
    "findLast": lambda scope, _: _element(scope, _find(scope, backwards=True)),
    "findLastIndex": lambda scope, _: _find(scope, backwards=True),
    "groupBy": _group_by,
    "sortBy": _sort_by,
    "reduce": _reduce,
}
