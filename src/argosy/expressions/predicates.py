"""The built-in loops: functions that evaluate a body for every element of an array."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from argosy.expressions.array_functions import ordered
from argosy.expressions.bounds import DEFAULT_BOUNDS, Meter
from argosy.expressions.durations import Duration
from argosy.expressions.errors import Fault
from argosy.expressions.kinds import boolean, type_name
from argosy.expressions.members import AnyKeys
from argosy.expressions.operators import add
from argosy.expressions.value import Value


class Scope:
    """One loop under way: what `#`, `#index` and `#acc` mean inside it.

    Args:
        name: of the loop, for messages.
        items: what it goes through.
        body: evaluates the loop's body for the current element.
        meter: pays `cost` for every element.
    """

    __slots__ = ("acc", "body", "cost", "index", "item", "items", "meter", "name")

    def __init__(self, name: str, items: list[Any], body: Callable[[], Value], meter: Meter, cost: int) -> None:
        self.name = name
        self.items = items
        self.body = body
        self.meter = meter
        self.cost = cost
        self.index = 0
        self.item: Value = None
        self.acc: Value = None

    def values(self, start: int = 0, backwards: bool = False) -> Iterator[Value]:
        """Make every element the current one, in order, and give the body's value for it."""
        body, meter, cost = self.body, self.meter, self.cost
        indexes = range(start, len(self.items))
        for index in reversed(indexes) if backwards else indexes:
            meter.spend(cost)
            self.index, self.item = index, self.items[index]
            yield body()

    def truths(self, backwards: bool = False) -> Iterator[bool]:
        """As `values`, each of which must be true or false."""
        for value in self.values(backwards=backwards):
            yield value if value is True or value is False else boolean(value, f"the condition of {self.name}()")


MISSING: Any = object()  # stands for the third argument of a loop that has none
OUTSIDE = Scope("", [], lambda: None, Meter(DEFAULT_BOUNDS), 0)


def _find(scope: Scope, backwards: bool = False) -> int | None:
    return next((scope.index for holds in scope.truths(backwards) if holds), None)


def _element(scope: Scope, index: int | None) -> Value:
    return None if index is None else scope.items[index]


def _filter(scope: Scope, _extra: Value) -> Value:
    return [scope.item for holds in scope.truths() if holds]


def _sum(scope: Scope, _extra: Value) -> Value:
    total: Value = 0
    for value in scope.values():
        first = scope.index == 0 and isinstance(value, Duration)
        total = value if first else add(value, total, scope.meter)
    return total


def _group_by(scope: Scope, _extra: Value) -> Value:
    groups = AnyKeys()
    for key in scope.values():
        if isinstance(key, list | dict):
            raise Fault(f"groupBy() cannot group by {type_name(key)}")
        groups.setdefault(key, []).append(scope.item)
    return groups


def _sort_by(scope: Scope, order: Value) -> Value:
    pairs = [(scope.item, value) for value in scope.values()]
    return [item for item, _ in ordered(scope.meter, pairs, "asc" if order is MISSING else order)]


def _reduce(scope: Scope, initial: Value) -> Value:
    start = 0
    scope.acc = initial
    if initial is MISSING:
        if not scope.items:
            raise Fault("reduce() of an empty array needs an initial value", "Give one as the third argument.")
        scope.acc, start = scope.items[0], 1
    for value in scope.values(start):
        scope.acc = value
    return scope.acc


LOOPS: dict[str, Callable[[Scope, Value], Value]] = {
    "all": lambda scope, _: all(scope.truths()),
    "any": lambda scope, _: any(scope.truths()),
    "none": lambda scope, _: not any(scope.truths()),
    "one": lambda scope, _: sum(scope.truths()) == 1,
    "filter": _filter,
    "map": lambda scope, _: list(scope.values()),
    "count": lambda scope, _: sum(scope.truths()),
    "sum": _sum,
    "find": lambda scope, _: _element(scope, _find(scope)),
    "findIndex": lambda scope, _: _find(scope),
    "findLast": lambda scope, _: _element(scope, _find(scope, backwards=True)),
    "findLastIndex": lambda scope, _: _find(scope, backwards=True),
    "groupBy": _group_by,
    "sortBy": _sort_by,
    "reduce": _reduce,
}
