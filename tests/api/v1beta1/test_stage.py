"""Stages over HTTP."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

Client = httpx2.AsyncClient
STAGES = "/v1beta1/projects/demo/stages"


def stage(name: str, warehouse: str = "app") -> dict[str, Any]:
    origin = {"kind": "Warehouse", "name": warehouse}
    return {"metadata": {"name": name}, "spec": {"requestedFreight": [{"origin": origin, "sources": {"direct": True}}]}}


@pytest.fixture(autouse=True)
async def project(client: Client) -> None:
    for path, body in {
        "projects": {"metadata": {"name": "demo"}},
        "namespaces/demo/stages": stage("dev"),
        "namespaces/demo//stages": stage("web", "web"),
    }.items():
        answer = await client.post(f"/apis/kargo.akuity.io/v1alpha1/{path.replace('//', '/')}", json=body)
        assert answer.status_code == 201, answer.text


async def test_stages_are_listed_and_those_of_a_warehouse_found(client: Client) -> None:
    whole = (await client.get(STAGES)).json()
    assert [item["metadata"]["name"] for item in whole["items"]] == ["dev", "web"]
    assert whole["kind"] == "StageList"
    found = (await client.get(STAGES, params={"freightOrigins": ["web", "other"]})).json()
    assert [item["metadata"]["name"] for item in found["items"]] == ["web"]


async def test_a_list_comes_in_pages(client: Client) -> None:
    first = (await client.get(STAGES, params={"limit": 1})).json()
    rest = (await client.get(STAGES, params={"limit": 1, "continue": first["metadata"]["continue"]})).json()
    assert [first["items"][0]["metadata"]["name"], rest["items"][0]["metadata"]["name"]] == ["dev", "web"]
    assert "continue" not in rest["metadata"]


async def test_a_stage_is_read_refreshed_and_deleted(client: Client) -> None:
    assert (await client.get(f"{STAGES}/dev")).json()["metadata"]["name"] == "dev"
    assert (await client.post(f"{STAGES}/dev/refresh")).status_code == 200
    marks = (await client.get(f"{STAGES}/dev")).json()["metadata"]["annotations"]
    assert marks["kargo.akuity.io/refresh"]
    gone = await client.delete(f"{STAGES}/dev")
    assert (gone.status_code, gone.content) == (204, b"")
    answer = await client.get(f"{STAGES}/dev")
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        "stages.kargo.akuity.io \"dev\" not found in namespace 'demo'",
    )


BAD = {
    "a project that is not there": ("GET", "/v1beta1/projects/other/stages", 404),
    "a limit that is no number": ("GET", f"{STAGES}?limit=many", 400),
    "a negative limit": ("GET", f"{STAGES}?limit=-1", 400),
    "a token that is none": ("GET", f"{STAGES}?limit=1&continue=x", 400),
    "a selector that is none": ("GET", f"{STAGES}?labelSelector=((", 400),
    "a field that is not indexed": ("GET", f"{STAGES}?fieldSelector=spec.nonsense=1", 400),
    "a method that is not served": ("PATCH", STAGES, 405),
    "an operation that is none": ("GET", "/v1beta1/nonsense", 404),
    "a name that climbs": ("GET", f"{STAGES}/%2e%2e%2f%2e%2e%2fsecrets", 404),
    "a name that ends a text": ("GET", f"{STAGES}/dev%00", 404),
    "a name of other lines": ("GET", f"{STAGES}/dev%0d%0aX-Evil:%201", 404),
    "a name that is a page": ("GET", f"{STAGES}/%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404),
    "a very long name": ("GET", f"{STAGES}/{'a' * 5000}", 404),
    "half a character": ("GET", f"{STAGES}/%ff", 404),
    "a stage of another project": ("GET", "/v1beta1/projects/other/stages/dev", 404),
}


@pytest.mark.parametrize(("method", "path", "code"), BAD.values(), ids=BAD)
async def test_bad_requests_are_told_in_the_form_of_kargo(client: Client, method: str, path: str, code: int) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == code, answer.text
    assert answer.json()["error"]
    assert answer.headers["content-type"] == "application/json"
    assert "x-evil" not in answer.headers
