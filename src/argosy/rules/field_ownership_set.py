"""Sets of fields of a document, in the form in which resources carry them (`FieldsV1` of Kubernetes).

A set is a tree of path elements: `f:spec` is a field, `k:{"type":"Ready"}` an item of a list by its keys, `v:"x"` an
item by its value. Below each element lies what of it belongs to the set: `{}` means the element itself, `"."` beside
others means the element and these, others alone only these. No function changes what it is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from argosy.resources.meta import Json

FieldSet = dict[str, Any]
Place = tuple[str, ...]
"""A path: elements from the root of the document."""

SELF = "."


def field_element(name: str) -> str:
    return f"f:{name}"


def value_element(value: Json) -> str:
    return f"v:{_compact(value)}"


def keys_element(keys: dict[str, Json]) -> str:
    return f"k:{_compact(keys)}"


def _compact(value: Json) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def is_field_set(value: Json) -> bool:
    """Whether a value is a set of fields."""
    return isinstance(value, dict) and all(
        (element == SELF or _is_element(element)) and is_field_set(below) for element, below in value.items()
    )


def _is_element(element: str) -> bool:
    form, colon, content = element.partition(":")
    if form == "f":
        return bool(colon)
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return False
    return isinstance(found, dict) if form == "k" else form == "v" or (form == "i" and isinstance(found, int))


def is_member(below: FieldSet) -> bool:
    """Whether an element with this below it belongs to the set itself."""
    return not below or SELF in below


def union(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in either."""
    joined = dict(one)
    for element, below in other.items():
        joined[element] = _union_below(one[element], below) if element in one else below
    return joined


def _union_below(one: FieldSet, other: FieldSet) -> FieldSet:
    if one is other or one == other:
        return one
    joined = union(one, other)
    if is_member(one) or is_member(other):
        joined.setdefault(SELF, {})
    return joined if len(joined) > 1 or SELF not in joined else {}


def difference(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in `one` and not in `other`; what lies below an element of `other` stays."""
    if not other:
        return one
    left: FieldSet = {}
    for element, below in one.items():
        if element not in other:
            left[element] = below
        elif (rest := _difference_below(below, other[element])) is not None:
            left[element] = rest
    return left


def _difference_below(one: FieldSet, other: FieldSet) -> FieldSet | None:
    inner = difference(_inner(one), _inner(other))
    return node(is_member(one) and not is_member(other), inner)


def intersection(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in both."""
    both: FieldSet = {}
    for element, below in one.items():
        if element in other:
            inner = intersection(_inner(below), _inner(other[element]))
            rest = node(is_member(below) and is_member(other[element]), inner)
            if rest is not None:
                both[element] = rest
    return both


def insert(fields: FieldSet, place: Place) -> FieldSet:
    """The set with one more path in it."""
    added: FieldSet = {}
    for element in reversed(place):
        added = {element: added}
    return union(fields, added)


def places(fields: FieldSet, above: Place = ()) -> Iterator[Place]:
    """Every path of the set: fields by name, then items by key, then by value; an element before what is below it."""
    elements = [element for element in sorted(fields, key=_order) if element != SELF]
    for element in elements:
        if is_member(fields[element]):
            yield (*above, element)
    for element in elements:
        yield from places(_inner(fields[element]), (*above, element))


def place_text(place: Place) -> str:
    """A path as people read it: `.status.conditions[type="Ready"].message`."""
    return "".join(_element_text(element) for element in place)


def _element_text(element: str) -> str:
    form, _, content = element.partition(":")
    if form == "f":
        return f".{content}"
    if form == "k":
        return "[" + ",".join(f"{key}={_compact(value)}" for key, value in orjson.loads(content).items()) + "]"
    return f"[={content}]" if form == "v" else f"[{content}]"


def _order(element: str) -> tuple[int, str]:
    form, _, content = element.partition(":")
    return ".fkvi".find(form), content


def _inner(below: FieldSet) -> FieldSet:
    """What lies below an element, without the element itself."""
    return {element: rest for element, rest in below.items() if element != SELF} if SELF in below else below


def node(member: bool, inner: FieldSet) -> FieldSet | None:
    """What stands below an element in a set; None when the element is not to stand there."""
    if member:
        return {SELF: {}, **inner} if inner else {}
    return inner or None


def inner(fields: FieldSet, element: str) -> FieldSet:
    """The set of what is below one element, as seen from there."""
    return _inner(fields.get(element, {}))


def has(fields: FieldSet, element: str) -> bool:
    """Whether an element at the top of the set belongs to it itself."""
    return element in fields and is_member(fields[element])
