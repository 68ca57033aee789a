"""The structural patterns of Kargo's user guide, each from pushed images and commits to what is in Git afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.rules.pipeline_case import Raw, request, stage, warehouse
from tests.story.world import World, auto, world

from argosy.errors import Invalid
from argosy.resources.warehouse import Warehouse
from argosy.rules.assembly import assembled
from argosy.testing.git_repository import GitRepository


@pytest.fixture
async def around(tmp_path: Path, kept: str) -> AsyncIterator[World]:
    async with world(tmp_path, store=kept) as made:
        yield made


def clone(url: str, *checkout: Raw) -> Raw:
    wanted = list(checkout) or [{"branch": "main", "path": "./out"}]
    return {"uses": "git-clone", "config": {"repoURL": url, "checkout": wanted}}


def of_freight(url: str) -> Raw:
    """Check out the commit that the Freight has, and the branch of the Stage."""
    commit = {"commit": "${{ commitFrom('" + url + "').ID }}", "path": "./src"}
    return clone(url, commit, {"branch": "stage/${{ ctx.stage }}", "create": True, "path": "./out"})


def push(message: str = "${{ ctx.stage }}: ${{ ctx.targetFreight.name }}") -> list[Raw]:
    commit = {"uses": "git-commit", "as": "commit", "config": {"path": "./out", "message": message}}
    return [commit, {"uses": "git-push", "as": "push", "config": {"path": "./out"}}]


def bump(key: str, image: str, *, file: str = "./out/${{ ctx.stage }}.yaml") -> Raw:
    """Write the tag that the Freight has of an image."""
    update = {"key": key, "value": "${{ quote(imageFrom('" + image + "').Tag) }}"}
    return {"uses": "yaml-update", "config": {"path": file, "updates": [update]}}


def direct(name: str, *steps: Raw, of: str = "w") -> Raw:
    return stage(name, request(of), steps=steps)


def after(name: str, *upstream: str, steps: tuple[Raw, ...], of: str = "w", **sources: object) -> Raw:
    return stage(name, request(of, stages=list(upstream), **sources), steps=steps)


def images(around: World, *names: str, name: str = "w", **spec: object) -> Raw:
    subscriptions = [{"image": {"repoURL": around.image(each)}} for each in names]
    return warehouse(name, *subscriptions, interval="1s", **spec)


def tags(repository: GitRepository, *stages: str) -> list[str]:
    return [repository.read(f"{name}.yaml").partition("web: ")[2].split("\n")[0].strip('"') for name in stages]


def settings_of(around: World, *stages: str, content: str = "web: none\nback: none\n") -> GitRepository:
    """A repository with one file for every stage."""
    repository = around.git.create("config")
    repository.commit({f"{name}.yaml": content for name in stages})
    return repository


async def test_config_updater_takes_one_change_of_the_base_from_stage_to_stage(around: World) -> None:
    repository = around.git.create("config")
    files = {"base/app.yaml": _config_map(1), "base/kustomization.yaml": "resources: [app.yaml]\n"}
    overlays = {f"stages/{name}/kustomization.yaml": _overlay(name) for name in ("test", "prod")}
    first = repository.commit({**files, **overlays})
    url = around.git.url_of("config")
    steps: tuple[Raw, ...] = (
        of_freight(url),
        {"uses": "git-clear", "config": {"path": "./out"}},
        {"uses": "kustomize-build", "config": {"path": "./src/stages/${{ ctx.stage }}", "outPath": "./out/all.yaml"}},
        *push(),
    )
    await around.create(
        warehouse("w", {"git": {"repoURL": url, "branch": "main"}}, interval="1s"),
        direct("test", *steps),
        after("prod", "test", steps=steps),
    )
    freight = await around.freight("w", first)
    for name in ("test", "prod"):
        await around.promote(name, freight)
        assert repository.read("all.yaml", f"stage/{name}") == _config_map(1, prefix=f"{name}-").strip()

    second = repository.commit({"base/app.yaml": _config_map(2)})
    await around.promote("test", await around.freight("w", second))
    assert 'level: "2"' in repository.read("all.yaml", "stage/test")
    assert 'level: "1"' in repository.read("all.yaml", "stage/prod")


async def test_common_case_moves_an_image_and_a_commit_as_one(around: World) -> None:
    repository = around.git.create("config")
    first = repository.commit({"base.yaml": "web: none\nlevel: 1\n"})
    url = around.git.url_of("config")
    steps = (
        of_freight(url),
        {"uses": "copy", "config": {"inPath": "./src/base.yaml", "outPath": "./out/app.yaml"}},
        bump("web", around.image("web"), file="./out/app.yaml"),
        *push(),
    )
    await around.push("web", "1.0.0")
    both = ({"image": {"repoURL": around.image("web")}}, {"git": {"repoURL": url}})
    await around.create(
        warehouse("w", *both, interval="1s"), direct("test", *steps), after("prod", "test", steps=steps)
    )
    old = await around.freight("w", "1.0.0", first)
    await around.promote("test", old)
    second = repository.commit({"base.yaml": "web: none\nlevel: 2\n"})
    await around.freight("w", "1.0.0", second)
    await around.push("web", "1.1.0")
    new = await around.freight("w", "1.1.0", second)
    await around.promote("test", new)
    assert repository.read("app.yaml", "stage/test") == "web: 1.1.0\nlevel: 2"
    await around.promote("prod", old)
    assert repository.read("app.yaml", "stage/prod") == "web: 1.0.0\nlevel: 1"


async def test_parallel_pipelines_of_one_project_know_nothing_of_each_other(around: World) -> None:
    repository = settings_of(around, "web-test", "back-test")
    url = around.git.url_of("config")
    await around.push("web", "1.0.0")
    await around.push("back", "7.0.0")
    await around.create(
        images(around, "web", name="web"),
        images(around, "back", name="back"),
        direct("web-test", clone(url), bump("web", around.image("web")), *push(), of="web"),
        direct("back-test", clone(url), bump("back", around.image("back")), *push(), of="back"),
    )
    web, back = await around.freight("web", "1.0.0"), await around.freight("back", "7.0.0")
    await around.promote("web-test", web)
    await around.promote("back-test", back)
    assert repository.read("web-test.yaml") == "web: 1.0.0\nback: none"
    assert repository.read("back-test.yaml") == "web: none\nback: 7.0.0"
    with pytest.raises(Invalid, match="is not available to Stage 'web-test'"):
        await around.pipeline.promote("web-test", back)


async def test_a_pre_pipeline_makes_the_commits_that_another_pipeline_promotes(around: World) -> None:
    repository = around.git.create("config")
    repository.commit({"app.yaml": "web: none\n"})
    url = around.git.url_of("config")
    bundle = (
        clone(url),
        bump("web", around.image("web"), file="./out/app.yaml"),
        *push("Use ${{ ctx.targetFreight.name }}"),
    )
    deliver = (
        of_freight(url),
        {"uses": "copy", "config": {"inPath": "./src/app.yaml", "outPath": "./out/app.yaml"}},
        *push(),
    )
    await around.push("web", "1.0.0")
    await around.create(
        auto("bundle", "test"),
        images(around, "web", name="image"),
        direct("bundle", *bundle, of="image"),
        warehouse("bundles", {"git": {"repoURL": url, "branch": "main"}}, interval="1s"),
        direct("test", *deliver, of="bundles"),
    )
    await around.arrived("bundle", await around.freight("image", "1.0.0"))
    await around.arrived("test", await around.freight("bundles", repository.head()))
    assert repository.read("app.yaml", "stage/test") == "web: 1.0.0"


async def test_grouped_services_move_together(around: World) -> None:
    repository = settings_of(around, "test")
    url = around.git.url_of("config")
    steps = clone(url), bump("web", around.image("web")), bump("back", around.image("back")), *push()
    await around.push("web", "1.0.0")
    await around.push("back", "7.0.0")
    await around.create(images(around, "web", "back"), direct("test", *steps))
    await around.freight("w", "1.0.0", "7.0.0")
    await around.push("back", "7.1.0")
    await around.promote("test", await around.freight("w", "1.0.0", "7.1.0"))
    assert repository.read("test.yaml") == "web: 1.0.0\nback: 7.1.0"
    assert len(repository.log()) == 2


async def test_ordered_services_are_dropped_off_by_stages_in_their_order(around: World) -> None:
    repository = settings_of(around, "test")
    url = around.git.url_of("config")
    back = clone(url), bump("back", around.image("back"), file="./out/test.yaml"), *push()
    web = clone(url), bump("web", around.image("web"), file="./out/test.yaml"), *push()
    await around.push("web", "1.0.0")
    await around.push("back", "7.0.0")
    await around.create(
        auto("test-back", "test-web"),
        images(around, "web", "back"),
        direct("test-back", *back),
        after("test-web", "test-back", steps=web),
    )
    freight = await around.freight("w", "1.0.0", "7.0.0")
    await around.arrived("test-web", freight)
    assert repository.log() == [f"test-web: {freight}", f"test-back: {freight}", "Change"]
    assert repository.read("test.yaml") == "web: 1.0.0\nback: 7.0.0"


async def test_fanning_out_and_in_takes_what_either_stage_has_verified(around: World) -> None:
    repository = settings_of(around, "test", "a", "b", "prod")
    steps = clone(around.git.url_of("config")), bump("web", around.image("web")), *push()
    await around.push("web", "1.0.0")
    await around.create(
        auto("test"),
        images(around, "web"),
        direct("test", *steps),
        after("a", "test", steps=steps),
        after("b", "test", steps=steps),
        after("prod", "a", "b", steps=steps),
        after("strict", "a", "b", steps=steps, availabilityStrategy="All"),
    )
    one = await around.freight("w", "1.0.0")
    await around.arrived("test", one)
    await around.push("web", "1.1.0")
    two = await around.freight("w", "1.1.0")
    await around.arrived("test", two)
    await around.promote("a", one)
    await around.promote("b", two)
    assert tags(repository, "test", "a", "b") == ["1.1.0", "1.0.0", "1.1.0"]
    with pytest.raises(Invalid, match="is not available to Stage 'strict'"):
        await around.pipeline.promote("strict", one)
    await around.promote("prod", two)
    assert tags(repository, "prod") == ["1.1.0"]


async def test_a_control_flow_stage_passes_freight_on_without_a_promotion(around: World) -> None:
    repository = settings_of(around, "a", "b", "east", "west")
    steps = clone(around.git.url_of("config")), bump("web", around.image("web")), *push()
    await around.push("web", "1.0.0")
    await around.create(
        auto("a", "b", "east", "west"),
        images(around, "web"),
        direct("a", *steps),
        direct("b", *steps),
        stage("gate", request("w", stages=["a", "b"]), steps=()),
        after("east", "gate", steps=steps),
        after("west", "gate", steps=steps),
    )
    freight = await around.freight("w", "1.0.0")
    for name in ("east", "west"):
        await around.arrived(name, freight)
    assert tags(repository, "a", "b", "east", "west") == ["1.0.0"] * 4
    assert await around.pipeline.list("Promotion", spec__stage="gate") == []


async def test_several_warehouses_feed_one_stage_each_at_its_own_pace(around: World) -> None:
    repository = around.git.create("config")
    first = repository.commit({"base.yaml": "web: none\nlevel: 1\n"})
    url = around.git.url_of("config")
    steps = (
        of_freight(url),
        {"uses": "copy", "config": {"inPath": "./src/base.yaml", "outPath": "./out/app.yaml"}},
        bump("web", around.image("web"), file="./out/app.yaml"),
        *push(),
    )
    await around.push("web", "1.0.0")
    await around.create(
        images(around, "web", name="image"),
        warehouse("config", {"git": {"repoURL": url}}, interval="1s"),
        stage("test", request("image"), request("config"), steps=steps),
    )
    config = await around.freight("config", first)
    # Alone the first cannot be rendered, and the promotion says what is missing.
    alone = await around.pipeline.finished(await around.pipeline.promote("test", config))
    assert alone["phase"] == "Errored"
    assert around.image("web") in alone["message"]
    await around.pipeline.until("Stage", "test", lambda item: item["status"].get("lastPromotion"))
    await around.promote("test", await around.freight("image", "1.0.0"))
    assert repository.read("app.yaml", "stage/test") == "web: 1.0.0\nlevel: 1"

    second = repository.commit({"base.yaml": "web: none\nlevel: 2\n"})
    await around.push("web", "1.1.0")
    await around.promote("test", await around.freight("image", "1.1.0"))
    assert repository.read("app.yaml", "stage/test") == "web: 1.1.0\nlevel: 1"
    await around.promote("test", await around.freight("config", second))
    assert repository.read("app.yaml", "stage/test") == "web: 1.1.0\nlevel: 2"


async def test_freight_is_assembled_by_hand_where_the_warehouse_makes_none(around: World) -> None:
    repository = settings_of(around, "test")
    steps = (
        clone(around.git.url_of("config")),
        bump("web", around.image("web")),
        bump("back", around.image("back")),
        *push(),
    )
    await around.push("web", "1.0.0", "1.1.0")
    await around.push("back", "7.0.0", "7.1.0")
    await around.create(images(around, "web", "back", freightCreationPolicy="Manual"), direct("test", *steps))
    looked = await around.pipeline.until(
        "Warehouse", "w", lambda item: (item.get("status") or {}).get("discoveredArtifacts")
    )
    found = Warehouse.model_validate(looked).status.discovered_artifacts
    assert found is not None
    assert await around.pipeline.list("Freight") == []
    chosen = assembled("w", found, [("web", "1.0.0"), ("back", "7.1.0")]).dump()
    made = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Freight", "metadata": {"namespace": "p"}, **chosen}
    name = (await around.pipeline.system.store.create(made)).key.name
    await around.promote("test", name)
    assert repository.read("test.yaml") == "web: 1.0.0\nback: 7.1.0"


async def test_mixed_modes_wait_for_a_person_only_where_told_to(around: World) -> None:
    repository = settings_of(around, "test", "uat", "prod")
    steps = clone(around.git.url_of("config")), bump("web", around.image("web")), *push()
    await around.push("web", "1.0.0")
    await around.create(
        auto("uat"),
        images(around, "web"),
        direct("test", *steps),
        after("uat", "test", steps=steps),
        after("prod", "uat", steps=steps),
    )
    freight = await around.freight("w", "1.0.0")
    assert await around.pipeline.list("Promotion") == []
    await around.promote("test", freight)
    await around.arrived("uat", freight)
    assert tags(repository, "test", "uat", "prod") == ["1.0.0", "1.0.0", "none"]
    assert await around.pipeline.list("Promotion", spec__stage="prod") == []


async def test_a_gatekeeper_lets_pass_only_what_did_not_fail_in_it(around: World) -> None:
    repository = settings_of(around, "gate", "test")
    url = around.git.url_of("config")
    refuse = {"uses": "fail", "if": "${{ imageFrom('" + around.image("web") + "').Tag == '1.0.0' }}"}
    await around.push("web", "1.0.0")
    await around.create(
        auto("gate", "test"),
        images(around, "web"),
        direct(
            "gate",
            {**refuse, "config": {"message": "these do not go together"}},
            clone(url),
            bump("web", around.image("web")),
            *push(),
        ),
        after("test", "gate", steps=(clone(url), bump("web", around.image("web")), *push())),
    )
    bad = await around.freight("w", "1.0.0")
    failed = await around.pipeline.until("Stage", "gate", lambda item: (item.get("status") or {}).get("lastPromotion"))
    assert failed["status"]["lastPromotion"]["status"]["phase"] == "Failed"
    await around.push("web", "1.1.0")
    good = await around.freight("w", "1.1.0")
    await around.arrived("test", good)
    assert tags(repository, "gate", "test") == ["1.1.0", "1.1.0"]
    assert "verifiedIn" not in (await around.pipeline.get("Freight", bad)).get("status", {})
    assert {item["spec"]["freight"] for item in await around.pipeline.list("Promotion", spec__stage="test")} == {good}


def _config_map(level: int, prefix: str = "") -> str:
    return f'apiVersion: v1\ndata:\n  level: "{level}"\nkind: ConfigMap\nmetadata:\n  name: {prefix}app\n'


def _overlay(name: str) -> str:
    return f"resources: [../../base]\nnamePrefix: {name}-\n"
