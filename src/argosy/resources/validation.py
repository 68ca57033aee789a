"""Is a document right? Every fault at once, each with its place and what to do about it."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterable, Iterator, Mapping

from pydantic import ValidationError

from argosy.errors import Problem
from argosy.resources import fault_text, identity
from argosy.resources.constraint import Fault, Path
from argosy.resources.defaults import without_nulls
from argosy.resources.field_path import field_path
from argosy.resources.kind import Kind
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Json
from argosy.resources.shape import models_in

MAX_DEPTH = 100
"""How deeply values may be nested in a document."""

MAX_FAULTS = 100
"""How many faults of each sort are told; whoever has more should mend these first."""


def validate(
    document: Mapping[str, Json],
    *,
    lines: Mapping[Path, int] | None = None,
    file: str = "",
    previous: Mapping[str, Json] | None = None,
) -> list[Problem]:
    """Every fault of a document, in the order of its lines.

    Args:
        document: the raw resource.
        lines: the line of each path, as a `Manifest` has them.
        file: named in the problems.
        previous: the document that is already kept; unknown fields that it has too, at the same path, are no fault.
    """
    kind, faults = _kind(document)
    if _too_deep(document):
        faults = [Fault(f"values are nested deeper than {MAX_DEPTH}", (), "Flatten the document")]
    elif kind is not None:
        clean = without_nulls(kind.model, dict(document))
        parts = (identity.faults(kind, clean), _fields(kind, clean, previous or {}), _rules(kind, dict(document)))
        faults = _unique(fault for part in parts for fault in itertools.islice(part, MAX_FAULTS))
    problems = [
        Problem(fault.message, field_path(fault.path), file, _line(lines or {}, fault.path), fault.advice)
        for fault in faults
    ]
    return sorted(problems, key=lambda problem: (problem.line, problem.field))


def _kind(document: Mapping[str, Json]) -> tuple[Kind | None, list[Fault]]:
    """The kind of a document, or why it cannot be told."""
    name, version = document.get("kind"), document.get("apiVersion")
    if not isinstance(name, str) or not name:
        return None, [Fault("the document does not say its kind", ("kind",), "Add `kind: Stage`, or whatever it is")]
    kind = KINDS.get(name)
    if kind is None:
        folded = {known.lower(): known for known in KINDS}
        guesses = difflib.get_close_matches(name.lower(), folded, n=1)
        advice = f"Did you mean `{folded[guesses[0]]}`?" if guesses else f"Known are {', '.join(sorted(KINDS))}"
        return None, [Fault(f"unknown kind {name!r}", ("kind",), advice)]
    if version != kind.api_version:
        told = f"the apiVersion is {version!r}" if version else "the document does not say its apiVersion"
        return None, [Fault(told, ("apiVersion",), f"For {name} write `apiVersion: {kind.api_version}`")]
    return kind, []


def _fields(kind: Kind, document: dict[str, Json], previous: Mapping[str, Json]) -> Iterator[Fault]:
    """What the model says about single fields."""
    try:
        kind.model.model_validate(document, extra="forbid", by_alias=True, by_name=False)
    except ValidationError as error:
        for entry in error.errors(include_url=False):
            path = entry["loc"]
            kept = entry["type"] == "extra_forbidden" and _has(previous, path)
            if not kept and not _echo(entry["type"], entry.get("ctx", {}), entry["input"]):
                yield fault_text.fault(kind.model, path, entry, secret=kind.name == "Secret")


def _echo(type_: str, context: Mapping[str, Json], value: Json) -> bool:
    """Whether a list counts as too short only because its items are wrong."""
    return type_ == "too_short" and isinstance(value, list) and len(value) >= context["min_length"]


def _has(previous: Json, path: Path) -> bool:
    for part in path:
        try:
            previous = previous[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _too_deep(document: Json) -> bool:
    """Whether values are nested deeper than anything a person writes; what handles documents may then recurse."""
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [inner for value in level if isinstance(value, dict | list) for inner in _children(value)]
        if not level:
            return False
    return True


def _children(value: dict[str, Json] | list[Json]) -> Iterable[Json]:
    return value.values() if isinstance(value, dict) else value


def _rules(kind: Kind, document: dict[str, Json]) -> Iterator[Fault]:
    """What the models say about fields together."""
    for model, path, value in models_in(kind.model, document):
        for constraint in model.CONSTRAINTS:
            for fault in constraint.check(value):
                yield Fault(fault.message, (*path, *fault.path), fault.advice)


def _unique(faults: Iterable[Fault]) -> list[Fault]:
    return list(dict.fromkeys(faults))


def _line(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a path, or of what it would be in; 0 when nothing is known."""
    return next((lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in lines), 0)
