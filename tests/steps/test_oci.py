"""`oci-push` and `oci-download` with a real registry: what is copied is the same, and arrives once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from argosy.clients.login import Login
from argosy.clients.oci import OCI_INDEX, OCI_MANIFEST, Call, Oci, Target
from argosy.errors import Permanent, Temporary
from argosy.rules.image_url import parse
from argosy.steps import oci_download, oci_push
from argosy.steps.base import Done
from argosy.testing.context import FakeContext
from argosy.testing.docker_registry import docker_registry
from argosy.testing.image_push import NewImage, push_blob, push_image
from argosy.testing.registry import Fault, Registry

USERS = {"robot": "s3cret-w0rd"}
CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


@pytest.fixture(params=["basic", "token"])
async def registry(request: pytest.FixtureRequest, ctx: FakeContext) -> AsyncIterator[str]:
    """Host and port of a registry that asks for a login, which the context has for what is below `acme`."""
    folder = ctx.root.parent / "registry"
    folder.mkdir()
    async with docker_registry(folder, request.param, USERS) as host:
        login = Login("robot", USERS["robot"])
        repositories = [f"{host}/acme/{name}" for name in ("web", "copy", "chart")]
        ctx.logins = {("image", each): login for each in repositories} | {
            ("helm", f"oci://{each}"): login for each in repositories
        }
        yield host


def target(registry: str, name: str = "web") -> Target:
    return Target(parse(f"{registry}/acme/{name}"), Login("robot", USERS["robot"]))


async def push(ctx: FakeContext, source: str, destination: str, **more: Any) -> dict[str, Any]:
    outcome = await ctx.run(oci_push.STEP, {"srcRef": source, "destRef": destination, **more})
    assert isinstance(outcome, Done)
    return dict(outcome.outputs)


async def push_chart(oci: Oci, to: Target, tag: str, content: bytes) -> str:
    """A manifest with one layer; returns its digest."""
    config = b"{}"
    await push_blob(oci, to, config)
    await push_blob(oci, to, content)
    described = [
        {"mediaType": type, "digest": f"sha256:{hashlib.sha256(blob).hexdigest()}", "size": len(blob)}
        for type, blob in (("application/vnd.cncf.helm.config.v1+json", config), (CHART, content))
    ]
    manifest = orjson.dumps(
        {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": described[0], "layers": [described[1]]}
    )
    headers = {"content-type": OCI_MANIFEST}
    assert (await oci.call(to, Call(f"manifests/{tag}", "PUT", headers, manifest, actions="pull,push"))).status == 201
    return f"sha256:{hashlib.sha256(manifest).hexdigest()}"


@pytest.mark.parametrize("platforms", [(), ("linux/amd64", "linux/arm64")])
async def test_a_tag_is_set_and_an_artifact_copied(ctx: FakeContext, registry: str, platforms: tuple[str, ...]) -> None:
    digest = await push_image(ctx.oci, target(registry), "1.0", NewImage(platforms))
    web, copy = f"{registry}/acme/web", f"{registry}/acme/copy"
    assert await push(ctx, f"{web}:1.0", f"{web}:prod") == {"image": f"{web}:prod", "digest": digest, "tag": "prod"}
    ctx.pins.clear()
    assert (await push(ctx, f"{web}@{digest}", f"{copy}:2.0"))["digest"] == digest
    assert await ctx.oci.digest(target(registry, "copy"), "2.0") == digest
    found = await ctx.oci.manifest(target(registry, "copy"), "2.0")
    assert found is not None
    assert len(found.data.get("manifests", ())) == len(platforms)


async def test_annotations_are_added_where_they_belong(ctx: FakeContext, registry: str) -> None:
    await push_image(ctx.oci, target(registry), "1.0", NewImage(("linux/amd64",), annotations={"old": "1"}))
    web = f"{registry}/acme/web"
    annotations = {"index:stage": "prod", "manifest:by": "argosy", "plain": "yes"}
    outputs = await push(ctx, f"{web}:1.0", f"{registry}/acme/copy:1.0", annotations=annotations)
    index = await ctx.oci.manifest(target(registry, "copy"), "1.0")
    assert index is not None
    assert (index.digest, index.data["annotations"]) == (outputs["digest"], {"old": "1", "stage": "prod"})
    image = await ctx.oci.manifest(target(registry, "copy"), index.data["manifests"][0]["digest"])
    assert image is not None
    assert image.data["annotations"] == {"by": "argosy", "plain": "yes"}


async def test_what_is_there_already_is_not_pushed_again(ctx: FakeContext, registry: str) -> None:
    await push_image(ctx.oci, target(registry), "1.0")
    web = f"{registry}/acme/web"
    await push(ctx, f"{web}:1.0", f"{web}:prod")
    await push(ctx, f"{web}:1.0", f"{web}:prod")
    assert len(ctx.intents) == 1
    preview = await ctx.preview(oci_push.STEP, {"srcRef": f"{web}:1.0", "destRef": f"{web}:prod"})
    assert preview.changes == ()


async def test_after_a_crash_the_artifact_is_the_one_that_was_chosen_first(ctx: FakeContext, registry: str) -> None:
    def crash(intent: Mapping[str, Any]) -> None:
        ctx.on_intend = lambda intent: None
        raise KeyboardInterrupt

    first = await push_image(ctx.oci, target(registry), "1.0", NewImage(content="first"))
    web = f"{registry}/acme/web"
    ctx.on_intend = crash
    with pytest.raises(KeyboardInterrupt):
        await push(ctx, f"{web}:1.0", f"{web}:prod")
    await push_image(ctx.oci, target(registry), "1.0", NewImage(content="second"))
    assert (await push(ctx, f"{web}:1.0", f"{web}:prod"))["digest"] == first


async def test_a_plan_tells_what_would_be_pushed(ctx: FakeContext, registry: str) -> None:
    digest = await push_image(ctx.oci, target(registry), "1.0")
    web = f"{registry}/acme/web"
    preview = await ctx.preview(oci_push.STEP, {"srcRef": f"{web}:1.0", "destRef": f"{web}:prod"})
    (change,) = preview.changes
    assert (change.verb, change.target) == ("push", f"{web}:prod")
    assert change.details == {"digest": digest, "from": f"{web}:1.0"}
    assert preview.outputs == {"image": f"{web}:prod", "digest": digest, "tag": "prod"}
    assert await ctx.oci.digest(target(registry), "prod") is None


async def test_an_index_of_indexes_without_end_is_refused(ctx: FakeContext, registry: str) -> None:
    to = target(registry)
    digest = await push_image(ctx.oci, to, "1.0", NewImage())
    found = await ctx.oci.manifest(to, digest)
    assert found is not None
    kind, size = OCI_MANIFEST, len(found.content)
    for _ in range(3):
        entry = {"mediaType": kind, "digest": digest, "size": size}
        content = orjson.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry] * 9})
        call = Call("manifests/bomb", "PUT", {"content-type": OCI_INDEX}, content, actions="pull,push")
        assert (await ctx.oci.call(to, call)).status == 201
        kind, size, digest = OCI_INDEX, len(content), f"sha256:{hashlib.sha256(content).hexdigest()}"
    with pytest.raises(Permanent, match="holds more than 200 manifests"):
        await push(ctx, f"{registry}/acme/web:bomb", f"{registry}/acme/copy:1")
    assert await ctx.oci.digest(target(registry, "copy"), "1") is None


async def test_large_blobs_go_part_by_part(ctx: FakeContext, registry: str) -> None:
    content = os.urandom(1024) * (20 * 1024)  # 20 MiB
    digest = await push_chart(ctx.oci, target(registry, "chart"), "1.0", content)
    chart = f"oci://{registry}/acme/chart"
    assert (await push(ctx, f"{chart}:1.0", f"oci://{registry}/acme/copy:1.0"))["digest"] == digest
    config = {"imageRef": f"oci://{registry}/acme/copy:1.0", "outPath": "charts/app.tgz", "mediaType": CHART}
    ctx.pins.clear()
    assert await ctx.run(oci_download.STEP, config) == Done()
    assert ctx.tree.read("charts/app.tgz") == content
    assert ctx.pins == {"manifest": digest}


async def test_the_first_layer_of_the_common_platform_is_downloaded(ctx: FakeContext, registry: str) -> None:
    await push_image(ctx.oci, target(registry), "1.0", NewImage(("linux/arm64", "linux/amd64")))
    await ctx.run(oci_download.STEP, {"imageRef": f"{registry}/acme/web:1.0", "outPath": "layer"})
    assert ctx.tree.read("layer")[:2] == b"\x1f\x8b"


async def test_what_cannot_be_downloaded_is_told(ctx: FakeContext, registry: str) -> None:
    await push_image(ctx.oci, target(registry), "1.0")
    web = f"{registry}/acme/web"
    ctx.write({"there": "", "folder/x": ""})
    for config, problem in (
        ({"imageRef": f"{web}:2.0", "outPath": "x"}, "there is no 2.0"),
        ({"imageRef": f"{web}:1.0", "outPath": "x", "mediaType": "text/plain"}, "no layer of the type text/plain. Its"),
        ({"imageRef": f"{web}:1.0", "outPath": "there"}, "exists already"),
        ({"imageRef": f"{web}:1.0", "outPath": "folder"}, "is a folder"),
        ({"imageRef": f"{web}:1.0", "outPath": "there/x"}, "cannot write x: File exists"),
        ({"imageRef": f"{registry}/other/x:1.0", "outPath": "x"}, "other/x"),
    ):
        ctx.pins.clear()
        with pytest.raises(Permanent) as raised:
            await ctx.run(oci_download.STEP, config)
        assert problem in str(raised.value)
    with pytest.raises(Permanent, match="there is no"):
        await push(ctx, f"{web}:9", f"{web}:prod")


async def test_what_a_link_with_the_name_of_our_draft_names_stays(ctx: FakeContext, registry: str) -> None:
    outside = ctx.root.parent / "outside"
    outside.write_text("mine")
    await push_image(ctx.oci, target(registry), "1.0")
    (ctx.tree.root / ".layer.argosy-draft").symlink_to(outside)
    await ctx.run(oci_download.STEP, {"imageRef": f"{registry}/acme/web:1.0", "outPath": "layer"})
    assert outside.read_text() == "mine"
    assert ctx.tree.read("layer")[:2] == b"\x1f\x8b"


@pytest.mark.parametrize(
    "manifest",
    [
        {"layers": "abc"},
        {"layers": 5},
        {"layers": [None]},
        {"layers": [{"digest": "sha256:x", "size": True}]},
        {"layers": [{"digest": "sha256:x", "size": -1}]},
        {"layers": [{"digest": "nonsense", "size": 3}]},
        {"layers": [{"digest": "sha256:../../x", "size": 3}]},
        {"mediaType": OCI_INDEX, "manifests": 5},
        {"mediaType": OCI_INDEX, "manifests": [None, {"platform": 5}]},
        {"mediaType": OCI_INDEX, "manifests": [{"platform": {"os": "linux", "architecture": "amd64"}}]},
        {"config": {"digest": 5}, "annotations": [1]},
    ],
)
async def test_manifests_that_make_no_sense_are_refused(ctx: FakeContext, manifest: dict[str, Any]) -> None:
    async with Registry().serve() as registry:
        kind = manifest.get("mediaType", OCI_MANIFEST)
        registry.content.put_manifest("app", "1", kind, orjson.dumps(manifest))
        with pytest.raises(Permanent):
            await ctx.run(oci_download.STEP, {"imageRef": f"{registry.host}/app:1", "outPath": "x"})
        annotated = {"annotations": {"a": "b"}}
        with pytest.raises(Permanent):
            await push(ctx, f"{registry.host}/app:1", f"{registry.host}/app:2", **annotated)
    assert list(ctx.tree.root.iterdir()) == []


async def test_a_registry_that_gives_a_blob_byte_by_byte_is_not_listened_to(ctx: FakeContext) -> None:
    async with Registry().serve() as registry:
        blob = {"digest": f"sha256:{'0' * 64}", "size": 40 << 20, "mediaType": CHART}
        registry.content.put_manifest("app", "1", OCI_MANIFEST, orjson.dumps({"layers": [blob]}))
        registry.faults.append(Fault("/blobs/", 206, body=b"x", times=10**6))
        with pytest.raises(Temporary, match="does not give the parts"):
            await ctx.run(oci_download.STEP, {"imageRef": f"{registry.host}/app:1", "outPath": "x"})
        assert registry.count("/blobs/") == 1


@pytest.mark.parametrize(
    "config",
    [
        {"srcRef": "x/y:1", "destRef": "x/y@sha256:00"},
        {"srcRef": "x/y", "destRef": "x/y:1"},
        {"srcRef": "x/y:1", "destRef": "x y:1"},
        {"srcRef": "https://x/y:1", "destRef": "x/y:1"},
    ],
)
async def test_references_that_are_refused(ctx: FakeContext, config: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        await ctx.run(oci_push.STEP, config)
