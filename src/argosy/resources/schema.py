"""JSON schemas of kinds, derived from their models: structural, as Kubernetes asks, without references."""

from __future__ import annotations

from functools import cache
from typing import Any

from argosy.resources.kind import Kind
from argosy.resources.meta import Json, Model

_DROPPED = frozenset({"title", "x-persisted"})
_PRESERVES = "x-kubernetes-preserve-unknown-fields"
_LIST_MAPS = {"Condition": ["type"], "PromotionWindow": ["name"]}


@cache
def _whole(model: type[Model]) -> dict[str, Json]:
    return structural(model.model_json_schema(by_alias=True))


def structural(schema: dict[str, Any]) -> dict[str, Json]:
    """A schema as pydantic writes it, everything inlined."""
    return _structural(schema, schema.get("$defs", {}))


def json_schema(kind: Kind) -> dict[str, Json]:
    """The OpenAPI v3 schema of a kind, everything inlined. Shared between callers: never change it, copy it."""
    return _whole(kind.model)


def _structural(node: Any, definitions: dict[str, Any], *, free: bool = False) -> dict[str, Json]:
    """One schema node without references, unions with null, titles, and defaults that are not written down.

    Where a node keeps unknown fields, so does everything in it (`free`): Kubernetes would prune what is deeper.
    """
    node = _resolved(node, definitions)
    free = free or bool(node.get(_PRESERVES))
    persisted = node.get("x-persisted", False)
    out = {key: value for key, value in node.items() if key not in _DROPPED | {"$defs", "default"}}
    if "const" in out:
        out["enum"] = [out.pop("const")]
    if out.get("type") == "integer":
        out.setdefault("format", "int64")
    if "properties" in out:
        out["properties"] = {
            name: _structural(inner, definitions, free=free) for name, inner in out["properties"].items()
        }
    if "items" in out:
        out.update(_items(out, definitions, free))
    if out.get("type") == "object" and "additionalProperties" in out:
        out["additionalProperties"] = _structural(out["additionalProperties"] or {}, definitions, free=free)
    if ("type" not in out and "enum" not in out) or (free and "properties" in out):
        out[_PRESERVES] = True
    if persisted:
        out["default"] = node["default"]
    return out


def _resolved(node: Any, definitions: dict[str, Any]) -> dict[str, Json]:
    """The node with its reference, or the one alternative that is not null, put in its place."""
    found: dict[str, Json] = node if isinstance(node, dict) else {}
    if "anyOf" in found:
        inner = next(choice for choice in found["anyOf"] if choice.get("type") != "null")
        found = {**inner, **{key: value for key, value in found.items() if key != "anyOf"}}
    if "$ref" in found:
        definition = definitions[found["$ref"].rpartition("/")[2]]
        found = {**definition, **{key: value for key, value in found.items() if key != "$ref"}}
    return found


def _items(node: dict[str, Any], definitions: dict[str, Any], free: bool) -> dict[str, Json]:
    """What a list adds: its items, rules that speak about them, and the key by which they merge."""
    items = _structural(node["items"], definitions, free=free)
    if rules := node.pop("x-kubernetes-validations", None):
        items["x-kubernetes-validations"] = rules
    keys = _LIST_MAPS.get(node["items"].get("$ref", "").rpartition("/")[2])
    return (
        {"items": items, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys}
        if keys
        else {"items": items}
    )
