from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from argosy.errors import Permanent
from argosy.resources.artifact import FreightOrigin, Image
from argosy.resources.freight import FreightReference
from argosy.resources.warehouse import Warehouse
from argosy.steps.base import Done
from argosy.steps.kustomize_set_image import STEP
from argosy.testing.context import FakeContext

BASE = "resources: [app.yaml]\nimages:\n- name: app # ours\n  newTag: v1\n"


def set_freight(ctx: FakeContext, images: Mapping[str, list[Image]]) -> None:
    """Freight from Warehouses by name, and Warehouses that subscribe to what they gave."""
    origins = {name: FreightOrigin(kind="Warehouse", name=name) for name in images}
    ctx.origins = tuple(origins.values())
    ctx.freight = tuple(
        FreightReference(name=name, origin=origins[name], images=tuple(images[name])) for name in images
    )
    ctx.warehouses = {name: subscribing(name, *(image.repo_url for image in found)) for name, found in images.items()}


def subscribing(name: str, *urls: str) -> Warehouse:
    subscriptions = [{"image": {"repoURL": url}} for url in urls]
    metadata = {"name": name, "namespace": "demo"}
    return Warehouse.model_validate({"metadata": metadata, "spec": {"subscriptions": subscriptions}})


async def test_images_are_set_and_a_message_tells(ctx: FakeContext) -> None:
    ctx.write({"base/kustomization.yaml": BASE})
    images = [{"image": "registry.example.com/app", "name": "app", "tag": "v2"}, {"image": "db", "digest": "sha256:ab"}]
    outcome = await ctx.run(STEP, {"path": "./base", "images": images})
    assert ctx.read("base/kustomization.yaml") == BASE.replace("v1", "v2") + "- name: db\n  digest: sha256:ab\n"
    assert outcome == Done({"commitMessage": "Updated ./base to use new images\n\n- app:v2\n- db@sha256:ab"})


async def test_without_images_all_of_the_freight_are_set(ctx: FakeContext) -> None:
    ctx.write({"kustomization.yml": BASE})
    app, db = Image(repo_url="app", tag="v2", digest="sha256:ab"), Image(repo_url="db", tag="v9")
    set_freight(ctx, {"one": [app], "two": [db]})
    outcome = await ctx.run(STEP, {"path": "."})
    assert ctx.read("kustomization.yml") == BASE.replace("v1", "v2") + "  digest: sha256:ab\n- name: db\n  newTag: v9\n"
    assert outcome == Done({"commitMessage": "Updated . to use new images\n\n- app:v2@sha256:ab\n- db:v9"})


async def test_what_two_warehouses_could_give_is_ambiguous_even_before_both_gave_it(ctx: FakeContext) -> None:
    ctx.write({"kustomization.yaml": BASE})
    set_freight(ctx, {"one": [Image(repo_url="app", tag="v2")]})
    ctx.origins = (*ctx.origins, FreightOrigin(kind="Warehouse", name="two"))
    ctx.warehouses = {**ctx.warehouses, "two": subscribing("two", "app")}
    with pytest.raises(Permanent, match="several subscriptions could give the image from app"):
        await ctx.run(STEP, {"path": "."})
    assert ctx.read("kustomization.yaml") == BASE


async def test_after_a_crash_the_same_images_are_set_whatever_became_of_the_warehouses(ctx: FakeContext) -> None:
    ctx.write({"kustomization.yaml": BASE})
    set_freight(ctx, {"one": [Image(repo_url="app", tag="v2")]})
    first = await ctx.run(STEP, {"path": "."})
    ctx.write({"kustomization.yaml": BASE})
    ctx.warehouses = {}
    assert await ctx.run(STEP, {"path": "."}) == first
    assert ctx.read("kustomization.yaml") == BASE.replace("v1", "v2")


async def test_freight_without_images_changes_nothing(ctx: FakeContext) -> None:
    ctx.write({"kustomization.yaml": BASE})
    outcome = await ctx.run(STEP, {"path": "."})
    assert outcome == Done(message="the Freight holds no images")
    assert ctx.read("kustomization.yaml") == BASE


@pytest.mark.parametrize(
    ("path", "says"),
    [
        pytest.param("none", "none has no kustomization", id="no folder"),
        pytest.param("two", "two has several kustomizations: kustomization.yaml, Kustomization", id="two of them"),
        pytest.param("link", "link has no kustomization", id="a link"),
        pytest.param("bad", r"bad/kustomization\.yaml: images\[0\] cannot be read", id="no images"),
        pytest.param(".git", "leads into .git", id="a folder of Git"),
        pytest.param("../../two", "two has several", id="a path that leads out means one inside"),
    ],
)
async def test_kustomize_set_image_refuses(ctx: FakeContext, path: str, says: str) -> None:
    ctx.write({"two/kustomization.yaml": BASE, "two/Kustomization": BASE, "bad/kustomization.yaml": "images: [a]\n"})
    (ctx.root / "outside.yaml").write_text(BASE)
    (ctx.tree.root / "link").mkdir()
    (ctx.tree.root / "link/kustomization.yaml").symlink_to(ctx.root / "outside.yaml")
    with pytest.raises(Permanent, match=says):
        await ctx.run(STEP, {"path": path, "images": [{"image": "app", "tag": "v2"}]})
    assert (ctx.root / "outside.yaml").read_text() == BASE


@pytest.mark.parametrize(
    "image",
    [
        pytest.param({"image": "a"}, id="neither tag nor digest"),
        pytest.param({"image": "a", "tag": "", "digest": ""}, id="both empty"),
        pytest.param({"image": "a", "tag": "v1", "digest": "sha256:ab"}, id="both"),
        pytest.param({"tag": "v1"}, id="no image"),
        pytest.param({"image": "", "tag": "v1"}, id="an empty image"),
        pytest.param({"image": "a", "tag": "v1", "fromOrigin": {}}, id="a field of old"),
    ],
)
async def test_an_image_has_a_repository_and_one_version(ctx: FakeContext, image: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        await ctx.run(STEP, {"path": ".", "images": [image]})
