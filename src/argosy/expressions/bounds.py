"""How much an expression may cost, and the meter that counts it."""

from __future__ import annotations

from dataclasses import dataclass

from argosy.expressions.errors import Fault

CHARACTERS_PER_UNIT = 16


@dataclass(frozen=True)
class Bounds:
    """Limits of one evaluation.

    fuel: units of work; a node evaluated, an element produced or 16 characters produced cost one each. The nodes of a
        part that is left out or repeated as a whole are paid for together, before the first of them.
    depth: levels of nested evaluation, and of nested arrays and maps.
    output: longest text (in characters) or list (in elements) that any part of an expression may produce.
    source: longest expression, in characters.
    """

    fuel: int = 100_000
    depth: int = 160
    output: int = 1 << 20
    source: int = 16_384


DEFAULT_BOUNDS = Bounds()


class Meter:
    """Counts the work of one evaluation. Every method raises `Fault` at the limit, before the work is done.

    Attributes:
        patterns: the regular expressions that are paid for.
    """

    __slots__ = ("bounds", "fuel", "patterns")

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.fuel = bounds.fuel
        self.patterns: set[str] = set()

    def spend(self, units: int = 1) -> None:
        self.fuel -= units
        if self.fuel < 0:
            raise Fault(f"the expression needs more than {self.bounds.fuel} units of work", "Let it do less.")

    def text(self, length: int) -> None:
        """Pay for a text of `length` characters."""
        self._fits(length, "characters")
        self.spend(length // CHARACTERS_PER_UNIT)

    def items(self, count: int) -> None:
        """Pay for a list or map of `count` elements."""
        self._fits(count, "elements")
        self.spend(count)

    def weigh(self, value: object) -> None:
        """Pay for walking through the whole of `value`, once for every place where a shared part stands."""
        level, parts = 0, [value]
        while parts:
            level += 1
            if level > self.bounds.depth:
                raise Fault(f"a value is nested more than {self.bounds.depth} levels deep")
            inner: list[object] = []
            for each in parts:
                if isinstance(each, (str, bytes)):
                    self.text(len(each))
                elif isinstance(each, (list, dict)):
                    self.items(len(each))
                    inner.extend(each.values() if isinstance(each, dict) else each)
            parts = inner

    def _fits(self, size: int, what: str) -> None:
        if size > self.bounds.output:
            raise Fault(f"a result would have more than {self.bounds.output} {what}", "Produce less.")
