"""ConfigMaps and credentials over HTTP, in each of their places."""

from __future__ import annotations

import base64
from typing import Any

import httpx2
import pytest

from argosy.resources.meta import Key
from argosy.store.base import Store

Client = httpx2.AsyncClient
HIDDEN = "*** REDACTED ***"
PLACES = {
    "/v1beta1/projects/demo": "demo",
    "/v1beta1/shared": "kargo-shared-resources",
    "/v1beta1/system": "kargo-system-resources",
}


@pytest.fixture(autouse=True)
async def namespaces(store: Store) -> None:
    await store.create({"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Project", "metadata": {"name": "demo"}})
    for name in list(PLACES.values())[1:]:
        await store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


async def call(client: Client, method: str, path: str, body: Any = None, code: int = 200) -> Any:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == code, answer.text
    return answer.json() if answer.content else None


@pytest.mark.parametrize(("place", "namespace"), PLACES.items())
async def test_a_config_map_lives_in_every_place(client: Client, store: Store, place: str, namespace: str) -> None:
    path = f"{place}/configmaps"
    body = {"name": "one", "description": "First.", "replicate": True, "data": {"a": "1"}}
    made = await call(client, "POST", path, body, 201)
    assert made["metadata"]["namespace"] == namespace
    marks = {"kargo.akuity.io/description": "First.", "kargo.akuity.io/replicate-to": "*"}
    assert made["metadata"]["annotations"] == marks
    assert await call(client, "GET", f"{path}/one") == made
    changed = await call(client, "PATCH", f"{path}/one", {"data": {"b": "2"}, "removeKeys": ["a"], "description": ""})
    assert changed["data"] == {"b": "2"}
    assert changed["metadata"]["annotations"] == {"kargo.akuity.io/replicate-to": "*"}
    replaced = await call(client, "PUT", f"{path}/one", {"data": {"c": "3"}})
    assert (replaced["data"], replaced["metadata"].get("annotations")) == ({"c": "3"}, None)
    assert [item["metadata"]["name"] for item in (await call(client, "GET", path))["items"]] == ["one"]
    await call(client, "DELETE", f"{path}/one", code=204)
    await call(client, "GET", f"{path}/one", code=404)


async def test_config_maps_are_refused_when_they_say_nothing(client: Client) -> None:
    path = "/v1beta1/projects/demo/configmaps"
    for body, error in (
        ({"data": {"a": "1"}}, "name should not be empty"),
        ({"name": "one"}, "ConfigMap data cannot be empty"),
        ({"name": "one", "data": {}}, "ConfigMap data cannot be empty"),
    ):
        assert (await call(client, "POST", path, body, 400))["error"] == error
    await call(client, "POST", path, {"name": "one", "data": {"a": "1"}}, 201)
    await call(client, "POST", path, {"name": "one", "data": {"a": "1"}}, 409)
    await call(client, "PATCH", f"{path}/one", {"removeKeys": ["a"]}, 400)
    await call(client, "PUT", f"{path}/one", {}, 400)
    await call(client, "PUT", f"{path}/two", {"data": {"a": "1"}}, 404)
    await call(client, "POST", path, {"name": "No Name", "data": {"a": "1"}}, 422)


REPOSITORY = {"name": "git", "type": "git", "repoUrl": "https://git.example.com/a", "username": "me", "password": "pw"}


