"""The reference pages of kinds, written from the models: `python tools/kind_docs.py` writes docs/reference/kinds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from argosy.resources.kind import Kind
from argosy.resources.kinds import KINDS
from argosy.resources.schema import json_schema

FOLDER = Path(__file__).parent.parent / "docs" / "reference" / "kinds"
NOTE = "<!-- Written by tools/kind_docs.py from the models; do not edit. -->"
_STANDARD = ("apiVersion", "kind", "metadata")


def file_name(kind: Kind) -> str:
    """`ClusterPromotionTask` is told in `cluster-promotion-task.md`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.name).lower() + ".md"


def pages() -> dict[str, str]:
    """Every page by its file name, the index included."""
    index = [NOTE, "# Kinds", "", "| Kind | apiVersion | Scope |", "| --- | --- | --- |"]
    index += [
        f"| [{kind.name}]({file_name(kind)}) | `{kind.api_version}` | {_scope(kind)} |"
        for kind in sorted(KINDS.values(), key=lambda kind: kind.name)
    ]
    return {"index.md": "\n".join(index) + "\n", **{file_name(kind): page(kind) for kind in KINDS.values()}}


def page(kind: Kind) -> str:
    """The page of one kind."""
    schema = json_schema(kind)
    lines = [NOTE, f"# {kind.name}", "", schema["description"], ""]
    lines += [f"- apiVersion: `{kind.api_version}`", f"- scope: {_scope(kind)}"]
    words = ", ".join(f"`{word}`" for word in dict.fromkeys((kind.plural, kind.singular, *kind.short)))
    lines += [f"- on the command line: {words}", ""]
    top = {name: node for name, node in schema["properties"].items() if name not in _STANDARD}
    required = schema.get("required", [])
    for name in [name for name in top if name != "status"] + [name for name in top if name == "status"]:
        lines += _section(name, top[name], name in required)
    rules = [f"- `{path}`: {rule['message']}" for path, rule in _rules(schema, "")]
    if rules:
        lines += ["## Rules", "", *rules, ""]
    return "\n".join(lines).rstrip() + "\n"


def _section(name: str, node: dict[str, Any], required: bool) -> list[str]:
    rows = [
        f"| `{path}` | {_type(inner)} | {_restrictions(inner, needed)} | {_cell(inner.get('description', ''))} |"
        for path, inner, needed in _fields(node, "", required)
        if path
    ]
    lines = [f"## {name}", "", f"{node.get('description', '')} {'Required.' if required else ''}".strip(), ""]
    if rows:
        lines += ["| Field | Type | | Meaning |", "| --- | --- | --- | --- |", *rows, ""]
    return lines


def _fields(node: dict[str, Any], path: str, required: bool) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Every field below a node, in the order of the model."""
    yield path, node, required
    if path.endswith("Promotion.status"):
        return  # told on the page of Promotion
    inside, suffix = node, ""
    if isinstance(node.get("items"), dict):
        inside, suffix = node["items"], "[]"
    elif isinstance(node.get("additionalProperties"), dict):
        inside, suffix = node["additionalProperties"], ".<key>"
    for name, inner in inside.get("properties", {}).items():
        below = f"{path}{suffix}.{name}".lstrip(".")
        yield from _fields(inner, below, name in inside.get("required", []))


def _rules(node: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for rule in node.get("x-kubernetes-validations", []):
        yield path.lstrip("."), rule
    for name, inner in node.get("properties", {}).items():
        yield from _rules(inner, f"{path}.{name}")
    if isinstance(node.get("items"), dict):
        yield from _rules(node["items"], f"{path}[]")


def _type(node: dict[str, Any]) -> str:
    if "type" not in node:
        return "any value" if "enum" not in node else "text"
    if node["type"] == "array":
        return f"list of {_plural(node['items'])}"
    if node["type"] == "object" and "additionalProperties" in node:
        return f"map to {_plural(node['additionalProperties'])}"
    if node.get("format") == "date-time":
        return "time"
    return {"string": "text", "integer": "number", "boolean": "true or false", "object": "object"}[node["type"]]


def _plural(node: dict[str, Any]) -> str:
    return {"text": "texts", "object": "objects", "number": "numbers", "any value": "any values"}.get(
        _type(node), _type(node)
    )


def _restrictions(node: dict[str, Any], required: bool) -> str:
    told = ["required"] if required else []
    if "default" in node and node["default"] != "":
        told.append(
            f"default `{str(node['default']).lower() if isinstance(node['default'], bool) else node['default']}`"
        )
    if "enum" in node:
        told.append("one of " + ", ".join(f"`{value}`" for value in node["enum"] if value))
    if "minimum" in node and "maximum" in node:
        told.append(f"{node['minimum']} to {node['maximum']}")
    if node.get("minItems"):
        told.append(f"at least {node['minItems']}")
    if node.get("maxItems"):
        told.append(f"at most {node['maxItems']}")
    return "; ".join(told)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _scope(kind: Kind) -> str:
    return "namespace" if kind.namespaced else "cluster"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)
    for stale in (path for path in FOLDER.glob("*.md") if path.name not in wanted):
        stale.unlink()


if __name__ == "__main__":
    main()
