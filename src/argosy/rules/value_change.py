"""Which changes of ConfigMaps and Secrets Kubernetes refuses."""

from __future__ import annotations

from collections.abc import Mapping

from argosy.errors import Invalid, Problem
from argosy.resources.meta import Json


def check(old: Mapping[str, Json], document: Mapping[str, Json]) -> None:
    """Values that may never change, and the type of a Secret, stay. Raises Invalid, and names no value."""
    kept = [("type", "the type of a Secret cannot be changed")] if document["kind"] == "Secret" else []
    if old.get("immutable"):
        message = "it is immutable, as the one who made it said"
        kept += [(name, message) for name in ("data", "binaryData", "immutable")]
    advice = "Delete it, and create it anew."
    problems = [
        Problem(message, name, advice=advice)
        for name, message in kept
        if (old.get(name) or None) != (document.get(name) or None)
    ]
    if problems:
        raise Invalid(f"{document['kind']} {document['metadata'].get('name')!r} is invalid", problems)
