"""Watches over a real connection, event by event."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

KARGO = "/apis/kargo.akuity.io/v1alpha1"
MERGE = {"Content-Type": "application/merge-patch+json"}
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
Client = httpx2.Client


@pytest.fixture
def where(http: Client, request: pytest.FixtureRequest) -> str:
    """A namespace of its own for each test."""
    name = f"p{abs(hash(request.node.name)):x}"[:20]
    http.post("/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()
    return f"/api/v1/namespaces/{name}/configmaps"


def make(http: Client, where: str, name: str, **labels: str) -> dict[str, Any]:
    answer = http.post(where, json={"metadata": {"name": name, "labels": labels}, "data": {"a": "1"}})
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def patch(http: Client, where: str, name: str, change: dict[str, Any]) -> None:
    http.patch(f"{where}/{name}", content=json.dumps(change), headers=MERGE).raise_for_status()


@contextlib.contextmanager
def watch(http: Client, path: str, accept: str = "", **parameters: Any) -> Iterator[Iterator[dict[str, Any]]]:
    headers = {"Accept": accept} if accept else {}
    with http.stream("GET", path, params={"watch": "true", **parameters}, headers=headers, timeout=10) as answer:
        assert answer.status_code == 200, answer.read()
        yield (json.loads(line) for line in answer.iter_lines())


def short(event: dict[str, Any]) -> tuple[str, str]:
    return event["type"], event["object"]["metadata"].get("name", "")


def test_a_watch_begins_with_what_is_there_and_goes_on_with_what_happens(http: Client, where: str) -> None:
    make(http, where, "old")
    with watch(http, where) as events:
        assert short(next(events)) == ("ADDED", "old")
        new = make(http, where, "new")
        assert next(events) == {"type": "ADDED", "object": new}
        patch(http, where, "old", {"data": {"a": "2"}})
        changed = next(events)
        assert (short(changed), changed["object"]["data"]) == (("MODIFIED", "old"), {"a": "2"})
        http.delete(f"{where}/new").raise_for_status()
        assert short(next(events)) == ("DELETED", "new")


def test_a_watch_resumes_from_a_version_without_gap(http: Client, where: str) -> None:
    make(http, where, "first")
    version = http.get(where).json()["metadata"]["resourceVersion"]
    make(http, where, "second")
    http.delete(f"{where}/first").raise_for_status()
    with watch(http, where, resourceVersion=version) as events:
        assert [short(next(events)) for _ in range(2)] == [("ADDED", "second"), ("DELETED", "first")]


def test_a_document_enters_and_leaves_a_selection(http: Client, where: str) -> None:
    version = make(http, where, "moving", tier="low")["metadata"]["resourceVersion"]
    with watch(http, where, labelSelector="tier=high", resourceVersion=version) as events:
        patch(http, where, "moving", {"metadata": {"labels": {"tier": "high"}}})
        assert short(next(events)) == ("ADDED", "moving")
        patch(http, where, "moving", {"metadata": {"labels": {"tier": "low"}}})
        assert short(next(events)) == ("DELETED", "moving")


def test_one_resource_is_watched_by_name_or_by_field(http: Client, where: str) -> None:
    version = make(http, where, "other")["metadata"]["resourceVersion"]
    asked = ((f"{where}/one", {}), (where, {"fieldSelector": "metadata.name=one"}))
    with contextlib.ExitStack() as stack:
        watches = [
            stack.enter_context(watch(http, path, resourceVersion=version, **parameters)) for path, parameters in asked
        ]
        make(http, where, "another")
        make(http, where, "one")
        assert [short(next(events)) for events in watches] == [("ADDED", "one")] * 2


def test_initial_events_end_with_a_marked_bookmark(http: Client, where: str) -> None:
    make(http, where, "a")
    make(http, where, "b")
    asked = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    with watch(http, where, **asked) as events:
        assert [short(next(events)) for _ in range(2)] == [("ADDED", "a"), ("ADDED", "b")]
        end = next(events)
        assert (end["type"], end["object"]["kind"], end["object"]["apiVersion"]) == ("BOOKMARK", "ConfigMap", "v1")
        assert end["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
        make(http, where, "c")
        assert short(next(events)) == ("ADDED", "c")


def test_a_watch_without_initial_events_begins_now(http: Client, where: str) -> None:
    make(http, where, "old")
    with watch(http, where, sendInitialEvents="false", resourceVersionMatch="NotOlderThan") as events:
        make(http, where, "new")
        assert short(next(events)) == ("ADDED", "new")


def test_a_watch_of_tables_declares_the_columns_once(http: Client, where: str) -> None:
    make(http, where, "a")
    with watch(http, where, TABLE) as events:
        first = next(events)["object"]
        assert [column["name"] for column in first["columnDefinitions"]] == ["Name", "Data", "Age"]
        assert first["rows"][0]["cells"][0] == "a"
        make(http, where, "b")
        second = next(events)["object"]
        assert second["columnDefinitions"] is None
        assert second["rows"][0]["cells"][0] == "b"


def test_a_watch_ends_when_its_time_is_over(http: Client, where: str) -> None:
    make(http, where, "a")
    with watch(http, where, timeoutSeconds=1) as events:
        assert [short(event) for event in events] == [("ADDED", "a")]


def test_a_faulty_watch_is_refused_before_it_begins(http: Client, where: str) -> None:
    refused = http.get(where, params={"watch": "true", "fieldSelector": "spec.nonsense=1"})
    assert (refused.status_code, refused.json()["reason"]) == (400, "BadRequest")
    future = http.get(where, params={"watch": "true", "resourceVersion": "999999"})
    assert future.status_code == 504
