"""What of a document is whose: the fields it has, how two documents differ, and how one is merged into another.

Maps merge field by field, lists with keys and sets item by item; everything else is one whole. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from argosy.errors import Invalid
from argosy.resources.meta import Json
from argosy.rules.field_ownership_set import (
    SELF,
    FieldSet,
    field_element,
    has,
    inner,
    is_member,
    keys_element,
    node,
    value_element,
)
from argosy.rules.field_ownership_type import FieldType

Data = dict[str, Any]
ABSENT = object()


@dataclass
class Comparison:
    """How a document differs from an older one."""

    added: FieldSet = field(default_factory=dict)
    modified: FieldSet = field(default_factory=dict)
    removed: FieldSet = field(default_factory=dict)

    @property
    def is_change(self) -> bool:
        return bool(self.added or self.modified or self.removed)


def fields_of(value: Json, type: FieldType) -> FieldSet:
    """The fields that a document sets: its plain values, its items, and whatever is one whole."""
    found: FieldSet = {}
    for element, part, part_type in _parts(value, type):
        is_named = element[2:] in type.fields and element.startswith("f:")
        below = node(not is_named or _is_leaf(part, part_type), fields_of(part, part_type))
        if below is not None:
            found[element] = below
    return found


def compare(old: Json, new: Json, type: FieldType) -> Comparison:
    """What was added, changed and removed; what is new is told with all that it holds."""
    found = Comparison()
    _compare(old, new, type, [], found)
    return found


def _compare(old: Json, new: Json, type: FieldType, place: list[str], found: Comparison) -> None:
    if _is_same(old, new):
        return
    before, after = (None if value is ABSENT else value for value in (old, new))
    divided = _is_divided(before, after, type)
    if divided:
        for element, old_part, new_part, part_type in _differing(before, after, type):
            _compare(old_part, new_part, part_type, [*place, element], found)
    if old is ABSENT:
        _add(found.added, place)
    elif new is ABSENT:
        _add(found.removed, place)
    elif not divided:
        _add(found.modified, place)


def _is_same(old: Json, new: Json) -> bool:
    return old is new or (old == new and isinstance(old, bool) == isinstance(new, bool))


def _differing(before: Json, after: Json, type: FieldType) -> Iterator[tuple[str, Json, Json, FieldType]]:
    """The parts of two divided values that are not the same: element, both values, type."""
    if isinstance(after if before is None else before, dict):
        old, new = before or {}, after or {}
        for name in {**old, **new}:
            one, other = old.get(name, ABSENT), new.get(name, ABSENT)
            if not _is_same(one, other):
                yield field_element(name), one, other, type.of(name)
        return
    old, new = _by_element(before or [], type), _by_element(after or [], type)
    for element in {**old, **new}:
        yield element, old.get(element, ABSENT), new.get(element, ABSENT), type.item


def _add(fields: FieldSet, place: list[str]) -> None:
    """Add a path to a set that is being made."""
    fresh = True
    for element in place:
        if element not in fields:
            if not fresh and not fields:
                fields[SELF] = {}
            fields[element] = {}
            fresh = True
            fields = fields[element]
            continue
        fresh = False
        fields = fields[element]
    if not fresh and fields:
        fields[SELF] = {}


def merge(live: Json, applied: Json, type: FieldType) -> Json:
    """`live` with what `applied` says; nothing is removed. Raises Invalid for items that cannot be told apart."""
    if not _is_divided(live, applied, type):
        return live if applied is ABSENT else applied
    if isinstance(live if live not in (None, ABSENT) else applied, list):
        return _merge_items(live or [], applied or [], type)
    merged = dict(live) if isinstance(live, dict) else {}
    for name, value in (applied or {}).items():
        merged[name] = merge(merged[name], value, type.of(name)) if name in merged else value
    return merged


def _merge_items(live: list[Json], applied: list[Json], type: FieldType) -> list[Json]:
    """Items of both, in the order of `applied` where it has them, else where they were."""
    present, wanted = _by_element(live, type), _by_element(applied, type)
    if len(wanted) < len(applied):
        raise Invalid(f"a list that is applied has two items with the same {', '.join(type.keys or ()) or 'value'}")
    if len(present) < len(live):
        return applied  # its items cannot be told apart, so it cannot be joined either
    return [
        merge(present[element], wanted[element], type.item)
        if element in present and element in wanted
        else wanted.get(element, present.get(element))
        for element in _joined_order(list(present), list(wanted))
    ]


def _joined_order(live: list[str], applied: list[str]) -> list[str]:
    """Elements of both: what only `live` has stays where it is, between those that both have and `applied` orders."""
    shared = [element for element in applied if element in live]
    out: list[str] = []
    here = there = 0
    while here < len(live) or there < len(applied):
        mine = live[here] if here < len(live) else None
        if mine is not None and mine not in applied:
            out.append(mine)
            here += 1
        elif mine is not None and (mine in out or (there < len(applied) and shared[:1] != [mine])):
            here += 1
        else:
            out.append(applied[there])
            shared = shared[1:] if shared[:1] == [applied[there]] else shared
            there += 1
    return out


def _by_element(items: list[Json], type: FieldType) -> dict[str, Json]:
    return {element: item for element, item, _ in _parts(items, type)}


def without(value: Json, fields: FieldSet, type: FieldType) -> Json:
    """The value without these fields; None when nothing is left of it."""
    if not fields or not _is_divided(value, value, type):
        return value
    kept = [
        (element, _without(part, fields, element, part_type))
        for element, part, part_type in _parts(value, type)
        if not has(fields, element)
    ]
    left = [(element, part) for element, part in kept if part is not None]
    if isinstance(value, dict):
        return {element[2:]: part for element, part in left} or None
    return [part for _, part in left] or None


def _without(value: Json, fields: FieldSet, element: str, type: FieldType) -> Json:
    below = inner(fields, element)
    return without(value, below, type) if below else value


def with_named(fields: FieldSet, type: FieldType) -> FieldSet:
    """The set in which fields with a name of their own count as soon as anything below them does."""
    out: FieldSet = {}
    for element, below in fields.items():
        if element == SELF:
            continue
        name = element[2:]
        is_field = element[:2] == "f:"
        rest = with_named(below, type.of(name) if is_field else type.item)
        member = is_member(below) or (is_field and name in type.fields)
        out[element] = ({SELF: {}, **rest} if rest else {}) if member else rest
    return out


def _parts(value: Json, type: FieldType) -> Iterator[tuple[str, Json, FieldType]]:
    """What a value is divided into: element, value and type of each part."""
    if type.atomic:
        return
    if isinstance(value, dict):
        for name, item in value.items():
            yield field_element(name), item, type.of(name)
    elif isinstance(value, list) and type.keys is not None:
        for item in value:
            yield _element(item, type.keys), item, type.item


def _element(item: Json, keys: tuple[str, ...]) -> str:
    if not keys:
        return value_element(item)
    found = {key: item[key] for key in keys if key in item} if isinstance(item, dict) else {}
    if not found:
        raise Invalid(f"an item of a list has no {' and no '.join(keys)}, by which items are told apart")
    return keys_element(found)


def _is_divided(one: Json, other: Json, type: FieldType) -> bool:
    """Whether two values, of which one may be missing, are compared part by part."""
    if type.atomic:
        return False
    present = [value for value in (one, other) if value is not None and value is not ABSENT]
    if not any(present):
        return False
    if all(isinstance(value, dict) for value in present):
        return True
    return type.keys is not None and all(isinstance(value, list) for value in present)


def _is_leaf(value: Json, type: FieldType) -> bool:
    """Whether a field is owned as such, and not only in its parts; an empty list of items is owned by nobody."""
    return not _is_divided(value, value, type) and (value != [] or type.keys is None)
