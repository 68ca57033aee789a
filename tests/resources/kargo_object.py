"""Objects with every field that Kargo's definitions know, so that what is lost of any is seen."""

from __future__ import annotations

from typing import Any

from tests.resources.kargo_case import Data, kargo_crd, schema

_EITHER = {
    ".spec.origin",
    ".spec.steps[].task",
    ".spec.promotionTemplate.spec.steps[].task",
    ".spec.promotionPolicies[].stage",
}
"""What cannot stand beside another field."""

_BY_START = (
    ("^([0-9]+", "5m0s"),
    ("^[a-z0-9]+:", "sha256:aa"),
    ("(?:^(ssh", "https://git.example/app.git"),
    ("^[A-Za-z]([A-Za-z0-9_,:]*", "Ready"),
    ("^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.", "Ready"),
)


def kargo_object(kind: str, namespace: str) -> Data:
    """One object of a kind, named `x`, or as its kind must be."""
    definition = kargo_crd(kind)
    names = {"ProjectConfig": namespace, "ClusterConfig": "cluster"}
    meta: Data = {"name": names.get(kind, "x")}
    if definition["spec"]["scope"] == "Namespaced":
        meta["namespace"] = namespace
    properties = schema(definition)["properties"]
    fields = {name: _value(node, f".{name}") for name, node in properties.items() if name != "metadata"}
    return {**fields, "apiVersion": "kargo.akuity.io/v1alpha1", "kind": kind, "metadata": meta}


def _value(node: Data, path: str) -> Any:
    if node.get("x-kubernetes-preserve-unknown-fields"):
        return {"free": ["text", 1, {"deep": True}]}
    if "enum" in node:
        return node["enum"][0]
    made = {
        "object": lambda: _object(node, path),
        "array": lambda: [_value(node["items"], f"{path}[]")],
        "string": lambda: _text(node, path),
        "integer": lambda: max(1, node.get("minimum", 0)),
        "boolean": lambda: True,
    }
    return made[node["type"]]()


def _object(node: Data, path: str) -> Data:
    if "additionalProperties" in node:
        return {"key": _value(node["additionalProperties"], f"{path}{{}}")}
    inner = {name: each for name, each in node.get("properties", {}).items() if f"{path}.{name}" not in _EITHER}
    return {name: _value(each, f"{path}.{name}") for name, each in inner.items()}


def _text(node: Data, path: str) -> str:
    if node.get("format") == "date-time":
        return "2026-01-02T03:04:05Z"
    if node.get("format") == "email":
        return "a@example.com"
    for end, value in (
        (".onPromotion[]", "Failed"),
        (".onVerification[]", "Error"),
        (".longestSoak", "1h0m0s"),
        (".timeout", "5m0s"),
    ):
        if path.endswith(end):
            return value
    return next((value for start, value in _BY_START if node.get("pattern", "").startswith(start)), "x")
