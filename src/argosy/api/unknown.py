"""Fields that a kind does not have, for callers that would rather be warned, or not even that, than refused."""

from __future__ import annotations

import copy

from pydantic import ValidationError

from argosy.resources.constraint import Path
from argosy.resources.field_path import field_path
from argosy.resources.kind import Kind
from argosy.resources.meta import Json


def without_unknown(
    kind: Kind, document: dict[str, Json], previous: dict[str, Json]
) -> tuple[dict[str, Json], list[str]]:
    """The document without fields its kind does not have, and their paths. What `previous` has too is kept."""
    paths = [path for path in _unknown(kind, document) if not _has(previous, path)]
    pruned = copy.deepcopy(document)
    for path in paths:
        holder: Json = pruned
        for part in path[:-1]:
            holder = holder[part]
        holder.pop(path[-1], None)
    return pruned, [field_path(path) for path in paths]


def _unknown(kind: Kind, document: dict[str, Json]) -> list[Path]:
    try:
        kind.model.model_validate(document, extra="forbid")
    except ValidationError as error:
        found = [entry["loc"] for entry in error.errors(include_url=False) if entry["type"] == "extra_forbidden"]
        return [path for path in found if _has(document, path)]
    return []


def _has(value: Json, path: Path) -> bool:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return False
    return value is not None
