"""What operators and members give, as far as types tell. What cannot fit raises `Unfit`."""

from __future__ import annotations

from collections.abc import Callable

from argosy.expressions.natures import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    LOCATION,
    NIL,
    STRING,
    TIME,
    UNKNOWN,
    Nature,
    array_of,
)
from argosy.expressions.signatures import Unfit

Pair = tuple[str, str]
_CLASSES = {"bool": "bool", "string": "string", "time.Time": "time", "time.Duration": "duration"}

# The classes of types that an operator takes on both sides, and what it gives; None is what numbers give.
_ORDERED: dict[Pair, Nature | None] = {(each, each): BOOL for each in ("number", "string", "time", "duration")}
_TRUTHS: dict[Pair, Nature | None] = {("bool", "bool"): BOOL}
_DEFINED: dict[str, dict[Pair, Nature | None]] = {
    "and": _TRUTHS,
    "or": _TRUTHS,
    **dict.fromkeys(("<", ">", "<=", ">="), _ORDERED),
    "+": {
        ("number", "number"): None,
        ("string", "string"): STRING,
        ("time", "duration"): TIME,
        ("duration", "time"): TIME,
        ("duration", "duration"): DURATION,
    },
    "-": {
        ("number", "number"): None,
        ("time", "time"): DURATION,
        ("time", "duration"): TIME,
        ("duration", "duration"): DURATION,
    },
    "*": {
        ("number", "number"): None,
        ("number", "duration"): DURATION,
        ("duration", "number"): DURATION,
        ("duration", "duration"): DURATION,
    },
    **{operator: {("number", "number"): FLOAT} for operator in ("/", "**")},
    **{operator: {("string", "string"): BOOL} for operator in ("contains", "startsWith", "endsWith")},
}
_RESULTS = {**dict.fromkeys(("and", "or", "<", ">", "<=", ">=", "contains", "startsWith", "endsWith"), BOOL)}
_RESULTS |= {"/": FLOAT, "**": FLOAT}


def combined(operator: str, left: Nature, right: Nature) -> Nature:
    """The type of `left operator right`. Raises Unfit."""
    special = _SPECIAL.get(operator)
    found = special(left, right) if special else _defined(operator, left, right)
    if found is None:
        raise Unfit(f"{left} {operator} {right} is not defined")
    return found


def _class(nature: Nature) -> str:
    return "number" if nature.number else _CLASSES.get(nature.go, "")


def _defined(operator: str, left: Nature, right: Nature) -> Nature | None:
    defined = _DEFINED[operator]
    pair = _class(left), _class(right)
    if pair in defined:
        return defined[pair] or (FLOAT if FLOAT in (left, right) else INT)
    taken = {each for both in defined for each in both}
    if _perhaps(left, right, lambda nature: _class(nature) in taken):
        return _RESULTS.get(operator, UNKNOWN)
    return None


def _perhaps(left: Nature, right: Nature, fits: Callable[[Nature], bool]) -> bool:
    """Nothing is known of one side, and the other one could do."""
    if left.unknown:
        return right.unknown or fits(right)
    return right.unknown and fits(left)


def _equality(left: Nature, right: Nature) -> Nature | None:
    return BOOL if left.comparable(right) else None


def _integers(result: Nature) -> Callable[[Nature, Nature], Nature | None]:
    def check(left: Nature, right: Nature) -> Nature | None:
        both = left.integer and right.integer
        return result if both or _perhaps(left, right, lambda nature: nature.integer) else None

    return check


def _matches(left: Nature, right: Nature) -> Nature | None:
    known = left.go in ("string", "[]uint8") and right == STRING
    return BOOL if known or _perhaps(left, right, lambda nature: nature == STRING) else None


def _in(left: Nature, right: Nature) -> Nature | None:
    if right in (TIME, LOCATION):
        return BOOL if left == STRING or left.unknown else None
    if right.kind == "map":
        if not left.unknown and not left.assignable(right.key):
            raise Unfit(f"{left} cannot be a key of this map")
        return BOOL
    if right.array:
        if not left.comparable(right.elements):
            raise Unfit(f"{left} cannot be in an array of {right.elements}")
        return BOOL
    if right.unknown or (left.unknown and right == STRING):
        return BOOL
    if right == STRING:
        raise Unfit("`in` needs an array or a map on its right, not string", advice="For text use `contains`.")
    return None


def _otherwise(left: Nature, right: Nature) -> Nature:
    """`??`"""
    if left.is_nil or right.is_nil:
        return NIL if left.is_nil and right.is_nil else right if left.is_nil else left
    return left if right.assignable(left) else UNKNOWN


_SPECIAL: dict[str, Callable[[Nature, Nature], Nature | None]] = {
    "==": _equality,
    "!=": _equality,
    "%": _integers(INT),
    "..": _integers(array_of(INT)),
    "matches": _matches,
    "in": _in,
    "??": _otherwise,
}


def member(base: Nature, key: Nature, name: str | None) -> Nature:
    """The type of `base[key]`, `name` being the key when it is written as a text. Raises Unfit."""
    if base.kind == "map":
        if not (key.assignable(base.key) or key.unknown):
            raise Unfit(f"an element of {base} cannot be read by {key}", 0)
        return base.elements
    if base.array:
        if key.integer or key.unknown:
            return base.elements
        what = f"{name!r} of {base}" if name else f"an element of {base}"
        raise Unfit(f"{what} cannot be read", 0, "An index is a number.")
    what = f"an element of {base}" if name is None else f"{name!r} of {base}"
    raise Unfit(f"{what} cannot be read", advice="Write ?. to get nil instead." if base.is_nil else "")
