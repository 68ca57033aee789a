"""Values: plain data, and objects with methods, such as times and versions.

An expression reaches the methods in an object's catalogue and nothing else of it: no attribute of Python, ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from argosy.expressions.bounds import Meter
from argosy.expressions.errors import Fault

Value: TypeAlias = "bool | int | float | str | bytes | list[Any] | dict[Any, Any] | Object | None"
"""Any plain data, or an `Object`."""

MANY = 256

Run = Callable[..., Value]


@dataclass(frozen=True, slots=True)
class Builtin:
    """A function of the language and how many arguments it takes."""

    run: Run
    least: int
    most: int

    def __call__(self, name: str, meter: Meter, arguments: list[Value]) -> Value:
        self._accept(name, arguments)
        return self.run(meter, *arguments)

    def method(self, name: str, meter: Meter, of: Value, arguments: list[Value]) -> Value:
        """Call it as a method of `of`."""
        self._accept(name, arguments)
        return self.run(meter, of, *arguments)

    def _accept(self, name: str, arguments: list[Value]) -> None:
        if not self.least <= len(arguments) <= self.most:
            expected = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
            raise Fault(f"{name}() takes {expected} arguments, not {len(arguments)}")


class Catalogue(dict[str, Builtin]):
    """Built-ins by name. Each function takes the meter and its arguments, and pays for what it produces."""

    def add(self, name: str, least: int, most: int | None = None) -> Callable[[Run], Run]:
        """A decorator: the function below is `name()` and takes from `least` to `most` arguments."""

        def register(run: Run) -> Run:
            self[name] = Builtin(run, least, least if most is None else most)
            return run

        return register


class Object:
    """The base of such values. They are immutable, hashable and small: their size is not metered.

    Attributes:
        type_name: what `type()` and messages call it.
        methods: what `value.Method(arguments)` may call; the functions take the meter, the object and the arguments,
            and the numbers of arguments they are registered with leave the object out.
    """

    __slots__ = ()
    type_name: ClassVar[str] = "object"
    methods: ClassVar[Catalogue] = Catalogue()

    def plain(self) -> str:
        """As `string()` gives it."""
        raise NotImplementedError

    def json(self) -> Value:
        """The plain data that `toJSON()` writes in its place, and that leaves an evaluation."""
        raise NotImplementedError


class Held(Object):
    """A function that is held by a map, as the value of its name: `map.name(arguments)` calls it.

    Args:
        name: for messages.
        function: takes values and gives one; it should not raise.
        count: how many arguments it takes.
    """

    __slots__ = ("_builtin", "_name")
    type_name: ClassVar[str] = "func"

    def __init__(self, name: str, function: Callable[..., Value], count: int = 1) -> None:
        self._name = name
        self._builtin = Builtin(lambda _meter, *values: function(*values), count, count)

    def call(self, meter: Meter, arguments: list[Value]) -> Value:
        """Raises Fault for another number of arguments."""
        return self._builtin(self._name, meter, arguments)

    def plain(self) -> str:
        return f"{self._name}()"

    def json(self) -> Value:
        raise Fault(f"the function {self._name}() cannot be written as JSON")
