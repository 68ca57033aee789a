"""The OpenAPI document: made of the routes, with names and words as Kargo has them."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from argosy.api.v1beta1.error import errors, forms

TAGS = {
    "Core": "Projects, Warehouses, Freight, Stages and Promotions: what a pipeline is made of.",
    "System": "The server as a whole: signing in, its version, its settings.",
    "Rbac": "Roles, what they allow, and tokens that act as one.",
    "Credentials": "Secrets that open other systems.",
    "Verifications": "Checks of what a Stage runs, and the templates they are made of.",
    "Resources": "Resources of any kind, written as manifests.",
    "Events": "What has happened.",
    "Config": "Policies of a Project, and of the whole installation.",
    "Generic Config": "ConfigMaps that promotion steps read.",
    "Repo Credentials": "Credentials of repositories of Git, of charts and of images.",
    "Generic Credentials": "Other Secrets that promotion steps use.",
    "Project-Level": "Belongs to one Project.",
    "System-Level": "Belongs to the installation, and to no Project.",
    "Cluster-Scoped Resource": "Is in no namespace.",
    "Shared": "Is there once, for all Projects.",
    "Singleton": "There is at most one.",
}

_WORDS = {"api": "API"}
_PARAMETER = re.compile(r"\{(\w+)\}")


def operation_id(route: APIRoute) -> str:
    """`get_stage` is `GetStage`."""
    return "".join(_WORDS.get(word, word.capitalize()) for word in route.name.split("_"))


def document(app: FastAPI) -> dict[str, Any]:
    """The whole document."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        separate_input_output_schemas=False,
    )
    made["paths"] = {_dashed(path): _operations(item) for path, item in made["paths"].items()}
    made["components"]["schemas"] = _tidied(_without_own(made["components"]["schemas"]) | forms())
    made["components"]["securitySchemes"] = {"BearerAuth": {"type": "http", "scheme": "bearer"}}
    return made


def _without_own(schemas: dict[str, Any]) -> dict[str, Any]:
    """Without the forms of FastAPI's own errors, which nobody gets."""
    return {name: schema for name, schema in schemas.items() if name not in ("HTTPValidationError", "ValidationError")}


def _tidied(node: Any) -> Any:
    """Forms without titles, which repeat their names, and without defaults that are empty: such fields are left out."""
    if isinstance(node, list):
        return [_tidied(each) for each in node]
    if not isinstance(node, dict):
        return node
    dropped = {"title"} if isinstance(node.get("title"), str) else set()
    if node.get("default") in ("", [], {}, None):
        dropped.add("default")
    return {name: _tidied(inner) for name, inner in node.items() if name not in dropped}


def _dashed(path: str) -> str:
    """Parameters of paths as Kargo writes them."""
    return _PARAMETER.sub(lambda found: f"{{{found[1].replace('_', '-')}}}", path)


def _operations(item: dict[str, Any]) -> dict[str, Any]:
    for operation in item.values():
        summary, _, rest = str(operation.get("description") or operation["summary"]).partition("\n\n")
        operation["summary"] = summary.strip().rstrip(".")
        operation["description"] = rest.strip() or summary.strip()
        operation.setdefault("security", [{"BearerAuth": []}])
        # Not said to FastAPI, which would make forms of its own for each of some two thousand answers.
        operation["responses"] = {**errors(), **operation["responses"], "422": errors()["422"]}
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                parameter["name"] = parameter["name"].replace("_", "-")
    return item
