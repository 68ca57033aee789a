"""Normal form of documents: no meaningless nulls, and the defaults that Kargo writes down."""

from __future__ import annotations

from typing import Any

from argosy.resources.kinds import KINDS
from argosy.resources.meta import Json, Model
from argosy.resources.shape import Member, members, models_in


def without_nulls(model: type[Model], document: dict[str, Json]) -> dict[str, Json]:
    """A copy without fields that are null, which mean the same as absent ones, as the Kubernetes API server drops them.

    Nulls inside free-form values and in fields that the model does not know stay.
    """
    known = members(model)
    return {
        name: _clean(known[name], value) if name in known else value
        for name, value in document.items()
        if value is not None or name not in known
    }


def _clean(member: Member, value: Any) -> Json:
    if member.container == "list" and isinstance(value, list):
        return [_inner(member, item) for item in value]
    if member.container == "map" and isinstance(value, dict):
        return {key: _inner(member, item) for key, item in value.items() if item is not None or member.free}
    return _inner(member, value)


def _inner(member: Member, value: Any) -> Json:
    return without_nulls(member.model, value) if member.model and isinstance(value, dict) else value


def with_defaults(document: dict[str, Json]) -> dict[str, Json]:
    """A copy with the defaults that Kargo persists: those of its schemas and of subscriptions; nulls dropped.

    Everything else is left as it was. A document of an unknown kind is copied unchanged.
    """
    kind = KINDS.get(str(document.get("kind")))
    if kind is None:
        return document
    filled = without_nulls(kind.model, document)
    for model, _, value in models_in(kind.model, filled):
        for name, member in members(model).items():
            if member.default is not None:
                value.setdefault(name, member.default)
    return filled
