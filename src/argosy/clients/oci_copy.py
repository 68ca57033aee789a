"""Copies artifacts of OCI registries: images, indexes with all their images, charts; annotated on the way if wanted."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from argosy.clients.oci import INDEXES, Call, Manifest, Oci, Target, refused
from argosy.clients.oci_blob import Descriptor, copy_blob
from argosy.errors import Permanent

_MOST = 200  # manifests of an artifact, with those of indexes in indexes


@dataclass(frozen=True, slots=True)
class Artifact:
    """A manifest as it is to be, and those it holds. `content` is what the digest is of."""

    digest: str
    media_type: str
    content: bytes = field(repr=False)
    blobs: tuple[Descriptor, ...] = ()
    children: tuple[Artifact, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all blobs, compressed as they are."""
        return sum(blob.size for blob in self.blobs) + sum(child.size for child in self.children)


async def read(
    oci: Oci, target: Target, reference: str, *, index: Mapping[str, str], manifest: Mapping[str, str]
) -> Artifact:
    """The artifact under a tag or digest, with annotations added to the index and to each image.

    Without annotations it is the very same. Raises Permanent when there is none, or it is of an unknown kind.
    """
    return await _read(_Reading(oci, target, manifest), reference, index)


@dataclass(slots=True)
class _Reading:
    """One artifact being read. `count` bounds it: indexes of indexes may hold more than anybody can copy."""

    oci: Oci
    target: Target
    annotations: Mapping[str, str]
    count: int = 0


async def _read(reading: _Reading, reference: str, index: Mapping[str, str]) -> Artifact:
    target = reading.target
    reading.count += 1
    if reading.count > _MOST:
        raise Permanent(f"the index in {target.repository} holds more than {_MOST} manifests")
    found = await reading.oci.manifest(target, reference)
    if found is None:
        raise Permanent(
            f"there is no {reference} in {target.repository}", advice="Check the name, and that it was pushed."
        )
    if found.media_type not in INDEXES:
        return _image(found, reading.annotations)
    listed = found.data.get("manifests")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise Permanent(f"{reference} of {target.repository} is no index")
    children, entries = [], []
    for entry in listed:
        child = await _read(reading, Descriptor.of(entry).digest, {})
        children.append(child)
        entries.append({**entry, "digest": child.digest, "size": len(child.content)})
    if not index and not reading.annotations:
        return Artifact(found.digest, found.media_type, found.content, children=tuple(children))
    content = orjson.dumps(_annotated({**found.data, "manifests": entries}, index))
    return Artifact(_digest(content), found.media_type, content, children=tuple(children))


async def copy(oci: Oci, source: Target, target: Target, artifact: Artifact, tag: str) -> None:
    """Make an artifact be in a repository under a tag: blobs first, then what names them, the tag last."""
    async for inner in _within(artifact):
        for blob in inner.blobs:
            await copy_blob(oci, source, target, blob)
        await _put(oci, target, inner, tag if inner is artifact else inner.digest)


async def _within(artifact: Artifact) -> AsyncIterator[Artifact]:
    """What an artifact holds, innermost first, and itself last."""
    for child in artifact.children:
        async for inner in _within(child):
            yield inner
    yield artifact


async def _put(oci: Oci, target: Target, artifact: Artifact, reference: str) -> None:
    headers = {"content-type": artifact.media_type}
    call = Call(f"manifests/{reference}", "PUT", headers, artifact.content, actions="pull,push")
    response = await oci.call(target, call)
    if response.status not in (201, 202):
        raise refused(response, target, f"the manifest {reference}", deed="take")


def _image(found: Manifest, annotations: Mapping[str, str]) -> Artifact:
    config = found.data.get("config")
    blobs = [*Descriptor.each_of([config] if config else None), *Descriptor.each_of(found.data.get("layers"))]
    if not blobs:
        raise Permanent(f"an artifact of the kind {found.media_type or 'unknown'} cannot be copied")
    if not annotations:
        return Artifact(found.digest, found.media_type, found.content, tuple(blobs))
    content = orjson.dumps(_annotated(found.data, annotations))
    return Artifact(_digest(content), found.media_type, content, tuple(blobs))


def _annotated(data: Mapping[str, Any], annotations: Mapping[str, str]) -> dict[str, Any]:
    before = data.get("annotations") or {}
    if not isinstance(before, dict):
        raise Permanent("the manifest holds annotations that are no mapping")
    return {**data, "annotations": {**before, **annotations}} if annotations else dict(data)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
