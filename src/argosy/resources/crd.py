"""CustomResourceDefinitions of the kinds, for clusters that keep the resources themselves."""

from __future__ import annotations

from argosy.resources.kind import Column, Kind
from argosy.resources.meta import Json
from argosy.resources.schema import json_schema


def crd(kind: Kind) -> dict[str, Json]:
    """The `apiextensions.k8s.io/v1` CustomResourceDefinition of a kind.

    Raises:
        ValueError: a kind that is part of Kubernetes, which every cluster has.
    """
    if not kind.is_custom:
        raise ValueError(f"{kind.name} is a kind of Kubernetes and needs no CustomResourceDefinition")
    version: dict[str, Json] = {
        "name": kind.version,
        "served": True,
        "storage": True,
        "additionalPrinterColumns": [_column(column) for column in kind.columns],
        "schema": {"openAPIV3Schema": _schema(kind)},
        "subresources": {"status": {}} if kind.status else {},
    }
    if kind.indexes:
        version["selectableFields"] = [{"jsonPath": f".{'.'.join(path)}"} for path in kind.indexes.values()]
    names: dict[str, Json] = {
        "kind": kind.name,
        "listKind": f"{kind.name}List",
        "plural": kind.plural,
        "singular": kind.singular,
        "shortNames": list(kind.short),  # also where there are none: those of another definition must go
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{kind.group}"},
        "spec": {
            "group": kind.group,
            "names": names,
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "versions": [version],
        },
    }


def _schema(kind: Kind) -> dict[str, Json]:
    """The kind's schema; the API server itself knows what metadata looks like and wants it left out."""
    whole = json_schema(kind)
    properties = {**whole["properties"], "metadata": {"type": "object"}}
    return {**whole, "properties": properties}


def _column(column: Column) -> dict[str, Json]:
    written: dict[str, Json] = {"name": column.name, "type": column.type, "jsonPath": column.path}
    if column.priority:
        written["priority"] = column.priority
    if column.description:
        written["description"] = column.description
    return written
