"""What every backend does with a document before it is written: know its key, name it, and see that it may be kept."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import orjson

from argosy.errors import Invalid, NotFound
from argosy.resources.kind import Kind
from argosy.resources.meta import Json, Key
from argosy.rules.document import SUFFIX_ALPHABET, generated_name, resource_name

SIZE = 1536 * 1024
"""The largest document in bytes, the limit that etcd sets to Kubernetes."""

ATTEMPTS = 8
"""How many random names are tried for one `generateName`."""


def kind_of(kinds: Mapping[str, Kind], name: Json) -> Kind:
    """The kind of that name. Raises Invalid."""
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise Invalid(f"{str(name)[:64]!r} is not a kind", advice=f"Known kinds: {', '.join(sorted(kinds))}.")
    return kind


def key_of(document: Mapping[str, Json]) -> Key:
    """The key in a document that may be anything. Raises Invalid."""
    meta = document.get("metadata")
    parts = (document.get("kind"), meta.get("namespace") or "", meta.get("name")) if isinstance(meta, dict) else ()
    if not parts or not all(isinstance(part, str) for part in parts):
        raise Invalid("the document does not say what it is", advice="Set kind, metadata.name and metadata.namespace.")
    return Key.of(document)


def is_unnamed(document: Mapping[str, Json]) -> bool:
    """Whether a name is to be made of its `generateName`."""
    meta = document.get("metadata")
    return isinstance(meta, dict) and not meta.get("name") and bool(meta.get("generateName"))


def with_random_name(document: Mapping[str, Json]) -> dict[str, Json]:
    """The document with a name made of its `generateName`."""
    suffix = "".join(random.choices(SUFFIX_ALPHABET, k=5))
    meta = document["metadata"]
    return {**document, "metadata": {**meta, "name": generated_name(meta, suffix)}}


def written(data: Mapping[str, Any], kind: Kind) -> bytes:
    """The document as JSON. Raises Invalid when it is too large or no JSON."""
    name = resource_name(kind, Key.of(data).name)
    try:
        raw = orjson.dumps(data)
    except (TypeError, RecursionError) as error:
        raise Invalid(f"{name} cannot be written as JSON: {error}") from error
    if len(raw) > SIZE:
        raise Invalid(f"{name} has {len(raw)} bytes, the limit is {SIZE}", advice="Split it or shorten it.")
    return raw


def not_found(kind: Kind, key: Key) -> NotFound:
    """The error for a document that is not there."""
    where = f" in namespace {key.namespace!r}" if key.namespace else ""
    return NotFound(f"{resource_name(kind, key.name)} not found{where}")
