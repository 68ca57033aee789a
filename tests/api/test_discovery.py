from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from argosy.resources.kinds import KINDS

Client = httpx2.AsyncClient
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"


async def get(client: Client, path: str, accept: str = "application/json") -> Any:
    answer = await client.get(path, headers={"Accept": accept})
    assert answer.status_code == 200
    return answer.json()


async def test_every_kind_is_found_by_group_and_version(client: Client) -> None:
    groups = (await get(client, "/apis"))["groups"]
    places = ["/api/v1", *(f"/apis/{version['groupVersion']}" for group in groups for version in group["versions"])]
    assert (await get(client, "/api"))["versions"] == ["v1"]
    found: dict[str, Any] = {}
    for place in places:
        listed = await get(client, place)
        assert listed["groupVersion"] == place.removeprefix("/apis/").removeprefix("/api/")
        found |= {entry["name"]: entry for entry in listed["resources"]}
    for kind in KINDS.values():
        entry = found[kind.plural]
        assert (entry["kind"], entry["namespaced"], entry["singularName"]) == (
            kind.name,
            kind.namespaced,
            kind.singular,
        )
        assert set(entry["verbs"]) >= {"get", "list", "watch", "create", "update", "patch", "delete"}
        assert tuple(entry.get("shortNames", ())) == kind.short
        assert (f"{kind.plural}/status" in found) == kind.status


@pytest.mark.parametrize("version", ["v2", "v2beta1"])
@pytest.mark.parametrize("path", ["/api", "/apis"])
async def test_aggregated_discovery_says_the_same_in_one_answer(client: Client, version: str, path: str) -> None:
    accept = AGGREGATED.format(version)
    answer = await client.get(path, headers={"Accept": f"{accept},application/json"})
    assert answer.headers["content-type"] == accept
    whole = answer.json()
    assert (whole["kind"], whole["apiVersion"]) == ("APIGroupDiscoveryList", f"apidiscovery.k8s.io/{version}")
    found = {
        (group["metadata"]["name"], found["version"], resource["resource"])
        for group in whole["items"]
        for found in group["versions"]
        for resource in found["resources"]
    }
    served = {
        (kind.group, kind.version, kind.plural) for kind in KINDS.values() if bool(kind.group) == (path == "/apis")
    }
    assert served <= found


@pytest.mark.parametrize("path", ["/apis", "/openapi/v3", "/openapi/v3/api/v1"])
async def test_who_has_it_already_is_told_so(client: Client, path: str) -> None:
    tag = (await client.get(path)).headers["etag"]
    again = await client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


async def test_every_kind_has_a_schema_and_operations_that_check(client: Client) -> None:
    documents = {
        path: await get(client, found["serverRelativeURL"])
        for path, found in (await get(client, "/openapi/v3"))["paths"].items()
    }
    for kind in KINDS.values():
        document = documents[f"apis/{kind.group}/{kind.version}" if kind.group else f"api/{kind.version}"]
        identity = {"group": kind.group, "version": kind.version, "kind": kind.name}
        schemas = document["components"]["schemas"].values()
        (schema,) = [schema for schema in schemas if schema.get("x-kubernetes-group-version-kind") == [identity]]
        assert "metadata" in schema["properties"]
        (item,) = [
            path
            for path, operations in document["paths"].items()
            if path.endswith("/{name}") and operations["get"]["x-kubernetes-group-version-kind"] == identity
        ]
        patch = document["paths"][item]["patch"]
        assert {"fieldValidation", "dryRun"} <= {parameter["name"] for parameter in patch["parameters"]}
        strategic = "application/strategic-merge-patch+json" in patch["requestBody"]["content"]
        assert strategic == kind.strategic
    shared = documents["api/v1"]["components"]["schemas"]
    (reference,) = shared["io.k8s.api.core.v1.Secret"]["properties"]["metadata"]["allOf"]
    owners = shared[reference["$ref"].rpartition("/")[2]]["properties"]["ownerReferences"]
    assert owners["x-kubernetes-patch-merge-key"] == "uid"


async def test_everything_that_kubectl_explains_has_a_description(client: Client) -> None:
    def silent(schema: Any, path: str) -> list[str]:
        found = [] if schema.get("description") else [path]
        for name, field in schema.get("properties", {}).items():
            found += silent(field, f"{path}.{name}")
        for inner in (schema.get("items"), schema.get("additionalProperties")):
            if isinstance(inner, dict):
                found += [each for each in silent(inner, f"{path}[]") if not each.endswith("[]")]
        return found

    for found in (await get(client, "/openapi/v3"))["paths"].values():
        document = await get(client, found["serverRelativeURL"])
        schemas = document["components"]["schemas"]
        assert [field for name, schema in schemas.items() for field in silent(schema, name)] == []


async def test_older_clients_are_told_that_there_is_nothing_to_check(client: Client) -> None:
    protobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
    answer = await client.get("/openapi/v2", headers={"Accept": protobuf})
    assert (answer.content, answer.headers["content-type"]) == (b"", protobuf.replace("@", "."))
    assert (await get(client, "/openapi/v2"))["swagger"] == "2.0"
    assert (await client.get("/openapi/v3/apis/nonsense/v1")).status_code == 404


REVIEWS = {
    "may I": ("authorization.k8s.io/v1", "SelfSubjectAccessReview", {"resourceAttributes": {"verb": "get"}}),
    "who am I": ("authentication.k8s.io/v1", "SelfSubjectReview", {}),
}


@pytest.mark.parametrize(("version", "kind", "spec"), REVIEWS.values(), ids=REVIEWS)
async def test_questions_about_the_caller_are_answered(client: Client, version: str, kind: str, spec: Any) -> None:
    path = f"/apis/{version}/{kind.lower()}s"
    answer = await client.post(path, json={"apiVersion": version, "kind": kind, "spec": spec})
    assert answer.status_code == 201
    told = answer.json()
    assert told["spec"] == spec
    assert told["status"].get("allowed", True) is True
    assert kind != "SelfSubjectReview" or told["status"]["userInfo"] == {"username": "admin"}
    wrong = await client.post(path, content=json.dumps({"kind": "Other"}))
    assert wrong.status_code == 400
