"""OpenAPI documents: what kubectl explains, and how it learns which checks the server makes."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property

import orjson
from starlette.requests import Request
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.discovery import tagged
from argosy.api.openapi_meta import shared_metadata
from argosy.resources.kind import Kind
from argosy.resources.meta import Json
from argosy.resources.schema import json_schema
from argosy.rules.patch import MERGE_KEYS, MERGED_VALUES
from argosy.store.base import PatchType

_PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
_PROTOBUF_ANSWER = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"  # as Kubernetes: `@` is no MIME type
_WRITE_PARAMETERS = {
    "dryRun": "`All` checks the request and keeps nothing.",
    "fieldValidation": "What becomes of unknown fields: Strict refuses, Warn and Ignore leave them out.",
    "fieldManager": "Who writes; the fields that change become its own.",
    "force": "For server-side apply: take fields that other managers own.",
}


class OpenApi:
    """The OpenAPI documents, made when first asked for."""

    def __init__(self, kinds: Iterable[Kind], version: str) -> None:
        self._version = version
        self._kinds: dict[str, list[Kind]] = {}
        for kind in kinds:
            self._kinds.setdefault(_place(kind), []).append(kind)
        self._made: dict[str, bytes] = {}

    @cached_property
    def _index(self) -> bytes:
        paths = {}
        for place in self._kinds:
            digest = hashlib.sha256(self._document(place)).hexdigest().upper()
            paths[place] = {"serverRelativeURL": f"/openapi/v3/{place}?hash={digest}"}
        return orjson.dumps({"paths": paths})

    def _document(self, place: str) -> bytes:
        if place not in self._made:
            self._made[place] = orjson.dumps(_document(self._kinds[place], self._version))
        return self._made[place]

    async def index(self, request: Request) -> Response:
        """The list of version 3 documents."""
        return tagged(request, self._index, answer.JSON)

    async def group(self, request: Request) -> Response:
        """The version 3 document of one group and version."""
        place = request.path_params["place"]
        if place not in self._kinds:
            raise Refused(404, f"there is no OpenAPI document {place[:100]!r}", advice="/openapi/v3 lists them.")
        return tagged(request, self._document(place), answer.JSON)

    async def legacy(self, request: Request) -> Response:
        """A version 2 document without definitions: clients that know no newer one then leave checking to us."""
        if _PROTOBUF in request.headers.get("accept", "") and "json" not in request.headers["accept"]:
            return Response(b"", media_type=_PROTOBUF_ANSWER)  # an empty message is a valid, empty document
        info = {"title": "Argosy", "version": self._version}
        return tagged(request, orjson.dumps({"swagger": "2.0", "info": info, "paths": {}}), answer.JSON)


def _place(kind: Kind) -> str:
    return f"apis/{kind.group}/{kind.version}" if kind.group else f"api/{kind.version}"


def schema_name(kind: Kind) -> str:
    """What a kind's schema is called, in the way of Kubernetes: `io.akuity.kargo.v1alpha1.Stage`."""
    head = ".".join(reversed(kind.group.split("."))) if kind.group else "io.k8s.api.core"
    return f"{head}.{kind.version}.{kind.name}"


def _document(kinds: Iterable[Kind], version: str) -> dict[str, Json]:
    paths: dict[str, Json] = {}
    schemas: dict[str, Json] = {}
    for kind in kinds:
        schemas[schema_name(kind)], shared = shared_metadata(_schema(kind))
        schemas |= shared
        scope = "/namespaces/{namespace}" if kind.namespaced else ""
        path = f"/{_place(kind)}{scope}/{kind.plural}"
        paths[path] = {"get": _operation(kind, "list"), "post": _operation(kind, "post")}
        paths[f"{path}/{{name}}"] = {verb: _operation(kind, verb) for verb in ("get", "put", "patch", "delete")}
    return {
        "openapi": "3.0.0",
        "info": {"title": "Argosy", "version": version},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _identity(kind: Kind) -> dict[str, str]:
    return {"group": kind.group, "version": kind.version, "kind": kind.name}


def _operation(kind: Kind, action: str) -> dict[str, Json]:
    reference = {"$ref": f"#/components/schemas/{schema_name(kind)}"}
    operation: dict[str, Json] = {
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _identity(kind),
        "responses": {"200": {"description": "OK", "content": {answer.JSON: {"schema": reference}}}},
    }
    if action in ("post", "put", "patch"):
        operation["parameters"] = [
            {"name": name, "in": "query", "description": text, "schema": {"type": "string"}}
            for name, text in _WRITE_PARAMETERS.items()
        ]
        operation["requestBody"] = {"content": _bodies(kind, action, reference)}
    return operation


def _bodies(kind: Kind, action: str, reference: Mapping[str, Json]) -> dict[str, Json]:
    if action != "patch":
        return {answer.JSON: {"schema": reference}}
    types = [type_ for type_ in PatchType if kind.strategic or type_ is not PatchType.STRATEGIC]
    names = [*(f"application/{type_.value}" for type_ in types), "application/apply-patch+yaml"]
    return {name: {"schema": {"type": "object"}} for name in names}


def _schema(kind: Kind) -> dict[str, Json]:
    schema = {**json_schema(kind), "x-kubernetes-group-version-kind": [_identity(kind)]}
    return _with_merge_keys(schema) if kind.strategic else schema


def _with_merge_keys(schema: dict[str, Json]) -> dict[str, Json]:
    """The schema with how its lists are joined, so that kubectl makes the patches that we understand."""
    schema = copy.deepcopy(schema)
    for path in (*MERGE_KEYS, *MERGED_VALUES):
        node: Json = schema
        for part in path:
            node = node.get("properties", {}).get(part, {})
        if node:
            node["x-kubernetes-patch-strategy"] = "merge"
        if node and path in MERGE_KEYS:
            node["x-kubernetes-patch-merge-key"] = MERGE_KEYS[path]
    return schema
