"""What is known of a value's type before anything is evaluated.

Variables can hold anything, so that only literals, operators and built-in functions tell types. The names are Go's.
"""

from __future__ import annotations

from dataclasses import dataclass

_KINDS = {
    **{name: name for name in ("bool", "int", "int64", "uint8", "float64", "string")},
    "[]any": "slice",
    "[]string": "slice",
    "[]uint8": "slice",
    "map[string]any": "map",
    "map[any]any": "map",
    "map[any][]any": "map",
    "time.Time": "struct",
    "time.Duration": "int64",
    "time.Month": "int",
    "time.Weekday": "int",
    "*time.Location": "pointer",
    "func": "func",
    "any": "interface",
}
_ELEMENTS = {"[]string": "string", "[]uint8": "uint8", "map[any][]any": "[]any"}
_SHOWN = {
    "float64": "float",
    **dict.fromkeys(("int64", "uint8"), "int"),
    "[]any": "array",
    "[]string": "array",
    "[]uint8": "bytes",
    "*time.Location": "time.Location",
    "func": "a function",
    "": "something",
}
_NILABLE = ("pointer", "interface", "map", "slice", "func")


@dataclass(frozen=True, slots=True)
class Nature:
    """A type. Without `go` it is not known, unless it is that of nil; `element` is what an array is known to hold."""

    go: str = ""
    is_nil: bool = False
    element: Nature | None = None

    @property
    def kind(self) -> str:
        """Go's kind of the type; empty for nil and for what is not known."""
        return _KINDS.get(self.go, "")

    @property
    def unknown(self) -> bool:
        return self.go == "any" or not (self.go or self.is_nil)

    @property
    def integer(self) -> bool:
        return self.go in ("int", "int64", "uint8")

    @property
    def number(self) -> bool:
        return self.integer or self.go == "float64"

    @property
    def array(self) -> bool:
        return self.kind == "slice"

    @property
    def key(self) -> Nature:
        """The type of a map's keys."""
        return STRING if self.go == "map[string]any" else ANY

    @property
    def elements(self) -> Nature:
        """The type of an array's elements or of a map's values."""
        return self.element or Nature(_ELEMENTS.get(self.go, "any"))

    def assignable(self, to: Nature) -> bool:
        """Can a variable of type `to` take it?"""
        if self.is_nil:
            return to.kind in _NILABLE
        return bool(self.go and to.go) and (self.go == to.go or to.kind == "interface")

    def comparable(self, other: Nature) -> bool:
        """Can `==` have the two on its sides?"""
        if self.unknown or other.unknown or self.is_nil or other.is_nil:
            return True
        return (self.number and other.number) or (self.array and other.array) or self.assignable(other)

    def __str__(self) -> str:
        shown = "nil" if self.is_nil else _SHOWN.get(self.go, self.go)
        return "map" if shown.startswith("map[") else shown


UNKNOWN, NIL, ANY = Nature(), Nature(is_nil=True), Nature("any")
BOOL, INT, FLOAT, STRING, BYTES = (Nature(name) for name in ("bool", "int", "float64", "string", "[]uint8"))
ARRAY, MAP, TIME, DURATION = (Nature(name) for name in ("[]any", "map[string]any", "time.Time", "time.Duration"))
LOCATION, FUNCTION = Nature("*time.Location"), Nature("func")


def array_of(element: Nature) -> Nature:
    return Nature("[]any", element=element)
