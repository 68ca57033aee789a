"""Push images to any registry: what `docker push` would, without a Docker."""

from __future__ import annotations

import contextlib
import gzip
import io
import tarfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson

from argosy.clients.http import Http, Refused, Response
from argosy.clients.oci import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, Call, Oci, Target
from argosy.clock import SystemClock, rfc3339
from argosy.testing.registry_content import digest_of

_LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class NewImage:
    """What to push.

    Attributes:
        platforms: such as `linux/amd64`; one image each, behind an index. Empty means a single image and no index.
        annotations: of the index, or of the single image's manifest.
        created: the time in each image's config.
        labels: of each image's config.
        about: annotations on the index's reference to a platform, by platform.
        content: makes two images of the same shape differ.
    """

    platforms: tuple[str, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
    created: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    content: str = ""


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[Oci]:
    """A client for registries that lives until the block ends."""
    clock = SystemClock()
    http = Http(clock)
    try:
        yield Oci(http, clock)
    finally:
        await http.close()


async def push_image(oci: Oci, target: Target, tag: str, image: NewImage = NewImage()) -> str:
    """Push `image` and tag it; returns the digest under that tag. Raises Refused, Temporary."""
    if not image.platforms:
        return await _push_manifest(
            oci, target, tag, await _manifest(oci, target, "linux/amd64", image, image.annotations)
        )
    references = []
    for platform in image.platforms:
        manifest = await _manifest(oci, target, platform, image, _NOTHING)
        digest = await _push_manifest(oci, target, "", manifest)
        reference = _descriptor(OCI_MANIFEST, orjson.dumps(manifest)) | {"platform": _platform(platform)}
        about = image.about.get(platform)
        references.append(reference | ({"annotations": dict(about)} if about else {}))
        assert reference["digest"] == digest
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": references}
    return await _push_manifest(oci, target, tag, index | _annotated(image.annotations))


async def push_blob(oci: Oci, target: Target, content: bytes) -> str:
    """Upload a blob unless it is there already; returns its digest. Raises Refused, Temporary."""
    digest = digest_of(content)
    found = await oci.call(target, Call(f"blobs/{digest}", "HEAD"))
    if found.status == 200:
        return digest
    started = await oci.call(target, Call("blobs/uploads/", "POST", actions="pull,push"))
    location = _expect(started, 202).headers["location"]
    separator = "&" if "?" in location else "?"
    headers = {"content-type": "application/octet-stream"}
    done = Call(f"{location}{separator}digest={digest}", "PUT", headers, content, actions="pull,push")
    _expect(await oci.call(target, done), 201)
    return digest


async def _manifest(
    oci: Oci, target: Target, platform: str, image: NewImage, annotations: Mapping[str, str]
) -> dict[str, Any]:
    layer = _layer(image.content)
    config = orjson.dumps(_config(platform, image, layer))
    await push_blob(oci, target, config)
    await push_blob(oci, target, layer)
    return {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": _descriptor(OCI_CONFIG, config),
        "layers": [_descriptor(_LAYER_TYPE, layer)],
        **_annotated(annotations),
    }


async def _push_manifest(oci: Oci, target: Target, tag: str, manifest: Mapping[str, Any]) -> str:
    content = orjson.dumps(manifest)
    digest = digest_of(content)
    headers = {"content-type": str(manifest["mediaType"])}
    call = Call(f"manifests/{tag or digest}", "PUT", headers, content, actions="pull,push")
    _expect(await oci.call(target, call), 201)
    return digest


def _config(platform: str, image: NewImage, layer: bytes) -> dict[str, Any]:
    config: dict[str, Any] = _platform(platform) | {
        "config": {"Labels": dict(image.labels)},
        "rootfs": {"type": "layers", "diff_ids": [digest_of(gzip.decompress(layer))]},
    }
    return config | ({"created": rfc3339(image.created)} if image.created else {})


def _layer(content: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo("content")
        member.size = len(content.encode())
        tar.addfile(member, io.BytesIO(content.encode()))
    return gzip.compress(buffer.getvalue(), mtime=0)


def _platform(platform: str) -> dict[str, str]:
    return dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))


def _descriptor(media_type: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def _annotated(annotations: Mapping[str, str]) -> dict[str, Any]:
    return {"annotations": dict(annotations)} if annotations else {}


def _expect(response: Response, status: int) -> Response:
    if response.status != status:
        raise Refused(f"{response.url} answered {response.status}", status=response.status)
    return response
