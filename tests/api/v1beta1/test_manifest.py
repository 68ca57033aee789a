"""Resources written as manifests."""

from __future__ import annotations

from typing import Any

import httpx2
import orjson
import pytest

Client = httpx2.AsyncClient
PATH = "/v1beta1/resources"
PROJECT = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Project\nmetadata: {name: demo}\n"
STAGE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev, namespace: demo}
spec: {requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {direct: true}}]}
"""
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: git, namespace: demo}\nstringData: {password: hunter2}\n"


async def send(client: Client, method: str, text: str | bytes, **query: str) -> httpx2.Response:
    return await client.request(method, PATH, content=text, headers={"Content-Type": "text/plain"}, params=query)


def results(answer: httpx2.Response, code: int) -> list[dict[str, Any]]:
    assert answer.status_code == code, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


async def test_a_project_is_made_before_what_is_in_it_and_deleted_after(client: Client) -> None:
    whole = f"{STAGE}---\n{SECRET}---\n{PROJECT}"
    made = results(await send(client, "POST", whole), 201)
    assert [each["createdResourceManifest"]["kind"] for each in made] == ["Project", "Stage", "Secret"]
    gone = results(await send(client, "DELETE", whole), 200)
    assert [each["deletedResourceManifest"]["kind"] for each in gone] == ["Stage", "Secret", "Project"]


async def test_secrets_are_told_without_their_values(client: Client) -> None:
    for method, code, query in (("POST", 201, {}), ("PUT", 200, {"upsert": "true"}), ("DELETE", 200, {})):
        answer = await send(client, method, f"{PROJECT}---\n{SECRET}", **query)
        assert answer.status_code == code
        assert "hunter2" not in answer.text
        assert "aHVudGVyMg" not in answer.text


async def test_json_is_taken_alone_and_as_a_list(client: Client) -> None:
    project = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Project", "metadata": {"name": "one"}}
    assert len(results(await send(client, "POST", orjson.dumps(project)), 201)) == 1
    both = orjson.dumps([{**project, "metadata": {"name": "two"}}, {**project, "metadata": {"name": "three"}}])
    assert len(results(await send(client, "POST", both), 201)) == 2


async def test_what_is_there_is_replaced_and_what_is_not_only_when_asked(client: Client) -> None:
    await send(client, "POST", PROJECT)
    missing = await send(client, "PUT", STAGE)
    assert (missing.status_code, missing.json()["error"]) == (404, "resource does not exist")
    (made,) = results(await send(client, "PUT", STAGE, upsert="true"), 200)
    assert "createdResourceManifest" in made
    (changed,) = results(await send(client, "PUT", STAGE.replace("name: app", "name: web"), upsert="true"), 200)
    requested = changed["updatedResourceManifest"]["spec"]["requestedFreight"]
    assert requested[0]["origin"]["name"] == "web"


async def test_nobody_overwrites_what_somebody_else_wrote_since(client: Client) -> None:
    await send(client, "POST", PROJECT)
    (made,) = results(await send(client, "POST", STAGE), 201)
    read = made["createdResourceManifest"]
    await send(client, "PUT", STAGE.replace("name: app", "name: web"))
    stale = await send(client, "PUT", orjson.dumps({**read, "spec": {**read["spec"], "shard": "a"}}))
    assert stale.status_code == 409
    assert stale.json()["advice"]


async def test_what_is_there_is_not_created_again_and_this_is_told_before_its_faults(client: Client) -> None:
    await send(client, "POST", PROJECT)
    await send(client, "POST", STAGE)
    answer = await send(client, "POST", STAGE.replace("spec:", "nonsense:"))
    assert answer.status_code == 409
    assert answer.json()["error"] == 'create resource: stages.kargo.akuity.io "dev" already exists'


async def test_of_several_each_tells_what_became_of_it(client: Client) -> None:
    made = results(await send(client, "POST", f"{PROJECT}---\n{STAGE.replace('spec:', 'spce:')}"), 201)
    assert "createdResourceManifest" in made[0]
    assert made[1]["error"].startswith("create resource: Stage 'dev' is invalid")
    assert "spce" in made[1]["error"]


async def test_the_only_one_is_refused_with_every_fault(client: Client) -> None:
    await send(client, "POST", PROJECT)
    answer = await send(client, "POST", STAGE.replace("spec:", "spec: {shard: 7}\nspce:"))
    assert answer.status_code == 422
    told = answer.json()
    assert told["reason"] == "Invalid"
    assert {each["field"] for each in told["problems"]} >= {"spec.shard", "spce"}


BAD = {
    "nothing": (b"", 400),
    "only a comment": (b"# nothing", 400),
    "no YAML": (b"a: [", 400),
    "plain text": (b"hello", 400),
    "a list of numbers": (b"[1, 2]", 400),
    "an empty list": (b"[]", 400),
    "no UTF-8": (b"\xff\xfe", 400),
    "no kind": (b"metadata: {name: a}", 422),
    "a kind that there is not": (b"{apiVersion: v1, kind: Nonsense, metadata: {name: a}}", 422),
    "a kind that is a list": (b"{apiVersion: v1, kind: [], metadata: {name: a}}", 422),
    "metadata that are none": (b"{apiVersion: v1, kind: ConfigMap, metadata: 7}", 422),
    "a namespace that is a number": (b"{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: 7}}", 422),
    "a namespace that is a list": (b"{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: [a]}}", 422),
    "a list of namespaces for a name to be made": (
        b"{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-, namespace: [a]}}",
        422,
    ),
    "a list to make a name of": (
        b"{apiVersion: v1, kind: ConfigMap, metadata: {generateName: [a], namespace: a}}",
        422,
    ),
    "a project that is not there": (STAGE.encode(), 404),
    "an alias bomb": (
        b"a: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%b]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 9)) for n in range(98, 106)),
        400,
    ),
    "more than allowed": (b"#" * (4 * 1024 * 1024 + 1), 413),
}


@pytest.mark.parametrize(("text", "code"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_bad_manifests_are_refused(client: Client, method: str, text: bytes, code: int) -> None:
    answer = await send(client, method, text, **({"upsert": "true"} if method == "PUT" else {}))
    assert answer.status_code == code, answer.text
    assert answer.json()["error"]


async def test_what_is_not_there_cannot_be_deleted(client: Client) -> None:
    answer = await send(client, "DELETE", PROJECT)
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        'delete resource: projects.kargo.akuity.io "demo" not found',
    )


async def test_names_are_made_where_they_are_asked_for(client: Client) -> None:
    await send(client, "POST", PROJECT)
    text = "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-, namespace: demo}}"
    (made,) = results(await send(client, "POST", text), 201)
    assert made["createdResourceManifest"]["metadata"]["name"].startswith("a-")
