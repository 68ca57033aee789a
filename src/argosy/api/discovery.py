"""Discovery: which groups, versions and resources are served. Source: Kubernetes API concepts, API discovery."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from itertools import groupby

import orjson
from starlette.requests import Request
from starlette.responses import Response

from argosy.api import answer
from argosy.api.access import REVIEWS, Review
from argosy.resources.kind import Kind
from argosy.resources.meta import Json

VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
STATUS_VERBS = ["get", "patch", "update"]
_AGGREGATED = "as=APIGroupDiscoveryList"
_VERSIONS = ("v2", "v2beta1")

GroupVersion = tuple[str, str]


class Discovery:
    """The documents of discovery, made once."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        by_place = sorted(kinds, key=lambda kind: (kind.group, kind.version))
        self._groups: dict[GroupVersion, list[Kind]] = {
            place: list(found) for place, found in groupby(by_place, key=lambda kind: (kind.group, kind.version))
        }
        reviews = {(review.group, review.version) for review in REVIEWS}
        self._places = sorted({*self._groups, *reviews})
        self._documents = {
            "/api": orjson.dumps(_core_versions()),
            "/apis": orjson.dumps(_group_list(self._places)),
        }
        for place in self._places:
            self._documents[_path(place)] = orjson.dumps(self._resources(place))
            if place[0]:
                self._documents[f"/apis/{place[0]}"] = orjson.dumps(_group(place))
        self._aggregated = {
            (path, version): orjson.dumps(self._aggregate(path, version))
            for path in ("/api", "/apis")
            for version in _VERSIONS
        }

    @property
    def paths(self) -> list[str]:
        """Where discovery is served."""
        return list(self._documents)

    async def serve(self, request: Request) -> Response:
        """The document at the path of the request; `/api` and `/apis` in the aggregated form where that is asked."""
        path = request.url.path.rstrip("/")
        accept = request.headers.get("accept", "")
        for version in _VERSIONS if (path, "v2") in self._aggregated and _AGGREGATED in accept else ():
            if f"v={version};" in accept:
                type_ = f"application/json;g=apidiscovery.k8s.io;v={version};{_AGGREGATED}"
                return tagged(request, self._aggregated[path, version], type_)
        return tagged(request, self._documents[path], answer.JSON)

    def _resources(self, place: GroupVersion) -> dict[str, Json]:
        """The APIResourceList of a group and version."""
        kinds = self._groups.get(place, [])
        listed = [entry for kind in kinds for entry in _resource_entries(kind)]
        listed += [_review_entry(review) for review in REVIEWS if (review.group, review.version) == place]
        return {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": "/".join(part for part in place if part),
            "resources": listed,
        }

    def _aggregate(self, path: str, version: str) -> dict[str, Json]:
        items = []
        for group in dict.fromkeys(place[0] for place in self._places if bool(place[0]) == (path == "/apis")):
            versions = [
                {"version": place[1], "freshness": "Current", "resources": self._aggregate_resources(place)}
                for place in self._places
                if place[0] == group
            ]
            items.append({"metadata": {"name": group, "creationTimestamp": None}, "versions": versions})
        return {
            "kind": "APIGroupDiscoveryList",
            "apiVersion": f"apidiscovery.k8s.io/{version}",
            "metadata": {},
            "items": items,
        }

    def _aggregate_resources(self, place: GroupVersion) -> list[dict[str, Json]]:
        return [
            *(_aggregate_kind(kind) for kind in self._groups.get(place, [])),
            *(_aggregate_review(review) for review in REVIEWS if (review.group, review.version) == place),
        ]


def tagged(request: Request, body: bytes, type_: str) -> Response:
    """An answer with a tag of its content, and 304 to whoever has that content already."""
    tag = f'"{hashlib.sha256(body).hexdigest().upper()}"'
    headers = {"ETag": tag, "Vary": "Accept", "Content-Type": type_}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers)


def _path(place: GroupVersion) -> str:
    return f"/apis/{place[0]}/{place[1]}" if place[0] else f"/api/{place[1]}"


def _core_versions() -> dict[str, Json]:
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [],
    }


def _group(place: GroupVersion) -> dict[str, Json]:
    version = {"groupVersion": f"{place[0]}/{place[1]}", "version": place[1]}
    return {
        "kind": "APIGroup",
        "apiVersion": "v1",
        "name": place[0],
        "versions": [version],
        "preferredVersion": version,
    }


def _group_list(places: Iterable[GroupVersion]) -> dict[str, Json]:
    groups = [_group(place) for place in places if place[0]]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _resource_entries(kind: Kind) -> list[dict[str, Json]]:
    entry: dict[str, Json] = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.name,
        "verbs": VERBS,
    }
    if kind.short:
        entry["shortNames"] = list(kind.short)
    status = {
        "name": f"{kind.plural}/status",
        "singularName": "",
        "namespaced": kind.namespaced,
        "kind": kind.name,
        "verbs": STATUS_VERBS,
    }
    return [entry, status] if kind.status else [entry]


def _review_entry(review: Review) -> dict[str, Json]:
    return {
        "name": review.plural,
        "singularName": review.kind.lower(),
        "namespaced": False,
        "kind": review.kind,
        "verbs": ["create"],
    }


def _response_kind(group: str, version: str, kind: str) -> Mapping[str, Json]:
    return {"group": group, "version": version, "kind": kind}


def _aggregate_kind(kind: Kind) -> dict[str, Json]:
    response = _response_kind(kind.group, kind.version, kind.name)
    entry: dict[str, Json] = {
        "resource": kind.plural,
        "responseKind": response,
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": VERBS,
    }
    if kind.short:
        entry["shortNames"] = list(kind.short)
    if kind.status:
        entry["subresources"] = [{"subresource": "status", "responseKind": response, "verbs": STATUS_VERBS}]
    return entry


def _aggregate_review(review: Review) -> dict[str, Json]:
    return {
        "resource": review.plural,
        "responseKind": _response_kind(review.group, review.version, review.kind),
        "scope": "Cluster",
        "singularResource": review.kind.lower(),
        "verbs": ["create"],
    }
