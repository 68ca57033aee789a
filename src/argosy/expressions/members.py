"""Elements and parts of values: `of[key]`, `of[start:stop]`."""

from __future__ import annotations

from typing import Any

from argosy.expressions.bounds import CHARACTERS_PER_UNIT, Meter
from argosy.expressions.errors import Fault
from argosy.expressions.kinds import integer, is_number, type_name, utf8
from argosy.expressions.numbers import MAX_INT
from argosy.expressions.times import Time
from argosy.expressions.value import Value

END = MAX_INT


class AnyKeys(dict[Any, Any]):
    """A map whose keys may be of any type, as groupBy() and fromPairs() make it; those of all others are strings."""

    __slots__ = ()


def member(of: Value, key: Value, meter: Meter) -> Value:
    """`of[key]`. A map without the key gives nil; an index counts from the end when negative."""
    if isinstance(of, dict):
        return of.get(key_of(of, key))
    if isinstance(of, list | str | bytes):
        sequence = _walkable(of, meter)
        if not is_number(key):
            raise Fault(f"an element of {type_name(of)} cannot be read by {type_name(key)}", "An index is a number.")
        index = integer(key, "an index")
        if not -len(sequence) <= index < len(sequence):
            raise Fault(f"index {index} is out of range: the {type_name(of)} has {len(sequence)} elements")
        return ord(sequence[index]) if isinstance(sequence, str) else sequence[index]
    if isinstance(of, Time) and key == "Time":  # times of Kubernetes hold a time of Go by that name
        return of
    raise Fault(f"an element of {type_name(of)} cannot be read")


def cut(of: Value, start: Value, stop: Value, meter: Meter) -> Value:
    """`of[start:stop]`, strings by UTF-8 bytes as in Go; negative ends count from the back, too large ones are cut.

    A missing start is 0, a missing stop `END`.
    """
    if not isinstance(of, list | str | bytes):
        raise Fault(f"{type_name(of)} cannot be sliced")
    sequence = _walkable(of, meter)
    length = len(sequence)
    first = _bound(integer(start, "the start of a slice"), length)
    last = min(_bound(integer(stop, "the end of a slice"), length), length)
    part = sequence[min(first, last) : last]
    meter.items(len(part)) if isinstance(part, list) else meter.text(len(part))
    return part.decode("utf-8", "replace") if isinstance(of, str) and isinstance(part, bytes) else part


def _walkable(of: list[Any] | str | bytes, meter: Meter) -> list[Any] | str | bytes:
    """`of`, a string as its UTF-8 bytes unless each character is one; that has to be paid for."""
    if not isinstance(of, str) or of.isascii():
        return of
    meter.spend(len(of) // CHARACTERS_PER_UNIT)
    return utf8(of)


def _bound(index: int, length: int) -> int:
    return max(0, index + length) if index < 0 else index


def key_of(of: dict[Any, Any], key: Value) -> Any:
    """`key` as the map has it: nil stands for the empty one. Raises Fault."""
    if isinstance(key, str):
        return key
    if isinstance(of, AnyKeys):
        if isinstance(key, list | dict | bytes):
            raise Fault(f"{type_name(key)} cannot be the key of a map")
        return key
    if key is None:
        return ""
    raise Fault(f"the keys of a map are strings, not {type_name(key)}", "string() makes one.")
