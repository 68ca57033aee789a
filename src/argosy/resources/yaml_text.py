"""YAML text to JSON values with the line of every field; hostile text is refused before it costs much."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from argosy.errors import Problem
from argosy.resources import yaml_advice
from argosy.resources.constraint import Path
from argosy.resources.field_path import field_path
from argosy.resources.meta import Json
from argosy.resources.yaml_scalar import plain

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_MAX_PROBLEMS = 100
_MERGE = object()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost: `size` in bytes, `nodes` after aliases are expanded, `depth` of nesting."""

    size: int = 16 * 1024 * 1024
    nodes: int = 500_000
    depth: int = 101


@dataclass(slots=True)
class YamlDocument:
    """One document of a file: its value, and the line (from 1) of each path in it."""

    value: Json = None
    lines: dict[Path, int] = field(default_factory=dict)
    line: int = 1


@dataclass(slots=True)
class _Open:
    """A collection that is being read."""

    value: Any
    path: Path
    anchor: str | None
    nodes_before: int
    key: Any = None
    has_key: bool = False
    merges: list[dict[str, Json]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


class _TooMuch(Exception):
    """The file goes beyond a limit; reading stops."""


class Reader:
    """Reads one file, event by event. `documents` and `problems` hold what was found when `read` returns.

    Keys that are no text are problems; with `bare_keys` they are taken as they are written, as in `80: http`.
    """

    def __init__(self, file: str, limits: Limits, *, bare_keys: bool = False) -> None:
        self.documents: list[YamlDocument] = []
        self.problems: list[Problem] = []
        self._file = file
        self._limits = limits
        self._bare_keys = bare_keys
        self._nodes = 0
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Json, int]] = {}
        self._document = YamlDocument()

    def read(self, text: str) -> None:
        """Read everything up to the first syntax error; other problems do not stop it. Raises nothing."""
        try:
            for event in _events(text):
                self._take(event)
        except yaml.YAMLError as error:
            line, message, advice = yaml_advice.explain(error, text)
            self._problem(message, line, advice=advice)
        except _TooMuch as stop:
            message, line, advice = stop.args
            self.problems.append(Problem(message, "", self._file, line, advice))

    def _problem(self, message: str, line: int, path: Path = (), advice: str = "") -> None:
        self.problems.append(Problem(message, field_path(path), self._file, line, advice))
        if len(self.problems) == _MAX_PROBLEMS:
            raise _TooMuch("reading stopped here, after so many problems", line, "Mend these first")

    def _take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        match event:
            case yaml.DocumentStartEvent():
                self._document = YamlDocument(line=line)
                self._anchors.clear()
            case yaml.DocumentEndEvent():
                self.documents.append(self._document)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event, line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close(line)
            case yaml.ScalarEvent():
                self._count(1, line)
                self._scalar(event, line)
            case yaml.AliasEvent():
                self._alias(event, line)

    def _count(self, nodes: int, line: int) -> None:
        self._nodes += nodes
        if self._nodes > self._limits.nodes:
            raise _TooMuch(
                f"the file holds more than {self._limits.nodes} values, aliases counted in full",
                line,
                "Split the file, or use fewer aliases",
            )

    def _open(self, event: Any, line: int) -> None:
        self._count(1, line)
        if len(self._stack) >= self._limits.depth:
            raise _TooMuch(f"values are nested deeper than {self._limits.depth}", line, "Flatten the file")
        path = self._path()
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._note(path, line)
        self._stack.append(_Open(value, path, event.anchor, self._nodes))

    def _close(self, line: int) -> None:
        done = self._stack.pop()
        for merged in done.merges:
            done.value.update({key: value for key, value in merged.items() if key not in done.value})
        if done.anchor:
            self._anchors[done.anchor] = (done.value, self._nodes - done.nodes_before + 1)
        self._put(done.value, line)

    def _scalar(self, event: Any, line: int) -> None:
        top = self._stack[-1] if self._stack else None
        expects_key = top is not None and isinstance(top.value, dict) and not top.has_key
        if expects_key and event.implicit[0] and event.value == "<<":
            value: Any = _MERGE
        else:
            value = self._resolve(event, line)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._put(value, line, written=event.value)

    def _resolve(self, event: Any, line: int) -> Json:
        tag = (event.tag or "").removeprefix(_TAG)
        if not event.implicit[0] and tag in ("", "!", "str"):
            return str(event.value)
        if tag not in ("", "!", "bool", "int", "float", "null"):
            self._problem(f"the tag {event.tag} has no meaning here", line, self._path(), "Remove the tag")
            return None
        try:
            return plain(event.value)
        except ValueError as error:
            self._problem(str(error), line, self._path(), "Quote it if it is meant as text")
            return None

    def _alias(self, event: Any, line: int) -> None:
        if event.anchor not in self._anchors:
            inside = any(entry.anchor == event.anchor for entry in self._stack)
            message = f"the alias *{event.anchor} {'refers to itself' if inside else 'names no anchor before it'}"
            advice = (
                "Write the value out" if inside else f"Define it with &{event.anchor}, or quote text that starts with *"
            )
            self._problem(message, line, self._path(), advice)
            self._put(None, line)
            return
        value, nodes = self._anchors[event.anchor]
        self._count(nodes, line)
        self._put(copy.deepcopy(value), line, written=value)

    def _path(self) -> Path:
        """Where the value that comes next belongs."""
        if not self._stack:
            return ()
        top = self._stack[-1]
        if isinstance(top.value, list):
            return (*top.path, len(top.value))
        return (*top.path, top.key) if top.has_key and isinstance(top.key, str) else top.path

    def _note(self, path: Path, line: int) -> None:
        self._document.lines.setdefault(path, line)

    def _put(self, value: Any, line: int, written: Any = None) -> None:
        if not self._stack:
            self._document.value = value
            self._note((), line)
        elif isinstance(self._stack[-1].value, list):
            self._note(self._path(), line)
            self._stack[-1].value.append(value)
        elif not self._stack[-1].has_key:
            self._key(self._stack[-1], value, line, written)
        else:
            self._entry(self._stack[-1], value, line)

    def _key(self, top: _Open, key: Any, line: int, written: Any) -> None:
        top.key, top.has_key = key, True
        if key is _MERGE:
            return
        if self._bare_keys and not isinstance(key, str | dict | list):
            top.key = key = str(written)
        if not isinstance(key, str):
            self._problem(*yaml_advice.key(key, written, line), path=top.path, advice=yaml_advice.KEY_ADVICE)
            top.key = None
        elif key in top.seen:
            first = self._document.lines.get((*top.path, key), line)
            self._problem(f"{key!r} is there already, in line {first}", line, (*top.path, key), "Keep one of the two")
        else:
            top.seen.add(key)
            self._note((*top.path, key), line)

    def _entry(self, top: _Open, value: Json, line: int) -> None:
        key, top.key, top.has_key = top.key, None, False
        if key is _MERGE:
            parts = value if isinstance(value, list) else [value]
            if all(isinstance(part, dict) for part in parts):
                top.merges.extend(parts)
            else:
                self._problem("`<<` can only merge mappings", line, top.path, "Give it an alias of a mapping")
        elif isinstance(key, str) and key not in top.value:
            top.value[key] = value


def _events(text: str) -> Iterator[yaml.Event]:
    loader = _LOADER(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()