@pytest.mark.parametrize("place", list(PLACES)[:2])
async def test_credentials_of_repositories_show_where_they_lead_and_no_password(
    client: Client, store: Store, place: str
) -> None:
    path = f"{place}/repo-credentials"
    made = await call(client, "POST", path, {**REPOSITORY, "description": "Ours.", "repoUrlIsRegex": True}, 201)
    shown = {"repoURL": REPOSITORY["repoUrl"], "repoURLIsRegex": "true", "username": "me", "password": HIDDEN}
    assert made["stringData"] == shown
    assert "data" not in made
    assert made["metadata"]["labels"] == {"kargo.akuity.io/cred-type": "git"}
    assert made["metadata"]["annotations"] == {"kargo.akuity.io/description": "Ours."}
    assert (await call(client, "GET", f"{path}/git"))["stringData"] == shown
    kept = await store.get(Key("Secret", PLACES[place], "git"))
    assert kept.data["data"]["password"] == base64.b64encode(b"pw").decode()
    patched = await call(client, "PATCH", f"{path}/git", {"repoUrl": "https://b", "password": "new", "type": "helm"})
    assert patched["stringData"] == {"repoURL": "https://b", "username": "me", "password": HIDDEN}
    assert patched["metadata"]["labels"] == {"kargo.akuity.io/cred-type": "helm"}
    body = {key: value for key, value in REPOSITORY.items() if key != "name"}
    replaced = await call(client, "PUT", f"{path}/git", body)
    assert "annotations" not in replaced["metadata"]
    listed = await call(client, "GET", path)
    assert [item["stringData"]["password"] for item in listed["items"]] == [HIDDEN]
    await call(client, "DELETE", f"{path}/git", code=204)


@pytest.mark.parametrize("place", PLACES)
async def test_other_secrets_show_no_value(client: Client, place: str) -> None:
    path = f"{place}/generic-credentials"
    body = {"name": "some", "description": "Ours.", "data": {"token": "abc", "user": "me"}}
    made = await call(client, "POST", path, body, 201)
    assert made["stringData"] == {"token": HIDDEN, "user": HIDDEN}
    assert made["type"] == "Opaque"
    patched = await call(client, "PATCH", f"{path}/some", {"data": {"more": "x"}, "removeKeys": ["user"]})
    assert patched["stringData"] == {"token": HIDDEN, "more": HIDDEN}
    replaced = await call(client, "PUT", f"{path}/some", {"data": {"token": "", "new": "x"}, "replicate": True})
    assert replaced["stringData"] == {"token": HIDDEN, "new": HIDDEN}
    assert replaced["metadata"]["annotations"] == {"kargo.akuity.io/replicate-to": "*"}
    assert len((await call(client, "GET", path))["items"]) == 1
    await call(client, "PATCH", f"{path}/some", {"removeKeys": ["token", "new"]}, 400)
    await call(client, "DELETE", f"{path}/some", code=204)


async def test_every_fault_of_credentials_is_told_and_no_password(client: Client) -> None:
    body = {"name": "git", "type": "ftp", "password": "hunter2", "passwort": "hunter2"}
    told = await call(client, "POST", "/v1beta1/projects/demo/repo-credentials", body, 400)
    assert "hunter2" not in str(told)
    del body["passwort"]
    told = await call(client, "POST", "/v1beta1/projects/demo/repo-credentials", body, 400)
    assert {each["field"] for each in told["problems"]} == {"repoUrl", "username", "type"}
    assert "hunter2" not in str(told)


async def test_each_kind_of_credentials_is_read_only_as_what_it_is(client: Client, store: Store) -> None:
    await call(client, "POST", "/v1beta1/projects/demo/repo-credentials", REPOSITORY, 201)
    body = {"name": "some", "data": {"a": "b"}}
    await call(client, "POST", "/v1beta1/projects/demo/generic-credentials", body, 201)
    meta = {"name": "plain", "namespace": "demo", "annotations": {"applied": "everything"}}
    await store.create({"apiVersion": "v1", "kind": "Secret", "metadata": meta})
    for path in ("generic-credentials/git", "repo-credentials/some", "repo-credentials/plain"):
        assert "labeled" in (await call(client, "GET", f"/v1beta1/projects/demo/{path}", code=409))["error"]
        await call(client, "DELETE", f"/v1beta1/projects/demo/{path}", code=409)


async def test_annotations_of_credentials_are_crossed_out(client: Client, store: Store) -> None:
    labels = {"kargo.akuity.io/cred-type": "git"}
    meta = {"name": "git", "namespace": "demo", "labels": labels, "annotations": {"applied": "hunter2"}}
    await store.create({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": {"password": "hunter2"}})
    told = await call(client, "GET", "/v1beta1/projects/demo/repo-credentials/git")
    assert told["metadata"]["annotations"] == {"applied": HIDDEN}
    assert "hunter2" not in str(told)
