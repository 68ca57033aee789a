"""JSON schemas (draft 7) for editors: of kinds, with the configurations of their steps, and of all manifests in one.

They are those of the API server, made stricter where a person writes: names of fields are closed, and a step's
configuration is that of its kind, where any value may be a text with an expression.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from argosy.resources.kind import Kind
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Json
from argosy.resources.schema import json_schema, structural
from argosy.steps.base import AnyStep
from argosy.steps.catalogue import all_steps, config_schema

DRAFT = "http://json-schema.org/draft-07/schema#"
EXPRESSION: dict[str, Json] = {"type": "string", "pattern": r"\$\{[{%]", "description": "A text with an expression."}


def of_kind(kind: Kind) -> dict[str, Json]:
    """The schema of a kind's manifests."""
    schema = {"$schema": DRAFT, "title": kind.name, **_manifest(kind)}
    return {**schema, "definitions": _configs()} if any(_steps(schema)) else schema


def of_step(step: AnyStep) -> dict[str, Json]:
    """The schema of a step's configuration."""
    return {"$schema": DRAFT, "title": step.name, **_config(step)}


def of_all() -> dict[str, Json]:
    """The schema of any manifest: `kind` decides."""
    kinds = list(KINDS.values())
    definitions = {**{kind.name: _manifest(kind) for kind in kinds}, **_configs()}
    return {
        "$schema": DRAFT,
        "title": "A manifest for Argosy",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {"kind": {"enum": [kind.name for kind in kinds]}},
        "allOf": [{"if": _is("kind", kind.name), "then": {"$ref": f"#/definitions/{kind.name}"}} for kind in kinds],
        "definitions": definitions,
    }


def _manifest(kind: Kind) -> dict[str, Json]:
    schema = copy.deepcopy(json_schema(kind))
    properties = schema["properties"]
    for name, value in (("apiVersion", kind.api_version), ("kind", kind.name)):
        properties[name] = {"const": value, "description": properties[name].get("description", "")}
    properties["metadata"] = {**properties["metadata"], "x-kubernetes-preserve-unknown-fields": True}
    properties.pop("status", None)
    properties["status"] = {"description": "Written by the server.", "type": "object"}
    schema["required"] = [*dict.fromkeys((*schema.get("required", ()), "apiVersion", "kind", "metadata"))]
    closed: dict[str, Json] = _closed(schema)
    for steps in _steps(closed):
        steps["items"] = _step(steps["items"])
    return closed


def _closed(node: Any) -> Any:
    """Objects with known fields take no others; words that only Kubernetes knows are left out."""
    if isinstance(node, list):
        return [_closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    open_ = bool(node.get("x-kubernetes-preserve-unknown-fields"))
    out = {
        key: {name: _closed(each) for name, each in value.items()} if key == "properties" else _closed(value)
        for key, value in node.items()
        if not key.startswith("x-kubernetes-") and key not in ("nullable", "format")
    }
    if "properties" in out and not open_ and not out.get("additionalProperties"):
        out["additionalProperties"] = False
    return out


def _steps(node: Any) -> Iterator[dict[str, Any]]:
    """Every list of promotion steps in a schema."""
    if isinstance(node, dict):
        for name, each in (node.get("properties") or {}).items():
            if name == "steps" and "uses" in (each.get("items", {}).get("properties") or {}):
                yield each
            else:
                yield from _steps(each)
        yield from _steps(node.get("items"))


def _step(schema: dict[str, Any]) -> dict[str, Json]:
    """The schema of one step, with the configuration of every kind."""
    names = list(all_steps())
    uses = {**schema["properties"]["uses"], "anyOf": [{"enum": names}, {"minLength": 1}]}
    properties = {**schema["properties"], "uses": uses, "config": {"description": "What the kind of step asks for."}}
    kinds = [
        {"if": _is("uses", name), "then": {"properties": {"config": {"$ref": f"#/definitions/{name}"}}}}
        for name in names
    ]
    return {**schema, "properties": properties, "allOf": kinds}


def _configs() -> dict[str, Json]:
    """The configuration of every kind of step, by its name."""
    return {name: {"anyOf": [_config(step), EXPRESSION]} for name, step in all_steps().items()}


def _config(step: AnyStep) -> dict[str, Json]:
    written = config_schema(step)
    schema: dict[str, Json] = _evaluated(_closed(structural(written)))
    if written.get("additionalProperties") is True:  # any names, such as those of compose-output
        del schema["additionalProperties"]
    return schema


def _evaluated(node: Any) -> Any:
    """A schema below which every value may be a text with an expression."""
    if not isinstance(node, dict):
        return node
    out = dict(node)
    if "properties" in node:
        out["properties"] = {name: _or_expression(each) for name, each in node["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict) and node[key]:
            out[key] = _or_expression(node[key])
    return out


def _or_expression(node: dict[str, Any]) -> dict[str, Json]:
    told = {"description": node["description"]} if "description" in node else {}
    if set(node) <= {"type", "description"} and node.get("type", "string") == "string":
        return node
    return {**told, "anyOf": [_evaluated(node), EXPRESSION]}


def _is(field: str, value: str) -> dict[str, Json]:
    return {"properties": {field: {"const": value}}, "required": [field]}
