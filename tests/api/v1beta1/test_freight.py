"""Freight over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from argosy.store.base import Query

from .conftest import Pipeline


def aliases(told: Any, group: str = "") -> list[str]:
    return [item["alias"] for item in told["groups"][group]["items"]]


async def test_freight_is_found_by_name_and_by_alias(pipeline: Pipeline) -> None:
    assert (await pipeline.get(f"/freight/{pipeline.old}"))["alias"] == "old-one"
    assert (await pipeline.get("/freight/old-one"))["metadata"]["name"] == pipeline.old
    told = await pipeline.get("/freight/nothing", 404)
    assert told["error"] == "Freight with name or alias 'nothing' not found in project 'demo'"


async def test_all_freight_is_told_oldest_first_and_can_be_turned_round(pipeline: Pipeline) -> None:
    told = await pipeline.get("/freight")
    assert aliases(told) == ["old-one", "new-one"]
    assert int(told["resourceVersion"]) > 0
    assert aliases(await pipeline.get("/freight", reverse="true")) == ["new-one", "old-one"]


async def test_freight_comes_in_pages(pipeline: Pipeline) -> None:
    first = await pipeline.get("/freight", limit=1, reverse="true")
    assert aliases(first) == ["new-one"]
    rest = await pipeline.get("/freight", limit=1, reverse="true", **{"continue": first["metadata"]["continue"]})
    assert (aliases(rest), "metadata" in rest) == (["old-one"], False)


async def test_freight_is_grouped_by_repository_and_ordered_by_version(pipeline: Pipeline) -> None:
    group = "registry.example.com/app"
    told = await pipeline.get("/freight", groupBy="image_repo", orderBy="tag")
    assert aliases(told, group) == ["old-one", "new-one"]
    assert (await pipeline.get("/freight", groupBy="image_repo", group="other"))["groups"] == {}
    assert (await pipeline.get("/freight", groupBy="git_repo"))["groups"] == {}


async def test_freight_of_other_warehouses_is_left_out(pipeline: Pipeline) -> None:
    assert aliases(await pipeline.get("/freight", origins=["app", "other"])) == ["old-one", "new-one"]
    assert aliases(await pipeline.get("/freight", origins="other")) == []


async def test_only_what_a_stage_may_take_is_told(pipeline: Pipeline) -> None:
    assert aliases(await pipeline.get("/freight", stage="dev")) == ["old-one", "new-one"]
    assert aliases(await pipeline.get("/freight", stage="prod")) == []
    await pipeline.verified(pipeline.old, "dev")
    told = await pipeline.get("/freight", stage="prod")
    assert (aliases(told), "resourceVersion" in told) == (["old-one"], False)
    await pipeline.get("/freight", 404, stage="nowhere")


REFUSED: dict[str, dict[str, str]] = {
    "a group without what makes groups": {"group": "a"},
    "a way to group that there is not": {"groupBy": "colour"},
    "an order that there is not": {"orderBy": "colour"},
    "versions of commits": {"groupBy": "git_repo", "orderBy": "tag"},
    "pages of groups": {"groupBy": "image_repo", "limit": "1"},
    "a token that is none": {"limit": "1", "continue": "!"},
    "a token of another list": {"limit": "1", "continue": "e30="},
}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED)
async def test_what_makes_no_sense_is_refused(pipeline: Pipeline, query: dict[str, str]) -> None:
    assert (await pipeline.get("/freight", 400, **query))["error"]


async def test_freight_gets_another_alias(pipeline: Pipeline) -> None:
    path = "/v1beta1/projects/demo/freight/old-one/alias"
    answer = await pipeline.client.patch(path, params={"newAlias": "wonky-wombat"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await pipeline.get("/freight/wonky-wombat"))["metadata"]["name"] == pipeline.old
    taken = await pipeline.client.patch(path.replace("old-one", "wonky-wombat"), params={"newAlias": "new-one"})
    assert taken.status_code == 409
    assert (await pipeline.client.patch(path.replace("old-one", "wonky-wombat"))).status_code == 400


async def test_freight_is_approved_once_with_an_event_that_names_who_did_it(pipeline: Pipeline) -> None:
    for _ in range(2):
        assert await pipeline.post("/freight/new-one/approve", stage="prod") is None
    kept = await pipeline.kept("Freight", pipeline.new)
    assert kept.data["status"]["approvedFor"]["prod"]["approvedAt"]
    events = (await pipeline.store.list(Query("Event", "demo", fields={"reason": "FreightApproved"}))).documents
    assert [event.data["message"] for event in events] == ["Freight approved for Stage 'prod' by 'admin'"]


async def test_freight_is_approved_only_for_stages_that_ask_for_it(pipeline: Pipeline) -> None:
    requested = [{"origin": {"kind": "Warehouse", "name": "other"}, "sources": {"direct": True}}]
    meta = {"name": "web", "namespace": "demo"}
    head = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Stage", "metadata": meta}
    await pipeline.store.create({**head, "spec": {"requestedFreight": requested}})
    told = await pipeline.post("/freight/new-one/approve", None, 400, stage="web")
    assert told["error"] == "Stage 'web' does not request Freight from origin 'Warehouse/app'"
    await pipeline.post("/freight/new-one/approve", None, 404, stage="nowhere")
    await pipeline.post("/freight/new-one/approve", None, 400)


async def test_freight_is_deleted_unless_a_stage_uses_it(pipeline: Pipeline) -> None:
    reference = {"name": pipeline.new, "origin": {"kind": "Warehouse", "name": "app"}}
    await pipeline.status("Stage", "dev", freightHistory=[{"id": "a", "items": {"Warehouse/app": reference}}])
    paths = {alias: f"/v1beta1/projects/demo/freight/{alias}" for alias in ("old-one", "new-one")}
    codes = {alias: (await pipeline.client.delete(path)).status_code for alias, path in paths.items()}
    assert codes == {"old-one": 204, "new-one": 403}


async def test_links_are_those_of_the_installation_and_then_those_of_the_project(pipeline: Pipeline) -> None:
    def config(kind: str, name: str, title: str, **meta: str) -> dict[str, Any]:
        link = {"title": title, "url": "https://example.com/{{ .freight.alias }}"}
        bad = {"title": "bad", "url": "https://example.com/{{ nonsense }}"}
        head = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": kind, "metadata": {"name": name, **meta}}
        return {**head, "spec": {"freightLinks": [link, bad], "stageLinks": [{"title": "x", "url": "https://a.b/"}]}}

    assert await pipeline.get("/freight/new-one/links") == {"links": []}
    await pipeline.store.create(config("ClusterConfig", "cluster", "first"))
    await pipeline.store.create(config("ProjectConfig", "demo", "second", namespace="demo"))
    told = await pipeline.get("/freight/new-one/links")
    assert [link["title"] for link in told["links"]] == ["first", "second"]
    assert told["links"][0]["url"] == "https://example.com/new-one"
    assert len(told["errors"]) == 2
    assert len((await pipeline.get("/stages/dev/links"))["links"]) == 2
