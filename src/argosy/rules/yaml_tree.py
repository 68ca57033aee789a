"""Where the values of a YAML text are: its events with their surroundings, and the way along a key.

Keys lead where Kargo's `yaml-update` would find them (`findScalarNode` in `pkg/yaml/yaml.go`): in the first document,
to the first of equal keys, by indexes from 0 in lists, and never through an alias.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from argosy.errors import Permanent
from argosy.rules.edit_key import split_key

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """An event, and where it stands.

    Attributes:
        indent: column of the collection around it, to which lines of a block scalar must be indented more.
        flow: whether it is within `{}` or `[]`.
    """

    event: Any
    indent: int = -1
    flow: bool = False


@dataclass(slots=True)
class _Open:
    """A collection that is being read."""

    indent: int
    flow: bool
    mapping: bool
    children: int = 0

    def count(self, event: Any) -> None:
        """One more child. A collection with an anchor or tag begins there, so the first key tells its column."""
        self.children += 1
        if self.children == 1 and self.mapping:
            self.indent = event.start_mark.column


def read_events(text: str) -> Iterator[Seen]:
    """The events of `text`. Raises Permanent when it is no YAML or nested too deeply."""
    try:
        yield from _surrounded(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark is not None else ""
        raise Permanent(f"the file is no YAML: {place}{getattr(error, 'problem', None) or 'unreadable'}") from error


def _surrounded(text: str) -> Iterator[Seen]:
    opened: list[_Open] = []
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionEndEvent):
            opened.pop()
        around = opened[-1] if opened else _Open(-1, False, False)
        if isinstance(event, yaml.NodeEvent):
            around.count(event)
        yield Seen(event, around.indent, around.flow)
        if isinstance(event, yaml.CollectionStartEvent):
            mark: Any = event.start_mark
            if len(opened) >= _DEPTH:
                raise Permanent(f"line {mark.line + 1}: values are nested deeper than {_DEPTH}")
            mapping = isinstance(event, yaml.MappingStartEvent)
            opened.append(_Open(mark.column, around.flow or bool(event.flow_style), mapping))


def find(events: Sequence[Seen], key: str) -> int:
    """The index of the event of the scalar that `key` leads to."""
    parts = split_key(key)
    index = next((i for i, seen in enumerate(events) if isinstance(seen.event, yaml.NodeEvent)), None)
    if index is None:
        raise Permanent(f"key {key} is not in the file: it holds nothing")
    for depth, part in enumerate(parts):
        where = ".".join(parts[:depth]) or "the document"
        index = _step(events, index, part, f"key {key}", where)
    event = events[index].event
    if not isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
        kind = "a mapping" if isinstance(event, yaml.MappingStartEvent) else "a list"
        raise Permanent(f"key {key} holds {kind}, not a single value", advice="Name a key within it.")
    return index


def _step(events: Sequence[Seen], index: int, part: str, key: str, where: str) -> int:
    """From the event of a collection to that of one of its children."""
    match events[index].event:
        case yaml.MappingStartEvent():
            names: list[str] = []
            for child, value in pairs(events, index):
                name = getattr(events[child].event, "value", None)
                if name == part:
                    return value
                if isinstance(name, str):
                    names.append(name)
            raise Permanent(f"{key} is not in the file: {where} has no {part!r}", advice=_listed(names))
        case yaml.SequenceStartEvent():
            items = list(children(events, index))
            if not re.fullmatch(r"[+-]?\d+", part):
                raise Permanent(f"{key} is not in the file: {where} is a list, and {part!r} is no index")
            if not 0 <= int(part) < len(items):
                raise Permanent(f"{key} is not in the file: {where} is a list of {len(items)}; indexes count from 0")
            return items[int(part)]
        case yaml.AliasEvent(anchor=anchor):
            raise Permanent(
                f"{key} leads through the alias *{anchor} at {where}",
                advice=f"Change the value where &{anchor} is, or write it out here.",
            )
        case _:
            raise Permanent(f"{key} is not in the file: {where} is a single value, so it has no {part!r}")


def children(events: Sequence[Seen], index: int) -> Iterator[int]:
    """Indexes of the events at which the children of a collection begin."""
    depth = 0
    for child in range(index + 1, len(events)):
        event = events[child].event
        if isinstance(event, yaml.CollectionEndEvent):
            if depth == 0:
                return
            depth -= 1
            continue
        if depth == 0:
            yield child
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1


def pairs(events: Sequence[Seen], index: int) -> Iterator[tuple[int, int]]:
    found = children(events, index)
    return zip(found, found, strict=False)


def _listed(names: Sequence[str]) -> str:
    return f"It has {', '.join(names[:10])}{', ...' if len(names) > 10 else ''}." if names else "It is empty."
