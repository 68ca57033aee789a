"""Changes as streams of events, over a real connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import orjson
import pytest

from .conftest import KARGO, stage

STAGES = "/v1beta1/projects/demo/stages"


@pytest.fixture(scope="module", autouse=True)
def project(http: httpx2.Client) -> None:
    head = {"apiVersion": KARGO, "kind": "Project", "metadata": {"name": "demo"}}
    for document in (head, stage("dev"), stage("prod", "dev")):
        answer = http.post("/v1beta1/resources", json=document)
        assert answer.status_code == 201, answer.text


@contextmanager
def events(http: httpx2.Client, path: str, **query: Any) -> Iterator[Iterator[Any]]:
    """What a watch tells, one event at a time: the values of `data:`, and `error` with them for errors."""
    with http.stream("GET", path, params={"watch": "true", **query}) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
        yield _read(answer.iter_lines())


def _read(lines: Iterator[str]) -> Iterator[Any]:
    is_error = False
    for line in lines:
        if line == "event: error":
            is_error = True
        elif line.startswith("data: "):
            value = orjson.loads(line.removeprefix("data: "))
            yield {"error": value} if is_error else value


def refresh(http: httpx2.Client, name: str) -> None:
    assert http.post(f"{STAGES}/{name}/refresh").status_code == 200


def told(event: Any) -> tuple[str, str]:
    return event["type"], event["object"]["metadata"]["name"]


def test_a_watch_begins_with_what_is_there_and_goes_on_with_changes(http: httpx2.Client) -> None:
    with events(http, STAGES) as stream:
        assert [told(next(stream)), told(next(stream))] == [("ADDED", "dev"), ("ADDED", "prod")]
        refresh(http, "prod")
        assert told(next(stream)) == ("MODIFIED", "prod")


def test_a_watch_goes_on_from_a_list(http: httpx2.Client) -> None:
    version = http.get(STAGES).json()["metadata"]["resourceVersion"]
    refresh(http, "dev")
    with events(http, STAGES, resourceVersion=version) as stream:
        assert told(next(stream)) == ("MODIFIED", "dev")


def test_one_resource_is_watched_alone(http: httpx2.Client) -> None:
    with events(http, f"{STAGES}/prod") as stream:
        assert told(next(stream)) == ("ADDED", "prod")
        refresh(http, "dev")
        refresh(http, "prod")
        assert told(next(stream)) == ("MODIFIED", "prod")


def test_what_is_not_wanted_is_told_as_deleted_when_it_changes(http: httpx2.Client) -> None:
    with events(http, STAGES, freightOrigins="other") as stream:
        refresh(http, "dev")
        assert told(next(stream)) == ("DELETED", "dev")


def test_a_version_that_is_yet_to_come_is_told_as_kargo_does(http: httpx2.Client) -> None:
    with events(http, STAGES, resourceVersion=1 << 40) as stream:
        error = next(stream)["error"]
        assert error["code"] == "out_of_range"
        assert error["message"].startswith("watch resource version expired: ")
        assert next(stream, None) is None


def test_nothing_is_streamed_of_what_is_not_there(http: httpx2.Client) -> None:
    assert http.get(f"{STAGES}/nowhere", params={"watch": "true"}).status_code == 404
    assert http.get(STAGES, params={"watch": "true", "resourceVersion": "x"}).status_code == 400


def test_whoever_is_not_known_gets_an_error_in_the_form_of_kargo(http: httpx2.Client) -> None:
    for header in ({"Authorization": ""}, {"Authorization": "Bearer forged"}, {"Authorization": "Basic YTpi"}):
        answer = http.get(STAGES, headers=header)
        assert answer.status_code == 401
        assert answer.json()["error"]


def test_the_log_of_a_promotion_is_text(http: httpx2.Client) -> None:
    image = {"repoURL": "registry.example.com/app", "tag": "1.0.0", "digest": "sha256:1"}
    meta = {"name": "app", "namespace": "demo"}
    subscription = {"image": {"repoURL": "registry.example.com/app"}}
    warehouse = {"apiVersion": KARGO, "kind": "Warehouse", "metadata": meta, "spec": {"subscriptions": [subscription]}}
    origin = {"kind": "Warehouse", "name": "app"}
    freight = {"apiVersion": KARGO, "kind": "Freight", "metadata": meta, "origin": origin, "images": [image]}
    for document in (warehouse, {**freight, "alias": "some-freight"}):
        assert http.post("/v1beta1/resources", json=document).status_code == 201
    made = http.post(f"{STAGES}/dev/promotions", json={"freightAlias": "some-freight"}).json()
    answer = http.get(f"/v1beta1/projects/demo/promotions/{made['metadata']['name']}/log")
    assert (answer.status_code, answer.headers["content-type"], answer.text) == (200, "text/plain; charset=utf-8", "")
