"""Values with methods, such as times and versions: plain data has none.

An expression reaches the methods in an object's catalogue and nothing else of it: no attribute of Python, ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from argosy.expressions.builtin import Catalogue

if TYPE_CHECKING:
    from argosy.expressions.bounds import Value


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
