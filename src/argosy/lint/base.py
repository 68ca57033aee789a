"""What lint finds, and the manifests it looks at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from argosy.errors import Problem
from argosy.resources.constraint import Path
from argosy.resources.defaults import without_nulls
from argosy.resources.field_path import field_path
from argosy.resources.kinds import KINDS
from argosy.resources.manifest import Manifest


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


RULES: Mapping[str, str] = {
    "manifest": "A manifest does not fit its schema.",
    "duplicate": "A resource is written twice.",
    "expression": "An expression cannot be read.",
    "unknown-name": "An expression names what does not exist where it stands.",
    "unknown-output": "An expression uses an output that no step before it has.",
    "unknown-artifact": "An expression asks for an artifact that no requested Warehouse subscribes to.",
    "step-config": "The configuration of a step does not fit its kind.",
    "unknown-step": "A step is of a kind that is not known.",
    "unknown-task": "A step refers to a task that is not there.",
    "task-variable": "A task is not given a variable it needs, or given one it does not have.",
    "unknown-warehouse": "A Stage requests Freight of a Warehouse that is not there.",
    "unknown-stage": "A Stage takes Freight from a Stage that is not there.",
    "cycle": "Stages take the same Freight from each other.",
    "no-freight": "A Stage can never get the Freight it requests.",
    "idle-policy": "A promotion policy is about no Stage.",
    "idle-replication": "A Secret or ConfigMap asks to be replicated and would not be.",
}
"""Every rule, and what breaks it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `line` counts from 1, 0 if unknown; `excerpt` is the text at fault with a caret.

    `missing` is the kind and the name of what is not in the files, and may be on a server.
    """

    severity: Severity
    rule: str
    message: str
    file: str
    line: int
    field: str
    advice: str = ""
    excerpt: str = ""
    missing: tuple[str, str] | None = None


@dataclass(frozen=True)
class Place:
    """A field of a manifest."""

    manifest: Manifest
    path: Path = ()

    def __truediv__(self, part: str | int) -> Place:
        return Place(self.manifest, (*self.path, part))

    @property
    def value(self) -> Any:
        """What stands there; None when nothing does."""
        value: Any = self.manifest.document
        for part in self.path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    @property
    def line(self) -> int:
        """The line of the field, or of the nearest one around it."""
        for length in range(len(self.path), -1, -1):
            if line := self.manifest.lines.get(self.path[:length], 0):
                return line
        return self.manifest.line

    def items(self) -> Iterator[Place]:
        """The places of a list's items; none when it is no list."""
        value = self.value
        yield from (self / index for index in range(len(value) if isinstance(value, list) else 0))

    def find(self, severity: Severity, rule: str, message: str, advice: str = "", excerpt: str = "") -> Finding:
        return Finding(severity, rule, message, self.manifest.file, self.line, field_path(self.path), advice, excerpt)

    def error(self, rule: str, message: str, advice: str = "", excerpt: str = "") -> Finding:
        return self.find(Severity.ERROR, rule, message, advice, excerpt)

    def warning(self, rule: str, message: str, advice: str = "", excerpt: str = "") -> Finding:
        return self.find(Severity.WARNING, rule, message, advice, excerpt)

    def absent(self, rule: str, kind: str, name: str, near: str = "") -> Finding:
        """A reference to what is not in the files; `near` says what may have been meant."""
        advice = near or "It may be in other files, or on the server already."
        return replace(self.warning(rule, f"{kind} {name!r} is not in these files", advice), missing=(kind, name))


@dataclass(frozen=True)
class Manifests:
    """All manifests given, those that fit their schema as models too."""

    all: tuple[Manifest, ...]
    _problems: dict[int, list[Problem]] = field(default_factory=dict)

    def problems(self, manifest: Manifest) -> list[Problem]:
        if id(manifest) not in self._problems:
            self._problems[id(manifest)] = manifest.problems()
        return self._problems[id(manifest)]

    def of(self, kind: str) -> Iterator[Place]:
        """Manifests of a kind."""
        yield from (Place(each) for each in self._by_kind.get(kind, ()))

    def get(self, kind: str, namespace: str, name: str) -> Place | None:
        found = self._by_key.get((kind, namespace, name))
        return Place(found) if found is not None else None

    def model(self, place: Place) -> Any:
        """The resource as its model; None when the manifest does not fit it."""
        if self.problems(place.manifest):
            return None
        model = KINDS[place.manifest.key.kind].model
        return model.model_validate(without_nulls(model, place.manifest.document))

    @cached_property
    def _by_kind(self) -> Mapping[str, list[Manifest]]:
        found: dict[str, list[Manifest]] = {}
        for manifest in self.all:
            found.setdefault(manifest.key.kind, []).append(manifest)
        return found

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str, str], Manifest]:
        keys = ((each.key.kind, each.key.namespace, each.key.name) for each in self.all)
        return dict(zip(keys, self.all, strict=True))


def is_addressed(manifest: Manifest) -> bool:
    """Whether kind, name and namespace can be told; without them a manifest has problems, but no place among others."""
    document = manifest.document
    meta = document.get("metadata")
    if not isinstance(meta, dict):
        return False
    return all(isinstance(part, str | None) for part in (document.get("kind"), meta.get("name"), meta.get("namespace")))


def texts(value: Any, path: Path = ()) -> Iterable[tuple[Path, str]]:
    """Every string in a document, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from texts(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from texts(each, (*path, index))
