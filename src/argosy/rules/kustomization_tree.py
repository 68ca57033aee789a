"""Where the images of a kustomization are in its text, and what it says besides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from argosy.errors import Permanent
from argosy.rules.kustomization import no_images
from argosy.rules.yaml_tree import children, pairs, read_events

_NOTHING = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Entry:
    """An image in the text: its first and last event, those of its keys and values, and what it `says`."""

    start: Any
    end: Any
    fields: Mapping[str, tuple[Any, Any]]
    says: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kustomization.

    Attributes:
        root: first and last event of the mapping.
        images: first and last event of the images, None when the key is missing.
        key: the event of the key `images`, None when it is missing.
        others: what the text says besides images.
    """

    text: str
    root: tuple[Any, Any]
    key: Any
    images: tuple[Any, Any] | None
    entries: Sequence[Entry]
    others: Sequence[tuple[Any, ...]]

    @property
    def newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"


def read(text: str) -> Sheet:
    """Raises Permanent: no YAML, no mapping, or images that are no list of images."""
    seen = list(read_events(text))
    events = [each.event for each in seen]
    _check_aliases(events)
    top = next((index for index, event in enumerate(events) if isinstance(event, yaml.NodeEvent)), None)
    if top is None or not isinstance(events[top], yaml.MappingStartEvent):
        raise Permanent("the file is no kustomization: it holds no mapping")
    ends = _ends(events)
    found = next(((k, v) for k, v in pairs(seen, top) if getattr(events[k], "value", None) == "images"), None)
    root = (events[top], events[ends[top]])
    if found is None:
        return Sheet(text, root, None, None, (), [_shape(event) for event in events])
    key, value = found
    last = ends.get(value, value)
    entries: list[Entry] = []
    if isinstance(events[value], yaml.SequenceStartEvent) and not events[value].anchor:
        for number, child in enumerate(children(seen, value)):
            fields = {events[k].value: (events[k], events[v]) for k, v in _scalars(events, pairs(seen, child))}
            says = {name: each.value for name, (_, each) in fields.items()}
            simple = isinstance(events[child], yaml.MappingStartEvent) and not events[child].anchor
            if not simple or not says.get("name"):
                raise no_images(f"images[{number}]")
            entries.append(Entry(events[child], events[ends[child]], fields, says))
    elif getattr(events[value], "value", None) not in _NOTHING or events[value].anchor:
        raise no_images("the value of images")
    others = [_shape(event) for event in [*events[:key], *events[last + 1 :]]]
    return Sheet(text, root, events[key], (events[value], events[last]), entries, others)


def _check_aliases(events: Sequence[Any]) -> None:
    """Raises Permanent for an alias of nothing, which the parser lets pass."""
    known: set[str] = set()
    for event in events:
        if isinstance(event, yaml.AliasEvent) and event.anchor not in known:
            mark: Any = event.start_mark
            raise Permanent(f"the file is no YAML: line {mark.line + 1}: nothing is named &{event.anchor}")
        known.add(getattr(event, "anchor", None) or "")


def _scalars(events: Sequence[Any], found: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for key, value in found:
        if not isinstance(events[key], yaml.ScalarEvent) or not isinstance(events[value], yaml.ScalarEvent):
            raise no_images(f"line {events[key].start_mark.line + 1}")
        yield key, value


def _ends(events: Sequence[Any]) -> dict[int, int]:
    """Where each collection ends, by where it starts."""
    opened: list[int] = []
    ends: dict[int, int] = {}
    for index, event in enumerate(events):
        if isinstance(event, yaml.CollectionStartEvent):
            opened.append(index)
        elif isinstance(event, yaml.CollectionEndEvent):
            ends[opened.pop()] = index
    return ends


def _shape(event: Any) -> tuple[Any, ...]:
    """What of an event must stay the same: all but its place."""
    names = ("value", "style", "tag", "anchor", "flow_style")
    return (type(event).__name__, *(getattr(event, name, None) for name in names))
