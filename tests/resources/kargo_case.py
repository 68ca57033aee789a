"""Kargo's own definitions, as a cluster that runs Kargo holds them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Data = dict[str, Any]


@cache
def _facts() -> Data:
    facts: Data = yaml.safe_load((Path(__file__).parent / "kargo_definitions.yaml").read_text())
    return facts


KINDS = tuple(_facts())


def kargo_crd(kind: str) -> Data:
    """Kargo's CustomResourceDefinition of a kind."""
    facts = _facts()[kind]
    columns = [{"name": name, "type": type_, "jsonPath": path} for name, type_, path in facts["columns"]]
    properties = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, **facts["schema"]["properties"]}
    version = {
        "name": "v1alpha1",
        "served": True,
        "storage": True,
        "additionalPrinterColumns": columns,
        "schema": {"openAPIV3Schema": {**facts["schema"], "properties": properties}},
        "subresources": {"status": {}} if facts["status"] else {},
    }
    names = {"kind": kind, "listKind": f"{kind}List", "plural": facts["plural"], "singular": kind.lower()}
    if facts["shortNames"]:
        names["shortNames"] = facts["shortNames"]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{facts['plural']}.kargo.akuity.io"},
        "spec": {"group": "kargo.akuity.io", "names": names, "scope": facts["scope"], "versions": [version]},
    }


def nodes(node: Data, path: str = "") -> Iterator[tuple[str, Data]]:
    """Every node of a schema with its path, such as `.spec.vars[].name`."""
    yield path, node
    for name, inner in node.get("properties", {}).items():
        yield from nodes(inner, f"{path}.{name}")
    if isinstance(node.get("items"), dict):
        yield from nodes(node["items"], f"{path}[]")
    if isinstance(node.get("additionalProperties"), dict):
        yield from nodes(node["additionalProperties"], f"{path}{{}}")


def schema(definition: Data) -> Data:
    found: Data = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return found
