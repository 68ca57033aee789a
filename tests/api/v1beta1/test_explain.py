"""Explanations, rollbacks, differences and the matrix over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
from tests.api.permission_case import let_in
from tests.api.v1beta1.conftest import Pipeline, freight, of
from tests.store.permission_case import world


def codes(reasons: list[dict[str, Any]]) -> list[str]:
    return [reason["code"] for reason in reasons]


async def test_a_stage_is_explained(pipeline: Pipeline) -> None:
    told = await pipeline.get("/stages/prod/explain")
    assert (told["stage"], told["current"], told["autoPromotion"], told["reasons"]) == ("prod", [], False, [])
    new, old = told["candidates"]
    assert (new["freight"], old["freight"]) == (pipeline.new, pipeline.old), "the newest first"
    assert (new["available"], codes(new["reasons"])) == (False, ["NotYetUpstream"])
    await pipeline.verified(pipeline.old, "dev")
    new, old = (await pipeline.get("/stages/prod/explain"))["candidates"]
    assert (old["available"], old["automatic"], codes(old["automaticReasons"])) == (True, False, ["AutoPromotionOff"])
    (only,) = (await pipeline.get("/stages/prod/explain", freight=pipeline.old))["candidates"]
    assert only == old
    assert "none" in (await pipeline.get("/stages/prod/explain", 404, freight="none"))["error"]


async def test_what_waits_is_explained(pipeline: Pipeline) -> None:
    await pipeline.post("/stages/dev/promotions", {"freight": pipeline.new}, 201)
    await pipeline.post("/stages/dev/promotions", {"freight": pipeline.old}, 201)
    told = await pipeline.get("/stages/dev/explain")
    assert told["promotion"]["freight"] == pipeline.new
    assert [(each["freight"], codes(each["reasons"])) for each in told["waiting"]] == [(pipeline.old, ["OthersBefore"])]


async def test_much_freight_does_not_hide_what_may_be_promoted(pipeline: Pipeline) -> None:
    for number in range(12):
        await pipeline.store.create(freight(f"9.{number}", f"more-{number}", f"2031-01-01T00:00:{number:02}Z"))
    await pipeline.verified(pipeline.old, "dev")
    told = await pipeline.get("/stages/prod/explain")
    assert [each["alias"] for each in told["candidates"]][:2] == ["more-11", "more-10"]
    assert told["candidates"][-1]["available"]
    assert (len(told["candidates"]), told["more"]) == (11, 3)


async def test_freight_is_explained_in_the_order_of_the_pipeline(pipeline: Pipeline) -> None:
    elsewhere = {"origin": {"kind": "Warehouse", "name": "other"}, "sources": {"direct": True}}
    await pipeline.store.create(of("Stage", "a-stranger", spec={"requestedFreight": [elsewhere]}))
    await pipeline.status("Freight", pipeline.new, currentlyIn={"dev": {"since": "2026-01-01T00:00:00Z"}})
    told = await pipeline.get(f"/freight/{pipeline.new}/explain")
    dev, *_, prod = sorted(told["stages"], key=lambda each: each["stage"] == "prod")
    assert told["stages"][0] == dev, "what is first in the pipeline"
    assert (dev["stage"], dev["state"], dev["since"]) == ("dev", "here", "2026-01-01T00:00:00Z")
    assert (prod["stage"], prod["state"], codes(prod["reasons"])) == ("prod", "not", ["NotVerifiedUpstream"])
    assert told["uninterested"] == ["a-stranger"]
    assert await pipeline.get(f"/freight/{told['alias']}/explain") == told
    await pipeline.get("/freight/none/explain", 404)


async def used(pipeline: Pipeline, stage: str, *names: str) -> None:
    """The Stage has used this Freight, the newest first."""
    history = []
    for name in names:
        found = (await pipeline.kept("Freight", name)).data
        item = {"name": name, "origin": found["origin"], "images": found["images"]}
        history.append({"id": name, "items": {"Warehouse/app": item}})
    await pipeline.status("Stage", stage, freightHistory=history)


async def test_a_stage_is_rolled_back(pipeline: Pipeline) -> None:
    assert "could go back to" in (await pipeline.post("/stages/dev/rollback", None, 422))["error"]
    await used(pipeline, "dev", pipeline.new, pipeline.old)
    foreseen = await pipeline.post("/stages/dev/rollback", {"dryRun": True}, 200)
    made = await pipeline.post("/stages/dev/rollback", None, 201)
    assert foreseen["spec"] == made["spec"]
    assert made["spec"]["freight"] == pipeline.old
    assert made["metadata"]["annotations"]["kargo.akuity.io/rollback"] == "true"
    alias = (await pipeline.kept("Freight", pipeline.old)).data["alias"]
    assert (await pipeline.post("/stages/dev/rollback", {"freightAlias": alias}, 201))["spec"][
        "freight"
    ] == pipeline.old


async def test_a_rollback_is_refused_with_the_reason(pipeline: Pipeline) -> None:
    await used(pipeline, "prod", pipeline.new, pipeline.old)
    told = await pipeline.post("/stages/prod/rollback", {}, 422)
    assert "it has not been in dev" in told["problems"][0]["message"]
    assert "argosy approve" in told["problems"][0]["advice"]
    both = {"freight": pipeline.old, "freightAlias": "x"}
    assert (await pipeline.post("/stages/prod/rollback", both, 400))["error"]
    assert (await pipeline.post("/stages/prod/rollback", {"freigt": pipeline.old}, 400))["error"]


async def test_stages_are_compared(pipeline: Pipeline) -> None:
    await used(pipeline, "dev", pipeline.new)
    await used(pipeline, "prod", pipeline.old)
    told = await pipeline.get("/stages/dev/diff/prod")
    (app,) = told["artifacts"]
    assert (told["same"], app["same"], app["newer"]) == (False, False, "left")
    assert (app["left"]["freight"], app["right"]["freight"]) == (pipeline.new, pipeline.old)
    await pipeline.get("/stages/dev/diff/none", 404)


async def test_the_matrix_comes_in_pages(pipeline: Pipeline, client: httpx2.AsyncClient) -> None:
    await used(pipeline, "dev", pipeline.new)
    await used(pipeline, "prod", pipeline.old)
    whole = await pipeline.get("/matrix")
    columns = [each["stage"] for each in whole["stages"]]
    assert columns[:2] == ["dev", "prod"]
    (row,) = whole["rows"]
    assert row["artifact"] == {"kind": "image", "repoURL": "registry.example.com/app", "name": ""}
    assert [cell["alias"] for cell in row["cells"]] == [
        (await pipeline.kept("Freight", name)).data["alias"] for name in (pipeline.new, pipeline.old)
    ]
    everywhere = (await client.get("/v1beta1/matrix")).json()
    assert (everywhere["rows"], everywhere["metadata"]) == (whole["rows"], {})
    for other in ("another", "zoo"):
        await pipeline.store.create(
            {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Project", "metadata": {"name": other}}
        )
    seen, more = [], ""
    for _ in range(10):
        page = (await client.get("/v1beta1/matrix", params={"limit": 1, "continue": more})).json()
        seen += [each["stage"] for each in page["stages"]]
        more = page["metadata"].get("continue", "")
        if not more:
            break
    assert seen == columns
    for token in ("x", "WzEsMl0=", "W10=", "\x00", "e30="):
        assert (await client.get("/v1beta1/matrix", params={"continue": token})).status_code == 400, token
    assert (await client.get("/v1beta1/projects/demo/matrix", params={"continue": "x"})).status_code == 400


async def test_the_matrix_shows_to_everybody_what_they_may_see(tmp_path: Path) -> None:
    async with world(tmp_path) as made, let_in(made, tmp_path) as people:
        seen = {}
        for name in ("root", "viewer", "nobody"):
            told = (await people.client(name).get("/v1beta1/matrix")).json()
            seen[name] = {each["project"] for each in told["stages"]}
    assert seen["nobody"] == set()
    assert seen["viewer"] < seen["root"]
    assert seen["viewer"]
