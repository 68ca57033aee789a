"""The protocol in detail, without a network."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from argosy.testing.clock import FakeClock

STAGES = "/apis/kargo.akuity.io/v1alpha1/namespaces/demo/stages"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
Client = httpx2.AsyncClient


def stage(name: str, **meta: Any) -> dict[str, Any]:
    origin = {"kind": "Warehouse", "name": "app"}
    return {
        "metadata": {"name": name, **meta},
        "spec": {"requestedFreight": [{"origin": origin, "sources": {"direct": True}}]},
    }


@pytest.fixture(autouse=True)
async def project(client: Client) -> None:
    answer = await client.post("/apis/kargo.akuity.io/v1alpha1/projects", json={"metadata": {"name": "demo"}})
    assert answer.status_code == 201


async def made(client: Client, name: str, **meta: Any) -> dict[str, Any]:
    answer = await client.post(STAGES, json=stage(name, **meta))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def told(answer: httpx2.Response) -> tuple[int, str]:
    """Code and reason of a Status, whose form is checked."""
    status = answer.json()
    assert (status["kind"], status["apiVersion"], status["status"]) == ("Status", "v1", "Failure")
    assert status["code"] == answer.status_code
    assert status["message"]
    return status["code"], status["reason"]


async def test_a_created_resource_has_what_the_path_says_and_what_the_server_gives(client: Client) -> None:
    created = await made(client, "dev")
    assert (created["apiVersion"], created["kind"]) == ("kargo.akuity.io/v1alpha1", "Stage")
    assert created["metadata"]["namespace"] == "demo"
    assert created["metadata"]["generation"] == 1
    assert (await client.get(f"{STAGES}/dev")).json() == created


async def test_yaml_is_read_too(client: Client) -> None:
    spec = "spec: {requestedFreight: [{origin: {kind: Warehouse, name: a}, sources: {direct: true}}]}"
    text = f"metadata: {{name: dev}}\n{spec}\n"
    answer = await client.post(STAGES, content=text, headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 201
    broken = await client.post(STAGES, content="a: [", headers={"Content-Type": "application/yaml"})
    assert told(broken) == (422, "Invalid")


DEEP = b'{"spec":' * 200 + b"1" + b"}" * 200
BAD_BODIES = {
    "no JSON": (b"{nonsense", "application/json", 400, "BadRequest"),
    "nothing": (b"", "application/json", 400, "BadRequest"),
    "not an object": (b"[1]", "application/json", 400, "BadRequest"),
    "metadata that is no object": (b'{"metadata":7}', "application/json", 400, "BadRequest"),
    "nested too deeply": (DEEP, "application/json", 400, "BadRequest"),
    "nested beyond all parsers": (b"[" * 100_000, "application/json", 400, "BadRequest"),
    "half a character": (b'{"metadata":{"name":"\\ud800"}}', "application/json", 400, "BadRequest"),
    "larger than allowed": (b" " * (8 * 1024 * 1024 + 1), "application/json", 413, "RequestEntityTooLarge"),
    "an unknown media type": (b"{}", "text/html", 415, "UnsupportedMediaType"),
    "another kind": (b'{"kind":"Warehouse","metadata":{"name":"a"}}', "application/json", 400, "BadRequest"),
    "another version": (b'{"apiVersion":"v1","metadata":{"name":"a"}}', "application/json", 400, "BadRequest"),
    "another namespace": (b'{"metadata":{"name":"a","namespace":"b"}}', "application/json", 400, "BadRequest"),
    "no name": (b'{"spec":{}}', "application/json", 422, "Invalid"),
    "a name that is no text": (b'{"metadata":{"name":{}},"spec":{}}', "application/json", 422, "Invalid"),
    "an alias bomb": (
        b"a: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%b]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 9)) for n in range(98, 106)),
        "application/yaml",
        422,
        "Invalid",
    ),
}


@pytest.mark.parametrize(("body", "type_", "code", "reason"), BAD_BODIES.values(), ids=BAD_BODIES)
async def test_bad_bodies_are_refused(client: Client, body: bytes, type_: str, code: int, reason: str) -> None:
    answer = await client.post(STAGES, content=body, headers={"Content-Type": type_})
    assert told(answer) == (code, reason)
    assert (await client.get(STAGES)).json()["items"] == []


async def test_a_body_without_announced_length_is_bounded_too(client: Client) -> None:
    async def endless() -> Any:
        while True:
            yield b" " * 1024 * 1024

    answer = await client.post(STAGES, content=endless(), headers={"Content-Type": "application/json"})
    assert told(answer) == (413, "RequestEntityTooLarge")


async def test_every_fault_is_named_with_its_field(client: Client) -> None:
    body = stage("dev")
    body["spec"]["shard"] = 7
    body["spec"]["nonsense"] = 1
    answer = await client.post(STAGES, json=body)
    assert told(answer) == (422, "Invalid")
    details = answer.json()["details"]
    assert (details["name"], details["group"], details["kind"]) == ("dev", "kargo.akuity.io", "Stage")
    assert {cause["field"] for cause in details["causes"]} == {"spec.shard", "spec.nonsense"}


REFUSED = {
    "a path without a kind": ("GET", "/apis/kargo.akuity.io/v1alpha1/nonsense", 404, "NotFound"),
    "a group that is not served": ("GET", "/apis/apps/v1/deployments", 404, "NotFound"),
    "a namespaced name without namespace": ("GET", "/apis/kargo.akuity.io/v1alpha1/stages/dev", 404, "NotFound"),
    "a cluster-scoped kind in a namespace": (
        "GET",
        "/apis/kargo.akuity.io/v1alpha1/namespaces/demo/projects",
        404,
        "NotFound",
    ),
    "a status that the kind does not have": ("GET", "/api/v1/namespaces/demo/secrets/a/status", 404, "NotFound"),
    "a path that climbs": ("GET", f"{STAGES}/%2e%2e/%2e%2e/secrets", 404, "NotFound"),
    "a path that is too long": ("GET", f"{STAGES}/dev/status/more", 404, "NotFound"),
    "nowhere": ("GET", "/nowhere", 404, "NotFound"),
    "a name that is not there": ("GET", f"{STAGES}/dev", 404, "NotFound"),
    "creating where a name stands": ("POST", f"{STAGES}/dev", 405, "MethodNotAllowed"),
    "creating in all namespaces": ("POST", "/apis/kargo.akuity.io/v1alpha1/stages", 405, "MethodNotAllowed"),
    "replacing a whole collection": ("PUT", STAGES, 405, "MethodNotAllowed"),
    "writing discovery": ("POST", "/apis", 405, "MethodNotAllowed"),
    "a limit that is no number": ("GET", f"{STAGES}?limit=many", 400, "BadRequest"),
    "a negative limit": ("GET", f"{STAGES}?limit=-1", 400, "BadRequest"),
    "a version that is no number": ("GET", f"{STAGES}?resourceVersion=x", 400, "BadRequest"),
    "a token that is not ours": ("GET", f"{STAGES}?continue=x", 400, "BadRequest"),
    "a strange form of a table's rows": ("GET", f"{STAGES}?includeObject=Some", 400, "BadRequest"),
    "a strange dry run": ("DELETE", f"{STAGES}/dev?dryRun=Some", 400, "BadRequest"),
    "a strange propagation policy": ("DELETE", f"{STAGES}/dev?propagationPolicy=Up", 400, "BadRequest"),
    "a version that is yet to come": ("GET", f"{STAGES}?resourceVersion=99999", 504, "Timeout"),
    "a match without a version": ("GET", f"{STAGES}?resourceVersionMatch=Exact", 422, "Invalid"),
    "a match of zero": ("GET", f"{STAGES}?resourceVersionMatch=Exact&resourceVersion=0", 422, "Invalid"),
    "initial events of a list": ("GET", f"{STAGES}?sendInitialEvents=true", 422, "Invalid"),
    "initial events without a match": ("GET", f"{STAGES}?watch=1&sendInitialEvents=true", 422, "Invalid"),
    "a gone version": ("GET", f"{STAGES}?resourceVersion=1&resourceVersionMatch=Exact", 410, "Expired"),
    "far too many parameters": ("GET", f"{STAGES}?{'&'.join(['a=b'] * 200)}", 400, "BadRequest"),
}


@pytest.mark.parametrize(("method", "url", "code", "reason"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_served_is_told(client: Client, method: str, url: str, code: int, reason: str) -> None:
    answer = await client.request(method, url)
    assert told(answer) == (code, reason)
    assert (code != 405) or answer.headers["allow"]


async def test_a_form_that_is_not_served_is_not_acceptable(client: Client) -> None:
    answer = await client.get(STAGES, headers={"Accept": "application/vnd.kubernetes.protobuf"})
    assert told(answer) == (406, "NotAcceptable")
    mixed = await client.get(STAGES, headers={"Accept": "application/vnd.kubernetes.protobuf,application/json"})
    assert mixed.headers["content-type"] == "application/json"


async def test_pages_follow_each_other_and_agree_on_the_version(client: Client) -> None:
    for name in ("a", "b", "c"):
        await made(client, name)
    first = (await client.get(STAGES, params={"limit": 2})).json()
    await made(client, "d")
    second = (await client.get(STAGES, params={"limit": 2, "continue": first["metadata"]["continue"]})).json()
    names = [item["metadata"]["name"] for page in (first, second) for item in page["items"]]
    assert names == ["a", "b", "c"]
    assert first["kind"] == "StageList"
    assert second["metadata"] == {"resourceVersion": first["metadata"]["resourceVersion"]}


async def test_a_list_may_ask_for_the_version_it_knows(client: Client) -> None:
    await made(client, "a")
    version = (await client.get(STAGES)).json()["metadata"]["resourceVersion"]
    for match in ("Exact", "NotOlderThan"):
        answer = await client.get(STAGES, params={"resourceVersion": version, "resourceVersionMatch": match})
        assert [item["metadata"]["name"] for item in answer.json()["items"]] == ["a"]


async def test_a_table_has_columns_cells_and_the_metadata_of_each_row(client: Client, clock: FakeClock) -> None:
    created = await made(client, "dev")
    await clock.advance(300)
    table = (await client.get(STAGES, headers={"Accept": TABLE})).json()
    assert (table["kind"], table["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    names = [column["name"] for column in table["columnDefinitions"]]
    assert (names[0], names[-1]) == ("Name", "Age")
    (row,) = table["rows"]
    assert dict(zip(names, row["cells"], strict=True))["Age"] == "5m"
    assert row["object"]["kind"] == "PartialObjectMetadata"
    assert row["object"]["metadata"] == created["metadata"]
    whole = (await client.get(STAGES, params={"includeObject": "Object"}, headers={"Accept": TABLE})).json()
    assert whole["rows"][0]["object"] == created
    bare = (await client.get(f"{STAGES}/dev?includeObject=None", headers={"Accept": TABLE})).json()
    assert "object" not in bare["rows"][0]


async def test_only_metadata_when_asked(client: Client) -> None:
    created = await made(client, "dev")
    accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    found = (await client.get(STAGES, headers={"Accept": accept})).json()
    assert found["kind"] == "PartialObjectMetadataList"
    assert found["items"][0]["metadata"] == created["metadata"]
    assert "spec" not in found["items"][0]


async def test_a_stale_version_is_a_conflict_with_advice(client: Client) -> None:
    old = await made(client, "dev")
    old["spec"]["shard"] = "s1"
    assert (await client.put(f"{STAGES}/dev", json=old)).status_code == 200
    late = await client.put(f"{STAGES}/dev", json=old)
    assert told(late) == (409, "Conflict")
    assert "Read it again" in late.json()["message"]
    assert late.json()["details"] == {"name": "dev", "group": "kargo.akuity.io", "kind": "stages"}


async def test_status_is_written_apart_from_the_rest(client: Client) -> None:
    document = await made(client, "dev")
    document["status"] = {"lastHandledRefresh": "now"}
    document["spec"]["shard"] = "ignored"
    put = (await client.put(f"{STAGES}/dev/status", json=document)).json()
    assert put["status"] == {"lastHandledRefresh": "now"}
    assert "shard" not in put["spec"]
    merge = {"Content-Type": "application/merge-patch+json"}
    patched = await client.patch(
        f"{STAGES}/dev/status", content=json.dumps({"status": {"lastHandledRefresh": "later"}}), headers=merge
    )
    assert patched.json()["status"] == {"lastHandledRefresh": "later"}
    assert (await client.get(f"{STAGES}/dev/status")).json() == patched.json()
    ignored = await client.patch(f"{STAGES}/dev", content='{"status":{"lastHandledRefresh":"never"}}', headers=merge)
    assert ignored.json()["status"] == {"lastHandledRefresh": "later"}


PATCH_TYPES = {
    "merge": ("application/merge-patch+json", {"spec": {"shard": "s1"}}, 200),
    "merge with parameters": ("application/merge-patch+json; charset=utf-8", {"spec": {"shard": "s1"}}, 200),
    "JSON": ("application/json-patch+json", [{"op": "add", "path": "/spec/shard", "value": "s1"}], 200),
    "strategic": ("application/strategic-merge-patch+json", {"spec": {"shard": "s1"}}, 415),
    "server-side apply by nobody": ("application/apply-patch+yaml", {"spec": {"shard": "s1"}}, 422),
    "server-side apply as CBOR": ("application/apply-patch+cbor", {"spec": {"shard": "s1"}}, 415),
    "none": ("application/json", {"spec": {"shard": "s1"}}, 415),
}


APPLIED = {
    "JSON with escapes that YAML has not": rb'{"spec": {"vars": [{"name": "v", "value": "\ud83d\ude00 \/"}]}}',
    "YAML in one line": '{spec: {vars: [{name: v, value: "\U0001f600 /"}]}}'.encode(),
    "YAML": "spec:\n  vars:\n  - name: v\n    value: \U0001f600 /\n".encode(),
}


@pytest.mark.parametrize("body", APPLIED.values(), ids=APPLIED)
async def test_what_is_applied_may_be_json_or_yaml(client: Client, body: bytes) -> None:
    await made(client, "dev")
    headers = {"Content-Type": "application/apply-patch+yaml"}
    asked = {"fieldManager": "me", "force": "true"}
    answer = await client.patch(f"{STAGES}/dev", params=asked, content=body, headers=headers)
    assert answer.json()["spec"]["vars"] == [{"name": "v", "value": "\U0001f600 /"}]


@pytest.mark.parametrize(("type_", "patch", "code"), PATCH_TYPES.values(), ids=PATCH_TYPES)
async def test_patch_types(client: Client, type_: str, patch: Any, code: int) -> None:
    await made(client, "dev")
    answer = await client.patch(f"{STAGES}/dev", content=json.dumps(patch), headers={"Content-Type": type_})
    assert answer.status_code == code
    shard = (await client.get(f"{STAGES}/dev")).json()["spec"].get("shard")
    assert shard == ("s1" if code == 200 else None)


MOVES = {
    "another name": [{"op": "replace", "path": "/metadata/name", "value": "prod"}],
    "another namespace": [{"op": "replace", "path": "/metadata/namespace", "value": "default"}],
    "another kind": [{"op": "replace", "path": "/kind", "value": "Promotion"}],
}


@pytest.mark.parametrize("patch", MOVES.values(), ids=MOVES)
async def test_a_patch_writes_no_other_resource(client: Client, patch: list[dict[str, str]]) -> None:
    await made(client, "dev")
    await made(client, "prod")
    before = (await client.get(f"{STAGES}/prod")).json()
    marks = [{"op": "remove", "path": f"/metadata/{field}"} for field in ("uid", "resourceVersion")]
    change = {"op": "add", "path": "/spec/shard", "value": "taken"}
    headers = {"Content-Type": "application/json-patch+json"}
    answer = await client.patch(f"{STAGES}/dev", content=json.dumps([*patch, *marks, change]), headers=headers)
    assert told(answer) == (422, "Invalid")
    assert (await client.get(f"{STAGES}/prod")).json() == before


async def test_unknown_fields_that_are_there_already_survive_warnings(client: Client) -> None:
    await made(client, "dev")
    merge = {"Content-Type": "application/merge-patch+json"}
    patch = '{"spec":{"shard":"s1","new":1}}'
    warned = await client.patch(f"{STAGES}/dev?fieldValidation=Warn", content=patch, headers=merge)
    assert warned.headers["warning"] == '299 - "unknown field \\"spec.new\\""'
    assert warned.json()["spec"]["shard"] == "s1"
    strict = await client.patch(f"{STAGES}/dev", content=patch, headers=merge)
    assert told(strict) == (422, "Invalid")
    strange = await client.patch(f"{STAGES}/dev?fieldValidation=Lax", content=patch, headers=merge)
    assert told(strange) == (400, "BadRequest")


async def test_a_deletion_compares_what_it_is_told_to(client: Client) -> None:
    created = await made(client, "dev")
    for wrong in ({"uid": "other"}, {"resourceVersion": "1"}):
        refused = await client.request("DELETE", f"{STAGES}/dev", json={"preconditions": wrong})
        assert told(refused) == (409, "Conflict")
    dry = await client.request("DELETE", f"{STAGES}/dev", json={"dryRun": ["All"]})
    assert dry.status_code == 200
    right = {"uid": created["metadata"]["uid"], "resourceVersion": created["metadata"]["resourceVersion"]}
    gone = (await client.request("DELETE", f"{STAGES}/dev", json={"preconditions": right})).json()
    assert (gone["kind"], gone["status"], gone["details"]["uid"]) == ("Status", "Success", right["uid"])
    assert told(await client.get(f"{STAGES}/dev")) == (404, "NotFound")


BAD_OPTIONS = [
    {"preconditions": 7},
    {"preconditions": {"uid": 7}},
    {"dryRun": "All"},
    {"propagationPolicy": ["Orphan"]},
]


@pytest.mark.parametrize("options", BAD_OPTIONS, ids=str)
async def test_wrong_delete_options_are_refused(client: Client, options: Any) -> None:
    await made(client, "dev")
    assert told(await client.request("DELETE", f"{STAGES}/dev", json=options)) == (400, "BadRequest")
    assert (await client.get(f"{STAGES}/dev")).status_code == 200


async def test_what_is_held_by_a_finalizer_is_given_back_as_it_is(client: Client) -> None:
    await made(client, "dev", finalizers=["example.com/hold"])
    held = (await client.delete(f"{STAGES}/dev")).json()
    assert held["kind"] == "Stage"
    assert held["metadata"]["deletionTimestamp"]


async def test_a_collection_is_deleted_by_its_labels(client: Client) -> None:
    for name, tier in (("a", "x"), ("b", "y"), ("c", "x")):
        await made(client, name, labels={"tier": tier})
    gone = (await client.delete(STAGES, params={"labelSelector": "tier=x"})).json()
    assert [item["metadata"]["name"] for item in gone["items"]] == ["a", "c"]
    left = (await client.get(STAGES)).json()
    assert [item["metadata"]["name"] for item in left["items"]] == ["b"]


async def test_all_namespaces_are_listed_together(client: Client) -> None:
    await client.post("/apis/kargo.akuity.io/v1alpha1/projects", json={"metadata": {"name": "other"}})
    await made(client, "dev")
    await client.post(STAGES.replace("demo", "other"), json=stage("dev"))
    listed = (await client.get("/apis/kargo.akuity.io/v1alpha1/stages")).json()
    assert [item["metadata"]["namespace"] for item in listed["items"]] == ["demo", "other"]
