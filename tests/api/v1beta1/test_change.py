"""One stream tells of everything that changes in a Project, and of nothing elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2

KARGO = "/apis/kargo.akuity.io/v1alpha1"
WAREHOUSE = {"spec": {"subscriptions": [{"image": {"repoURL": "registry.example.com/a"}}]}}
STAGE = {"spec": {"requestedFreight": [{"origin": {"kind": "Warehouse", "name": "a"}, "sources": {"direct": True}}]}}


def create(http: httpx2.Client, kind: str, project: str, rest: dict[str, Any]) -> None:
    body = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": kind, "metadata": {"name": "a"}, **rest}
    answer = http.post(f"{KARGO}/namespaces/{project}/{kind.lower()}s", json=body)
    assert answer.status_code == 201, answer.text


def events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    return (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))


def test_changes_of_every_kind_come_by_one_stream(http: httpx2.Client) -> None:
    for project in ("ours", "theirs"):
        http.post(
            f"{KARGO}/projects",
            json={"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Project", "metadata": {"name": project}},
        )
    version = http.get("/v1beta1/projects/ours/stages").json()["metadata"]["resourceVersion"]
    create(http, "Warehouse", "ours", WAREHOUSE)
    create(http, "Stage", "theirs", STAGE)
    with http.stream(
        "GET", "/v1beta1/projects/ours/changes", params={"resourceVersion": version}, timeout=10
    ) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        told = events(answer.iter_lines())
        first = next(told)
        create(http, "Stage", "ours", STAGE)
        second = next(told)
    assert [(each["type"], each["object"]["kind"]) for each in (first, second)] == [
        ("ADDED", "Warehouse"),
        ("ADDED", "Stage"),
    ]
    assert second["object"]["metadata"]["namespace"] == "ours"


def test_a_stream_that_cannot_go_on_says_so(http: httpx2.Client) -> None:
    http.post(
        f"{KARGO}/projects",
        json={"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Project", "metadata": {"name": "more"}},
    )
    with http.stream("GET", "/v1beta1/projects/more/changes", params={"resourceVersion": 10**9}, timeout=10) as answer:
        lines = list(answer.iter_lines())
    assert "event: error" in lines
    assert http.get("/v1beta1/projects/nobody/changes").status_code == 404
