"""The text of a chart index: read as a stream of YAML events, of which only versions are kept.

Made into objects, an index of 20 MB takes half a gigabyte, and collecting that garbage holds up everything else in the
process for seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import orjson
import yaml

Versions: TypeAlias = Mapping[str, tuple[str, ...]]
"""The versions of each chart, in the order of the index."""

MOST_EVENTS = 10_000_000
"""A third of a minute to read; an index of 25 MB has two million."""
_NOTHING = ("", "~", "null")
_LONGEST_WITH_ALIASES = 1024 * 1024
_LONGEST_JSON = 32 * 1024 * 1024
_DEEPEST = 100


class _Aliased(Exception):
    """The index uses aliases, which no tool writes: it has to be read whole."""


def versions_in(content: bytes, *, most: int = MOST_EVENTS) -> Versions:
    """The versions in an index, YAML or JSON; every scalar is the text that it is: a version `1.10` is no number.

    Raises ValueError for what is no index, and for one that is nested too deeply or has more than `most` values, keys
    and ends.
    """
    try:
        return _Reader(_bounded(content, most)).versions()
    except _Aliased:
        return _whole(_loaded(content, most))
    except (yaml.YAMLError, UnicodeError):
        # JSON may hold what YAML forbids, such as tabs before a key.
        if len(content) > _LONGEST_JSON:
            raise ValueError("too long to be JSON") from None
        return _whole(orjson.loads(content))


class _Reader:
    """Goes through a document once, event by event."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events

    def versions(self) -> Versions:
        self._next(), self._next()  # the stream and the document begin
        first = self._next()
        if not isinstance(first, yaml.MappingStartEvent):
            raise ValueError("no mapping")
        found: Versions = {}
        for key, value in self._pairs():
            if key == "entries":
                found = self._entries(value)
            else:
                self._skip(value)
        while not isinstance(self._next(), yaml.StreamEndEvent):
            pass
        return found

    def _entries(self, start: yaml.Event) -> Versions:
        if isinstance(start, yaml.ScalarEvent) and start.value in _NOTHING:
            return {}
        if not isinstance(start, yaml.MappingStartEvent):
            raise ValueError("no mapping of charts")
        return {name: tuple(self._listed(charts)) for name, charts in self._pairs()}

    def _listed(self, start: yaml.Event) -> Iterator[str]:
        if not isinstance(start, yaml.SequenceStartEvent):
            self._skip(start)
            return
        while not isinstance(chart := self._next(), yaml.SequenceEndEvent):
            if isinstance(chart, yaml.MappingStartEvent):
                yield from filter(None, [self._version()])
            else:
                self._skip(chart)

    def _version(self) -> str:
        found = ""
        for key, value in self._pairs():
            if key == "version" and isinstance(value, yaml.ScalarEvent):
                found = value.value
            else:
                self._skip(value)
        return found

    def _pairs(self) -> Iterator[tuple[str, yaml.Event]]:
        """The keys of a mapping and how their values begin, which whoever asks must read to the end."""
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            self._skip(key)
            yield key.value if isinstance(key, yaml.ScalarEvent) else "", self._next()

    def _skip(self, event: yaml.Event) -> None:
        """Read on to the end of what begins with `event`."""
        depth = int(isinstance(event, yaml.CollectionStartEvent))
        while depth:
            event = self._next()
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)

    def _next(self) -> yaml.Event:
        event = next(self._events, None) or yaml.StreamEndEvent()
        if isinstance(event, yaml.AliasEvent):
            raise _Aliased
        return event


def _bounded(content: bytes, most: int) -> Iterator[yaml.Event]:
    """The events of a document. The time that the parser takes grows with the square of the depth.

    Raises ValueError for a document that is too deep, or holds too much; YAMLError.
    """
    depth = 0
    for count, event in enumerate(yaml.parse(content, Loader=yaml.CBaseLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST or count > most:
            raise ValueError("too deep, or too much")
        yield event


def _loaded(content: bytes, most: int) -> object:
    if len(content) > _LONGEST_WITH_ALIASES:
        raise ValueError("too long to use aliases")
    for _ in _bounded(content, most):  # the loader would run out of stack, and take the process along
        pass
    try:
        return yaml.load(content, Loader=yaml.CBaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError("no YAML") from error


def _whole(data: object) -> Versions:
    entries = data.get("entries") or {} if isinstance(data, dict) else None
    if not isinstance(entries, dict):
        raise ValueError("no mapping of charts")
    lists = {id(charts): charts for charts in entries.values()}  # by aliases one may stand in many places
    versions = {key: _versions(charts) for key, charts in lists.items()}
    return {str(name): versions[id(charts)] for name, charts in entries.items()}


def _versions(charts: object) -> tuple[str, ...]:
    listed = charts if isinstance(charts, list) else []
    found = [chart.get("version") for chart in listed if isinstance(chart, dict)]
    return tuple(str(version) for version in found if version and isinstance(version, str | int | float))
