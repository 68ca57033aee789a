"""Promoting over HTTP, and what is known of Promotions."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Pipeline, freight, of

PROMOTE = "/stages/dev/promotions"


async def test_freight_is_promoted_by_name_by_alias_and_by_origin(pipeline: Pipeline) -> None:
    by_name = await pipeline.post(PROMOTE, {"freight": pipeline.old}, 201)
    by_alias = await pipeline.post(PROMOTE, {"freightAlias": "old-one"}, 201)
    by_origin = await pipeline.post(PROMOTE, {"origin": "Warehouse/app"}, 201)
    assert [each["spec"]["freight"] for each in (by_name, by_alias, by_origin)] == [
        pipeline.old,
        pipeline.old,
        pipeline.new,
    ]
    assert by_name["metadata"]["annotations"]["kargo.akuity.io/create-actor"] == "admin"
    assert by_name["spec"]["steps"][0]["uses"] == "fail"


REFUSED: dict[str, tuple[str, Any, int, str]] = {
    "nothing": (PROMOTE, {}, 400, "exactly one of freight, freightAlias, or origin must be provided"),
    "two things": (PROMOTE, {"freight": "a", "origin": "Warehouse/app"}, 400, "exactly one of"),
    "no object": (PROMOTE, [], 400, "the request cannot be understood"),
    "a field that there is not": (PROMOTE, {"frieght": "a"}, 400, "frieght: unknown field"),
    "a number": (PROMOTE, {"freight": 7}, 400, "freight: "),
    "freight that is not there": (PROMOTE, {"freight": "a"}, 404, "Freight 'a' not found in project 'demo'"),
    "an alias that is not there": (PROMOTE, {"freightAlias": "a"}, 404, "Freight with alias 'a' not found in project"),
    "an origin that is none": (PROMOTE, {"origin": "app"}, 400, "invalid origin 'app'"),
    "a stage that is not there": (
        "/stages/no/promotions",
        {"freightAlias": "new-one"},
        404,
        "Stage 'no' not found in project 'demo'",
    ),
    "freight that is not verified": (
        "/stages/prod/promotions",
        {"freightAlias": "new-one"},
        400,
        "is not available to Stage 'prod'",
    ),
    "downstream of the end": (
        "/stages/prod/promotions/downstream",
        {"freightAlias": "new-one"},
        404,
        "Stage 'prod' has no downstream stages",
    ),
    "downstream of what is not verified": (
        "/stages/dev/promotions/downstream",
        {"freightAlias": "new-one"},
        400,
        "is not available to downstream Stage 'prod'",
    ),
    "downstream of nothing": ("/stages/dev/promotions/downstream", {}, 400, "exactly one of freight or freightAlias"),
}


@pytest.mark.parametrize(("path", "body", "code", "error"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_promoted_is_refused(
    pipeline: Pipeline, path: str, body: Any, code: int, error: str
) -> None:
    assert error in (await pipeline.post(path, body, code))["error"]
    assert (await pipeline.get("/promotions"))["items"] == []


async def test_all_stages_after_one_are_promoted_to(pipeline: Pipeline) -> None:
    await pipeline.verified(pipeline.new, "dev")
    told = await pipeline.post("/stages/dev/promotions/downstream", {"freightAlias": "new-one"}, 201)
    assert [each["spec"]["stage"] for each in told["promotions"]] == ["prod", "qa"]
    assert "errors" not in told


async def test_promotions_are_listed_by_stage_and_from_the_newest(pipeline: Pipeline) -> None:
    made = [(await pipeline.post(PROMOTE, {"freightAlias": "old-one"}, 201))["metadata"]["name"] for _ in range(3)]
    await pipeline.verified(pipeline.new, "dev")
    await pipeline.post("/stages/prod/promotions", {"freightAlias": "new-one"}, 201)
    assert len((await pipeline.get("/promotions"))["items"]) == 4
    assert [item["metadata"]["name"] for item in (await pipeline.get("/promotions", stage="dev"))["items"]] == made
    first = await pipeline.get("/promotions", stage="dev", reverse="true", limit=2)
    rest = await pipeline.get(
        "/promotions", stage="dev", reverse="true", limit=2, **{"continue": first["metadata"]["continue"]}
    )
    names = [item["metadata"]["name"] for page in (first, rest) for item in page["items"]]
    assert names == made[::-1]


async def test_a_promotion_is_refreshed_and_aborted_by_whoever_asks(pipeline: Pipeline) -> None:
    name = (await pipeline.post(PROMOTE, {"freightAlias": "old-one"}, 201))["metadata"]["name"]
    await pipeline.post(f"/promotions/{name}/refresh")
    await pipeline.post(f"/promotions/{name}/abort")
    marks = (await pipeline.get(f"/promotions/{name}"))["metadata"]["annotations"]
    assert marks["kargo.akuity.io/refresh"]
    assert marks["kargo.akuity.io/abort"] == '{"action":"terminate","actor":"admin"}'
    await pipeline.post("/promotions/nothing/abort", None, 404)


async def test_a_promotion_that_has_ended_is_not_aborted(pipeline: Pipeline) -> None:
    name = (await pipeline.post(PROMOTE, {"freightAlias": "old-one"}, 201))["metadata"]["name"]
    await pipeline.status("Promotion", name, phase="Succeeded")
    await pipeline.post(f"/promotions/{name}/abort")
    assert "kargo.akuity.io/abort" not in (await pipeline.get(f"/promotions/{name}"))["metadata"]["annotations"]


async def test_verification_is_asked_for_again_and_aborted(pipeline: Pipeline) -> None:
    assert (await pipeline.post("/stages/dev/verification", None, 409))["error"] == "Stage 'dev' has no current freight"
    reference = {"name": pipeline.new, "origin": {"kind": "Warehouse", "name": "app"}}
    collection = {"id": "a", "items": {"Warehouse/app": reference}, "verificationHistory": [{"id": "v1"}]}
    await pipeline.status("Stage", "dev", freightHistory=[collection])
    await pipeline.post("/stages/dev/verification")
    await pipeline.post("/stages/dev/verification/abort")
    marks = (await pipeline.kept("Stage", "dev")).meta["annotations"]
    assert marks["kargo.akuity.io/reverify"] == '{"id":"v1","actor":"admin"}'
    assert marks["kargo.akuity.io/abort"] == '{"id":"v1","actor":"admin"}'
    await pipeline.post("/stages/nowhere/verification", None, 404)


async def test_the_history_of_a_stage_tells_who_brought_what(pipeline: Pipeline) -> None:
    name = (await pipeline.post(PROMOTE, {"freightAlias": "new-one"}, 201))["metadata"]["name"]
    reference = {"name": pipeline.new, "origin": {"kind": "Warehouse", "name": "app"}}
    now = {
        "id": "a",
        "items": {"Warehouse/app": reference},
        "verificationHistory": [{"id": "v", "phase": "Successful"}],
    }
    past = {"id": "b", "items": {"Warehouse/app": {**reference, "name": pipeline.old}}}
    await pipeline.status("Promotion", name, phase="Succeeded", freightCollection={**now, "verificationHistory": []})
    await pipeline.status("Stage", "dev", freightHistory=[now, past])
    told = await pipeline.get("/stages/dev/history")
    assert [(item["id"], item["promotion"], item["actor"]) for item in told["items"]] == [
        ("a", name, "admin"),
        ("b", "", ""),
    ]
    assert told["items"][0]["verification"]["phase"] == "Successful"
    first = await pipeline.get("/stages/dev/history", limit=1)
    rest = await pipeline.get("/stages/dev/history", limit=1, **{"continue": first["metadata"]["continue"]})
    assert [item["id"] for item in first["items"] + rest["items"]] == ["a", "b"]


async def test_a_pipeline_is_told_in_one_answer(pipeline: Pipeline) -> None:
    name = (await pipeline.post(PROMOTE, {"freightAlias": "old-one"}, 201))["metadata"]["name"]
    told = await pipeline.get("/pipeline", freight=1)
    assert told["project"]["metadata"]["name"] == "demo"
    assert [item["metadata"]["name"] for item in told["warehouses"]] == ["app"]
    assert [item["metadata"]["name"] for item in told["stages"]] == ["dev", "prod", "qa"]
    assert told["stages"][0]["spec"]["promotionTemplate"] == {"spec": {"steps": [{"uses": "fail", "as": "no"}]}}
    assert [item["alias"] for item in told["freight"]] == ["new-one", "old-one"]
    assert [item["metadata"]["name"] for item in told["promotions"]] == [name]
    assert int(told["resourceVersion"]) > 0


async def test_a_pipeline_tells_of_the_newest_freight_of_every_warehouse_and_of_all_that_is_used(
    pipeline: Pipeline,
) -> None:
    subscription = {"image": {"repoURL": "registry.example.com/app"}}
    await pipeline.store.create(of("Warehouse", "web", spec={"subscriptions": [subscription]}))
    rare = freight("1.0.0", "rare", "2025-01-01T00:00:00Z")
    await pipeline.store.create(rare | {"origin": {"kind": "Warehouse", "name": "web"}})
    await pipeline.store.create(freight("1.11.0", "newest", "2026-01-03T00:00:00Z"))

    async def told(most: int) -> list[str]:
        return [item["alias"] for item in (await pipeline.get("/pipeline", freight=most))["freight"]]

    assert await told(1) == ["newest", "rare"]
    assert await told(2) == ["newest", "new-one", "rare"]
    assert await told(0) == []
    reference = {"name": pipeline.old, "origin": {"kind": "Warehouse", "name": "app"}}
    await pipeline.status("Stage", "dev", freightHistory=[{"id": "a", "items": {"Warehouse/app": reference}}])
    assert await told(1) == ["newest", "old-one", "rare"]
    assert await told(0) == ["old-one"]


async def test_images_are_told_with_the_stages_that_have_them(pipeline: Pipeline) -> None:
    image = {"repoURL": "registry.example.com/app", "tag": "1.9.0"}
    reference = {"name": pipeline.old, "origin": {"kind": "Warehouse", "name": "app"}, "images": [image]}
    other = {**reference, "images": [{**image, "tag": "1.10.0"}]}
    history = [{"id": "b", "items": {"Warehouse/app": other}}, {"id": "a", "items": {"Warehouse/app": reference}}]
    await pipeline.status("Stage", "dev", freightHistory=history)
    assert await pipeline.get("/images") == {
        "registry.example.com/app": {"tags": {"1.10.0": {"stages": {"dev": 0}}, "1.9.0": {"stages": {"dev": 1}}}}
    }


async def test_events_are_told_newest_first(pipeline: Pipeline) -> None:
    await pipeline.post("/freight/new-one/approve", stage="prod")
    await pipeline.post("/freight/old-one/approve", stage="prod")
    told = await pipeline.get("/events")
    assert {item["reason"] for item in told["items"]} == {"FreightApproved"}
    first = await pipeline.get("/events", limit=1)
    assert len(first["items"]) == 1
    assert first["metadata"]["continue"]
