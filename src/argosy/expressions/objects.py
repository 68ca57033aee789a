"""Values with methods, such as times and versions: plain data has none.

An expression reaches the methods in an object's catalogue and nothing else of it: no attribute of Python, ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from argosy.expressions.builtin import Builtin, Catalogue
from argosy.expressions.errors import Fault

if TYPE_CHECKING:
    from argosy.expressions.bounds import Meter, Value


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
