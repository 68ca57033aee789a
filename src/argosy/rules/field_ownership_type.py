"""How values are divided into fields that have owners: what merges, by which keys, and what is one whole.

It follows the schemas of the kinds, `x-kubernetes-list-type` and `x-kubernetes-map-type` in them, and for what the
schemas leave out (metadata, the core kinds) what Kubernetes declares about its own types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from argosy.resources.kind import Kind
from argosy.resources.meta import Json
from argosy.resources.schema import json_schema


@dataclass(frozen=True, slots=True, eq=False)
class FieldType:
    """What may own what of a value.

    Attributes:
        atomic: whether it is owned as a whole.
        fields: fields with a name of their own.
        element: type of the other entries of a map, or of the items of a list.
        keys: what tells the items of a list apart; empty for a set, whose items are told apart by their value, None for
            lists that are owned as a whole.
    """

    atomic: bool = False
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    element: FieldType | None = None
    keys: tuple[str, ...] | None = None

    def of(self, name: str) -> FieldType:
        """The type of one entry."""
        return self.fields.get(name) or self.element or FREE

    @property
    def item(self) -> FieldType:
        """The type of the items of a list."""
        return self.element or FREE


FREE = FieldType()
"""Anything: maps merge, lists are wholes."""

WHOLE = FieldType(atomic=True)

_META = FieldType(
    fields={
        "labels": FieldType(),
        "annotations": FieldType(),
        "finalizers": FieldType(keys=()),
        "ownerReferences": FieldType(element=WHOLE, keys=("uid",)),
        "managedFields": WHOLE,
        **dict.fromkeys(
            ("name", "generateName", "namespace", "uid", "resourceVersion", "generation", "selfLink"), FREE
        ),
        **dict.fromkeys(("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"), FREE),
    }
)

_CORE: Mapping[str, Mapping[tuple[str, ...], FieldType]] = {
    "Namespace": {("status", "conditions"): FieldType(element=FREE, keys=("type",))},
    "Event": {("involvedObject",): WHOLE, ("related",): WHOLE},
    "RoleBinding": {("roleRef",): WHOLE},
    "ClusterRoleBinding": {("roleRef",): WHOLE},
    "ServiceAccount": {("secrets",): FieldType(element=WHOLE, keys=("name",))},
}
"""Where the core kinds differ from what their models say."""


@cache
def field_type(kind: Kind) -> FieldType:
    """The type of the documents of a kind."""
    whole = _typed(json_schema(kind), (), _CORE.get(kind.name, {}))
    return FieldType(fields={**whole.fields, "metadata": _META})


def _typed(
    schema: Mapping[str, Json], path: tuple[str, ...], special: Mapping[tuple[str, ...], FieldType]
) -> FieldType:
    if path in special:
        return special[path]
    if schema.get("type") == "array":
        return _list(schema)
    fields = {
        name: _typed(inner, (*path, name), special)
        for name, inner in (schema.get("properties") or {}).items()
        if (*path, name) != ("metadata",)
    }
    others = schema.get("additionalProperties")
    return FieldType(
        atomic=schema.get("x-kubernetes-map-type") == "atomic",
        fields=fields,
        element=_typed(others, (), {}) if others else None,
    )


def _list(schema: Mapping[str, Json]) -> FieldType:
    form = schema.get("x-kubernetes-list-type", "atomic")
    if form == "map":
        return FieldType(element=_typed(schema["items"], (), {}), keys=tuple(schema["x-kubernetes-list-map-keys"]))
    return FieldType(keys=()) if form == "set" else FieldType(atomic=True)
