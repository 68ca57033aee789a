"""Blobs of OCI registries of any size, moved part by part: from a registry to a file, to a registry, and between two.

Follows the distribution specification: ranged reads, mounts within a registry, uploads in one piece or in chunks.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from argosy.clients.http import MIB, Refused, Response
from argosy.clients.oci import Call, Oci, Target, refused
from argosy.errors import Permanent, Temporary

PART = 16 * MIB
_WRITE = "pull,push"
_OCTETS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a manifest says of a blob or of another manifest. `size` is in bytes."""

    digest: str
    size: int
    media_type: str

    @classmethod
    def of(cls, data: object) -> Descriptor:
        """Raises Permanent for what is no descriptor."""
        fields: Mapping[str, Any] = data if isinstance(data, dict) else {}
        digest, size = fields.get("digest"), fields.get("size")
        if not isinstance(digest, str) or type(size) is not int or size < 0:
            raise Permanent("the manifest holds something that is no descriptor")
        return cls(digest, size, str(fields.get("mediaType") or ""))

    @classmethod
    def each_of(cls, data: object) -> list[Descriptor]:
        """Those in a list, which may be missing. Raises Permanent for what is none."""
        if not isinstance(data or [], list):
            raise Permanent("the manifest holds something that is no list of descriptors")
        return [cls.of(each) for each in cast("list[object]", data or [])]


async def parts(oci: Oci, target: Target, blob: Descriptor) -> AsyncIterator[bytes]:
    """The content of a blob, 16 MiB at most at a time. Raises Temporary at the end when it is not what was promised."""
    algorithm = blob.digest.partition(":")[0]
    if algorithm not in ("sha256", "sha512"):
        raise Permanent(f"{target.repository} has a digest of the unknown kind {algorithm!r}")
    digest, at = hashlib.new(algorithm), 0
    path = f"blobs/{quote(blob.digest, safe=':')}"
    while at < blob.size or (at == 0 and blob.size == 0):
        last = min(at + PART, blob.size) - 1
        headers = {"range": f"bytes={at}-{last}"} if blob.size > PART else {}
        response = await oci.call(target, Call(path, headers=headers, limit=max(blob.size if at == 0 else PART, 1)))
        if response.status not in (200, 206):
            raise refused(response, target, f"the blob {blob.digest}")
        content = response.content
        if at + len(content) != (last + 1 if response.status == 206 else blob.size):
            raise Temporary(
                f"{target.repository} does not give the parts of the blob {blob.digest} that it is asked for"
            )
        await asyncio.to_thread(digest.update, content)
        at += len(content)
        yield content
        if not blob.size:
            break
    if at != blob.size or f"{algorithm}:{digest.hexdigest()}" != blob.digest:
        raise Temporary(f"the blob {blob.digest} of {target.repository} arrived damaged")


async def has_blob(oci: Oci, target: Target, digest: str) -> bool:
    return (await oci.call(target, Call(f"blobs/{quote(digest, safe=':')}", "HEAD"))).status == 200


async def copy_blob(oci: Oci, source: Target, target: Target, blob: Descriptor) -> None:
    """Make a blob of one repository be in another, without moving it where that can be avoided."""
    if await has_blob(oci, target, blob.digest):
        return
    upload = await _begin(oci, source, target, blob)
    if upload:
        await _upload(oci, target, blob, upload, parts(oci, source, blob))


async def _begin(oci: Oci, source: Target, target: Target, blob: Descriptor) -> str:
    """Where to upload to; empty when the registry took the blob over from the other repository."""
    path, other = "blobs/uploads/", source.repository.path
    if source.repository.registry == target.repository.registry and source.login == target.login:
        mount = f"{path}?mount={quote(blob.digest, safe='')}&from={quote(other, safe='')}"
        response = await oci.call(target, Call(mount, "POST", actions=_WRITE, reads=other))
        if response.status == 201:
            return ""
        if response.status == 202:
            return _location(response, target)
    return _location(await oci.call(target, Call(path, "POST", actions=_WRITE)), target)


async def _upload(oci: Oci, target: Target, blob: Descriptor, upload: str, content: AsyncIterator[bytes]) -> None:
    at = 0
    if blob.size <= PART:
        whole = b"".join([part async for part in content])
        await _finish(oci, target, blob, upload, whole)
        return
    async for part in content:
        headers = {"content-type": _OCTETS, "content-range": f"{at}-{at + len(part) - 1}"}
        response = await oci.call(target, Call(upload, "PATCH", headers, part, actions=_WRITE))
        upload = _location(response, target)
        at += len(part)
    await _finish(oci, target, blob, upload, b"")


async def _finish(oci: Oci, target: Target, blob: Descriptor, upload: str, content: bytes) -> None:
    joint = "&" if "?" in upload else "?"
    path = f"{upload}{joint}digest={quote(blob.digest, safe='')}"
    response = await oci.call(target, Call(path, "PUT", {"content-type": _OCTETS}, content, actions=_WRITE))
    if response.status not in (201, 204):
        raise refused(response, target, f"the blob {blob.digest}", deed="take")


def _location(response: Response, target: Target) -> str:
    location = response.headers.get("location", "")
    if response.status != 202 or not location:
        raise refused(response, target, "a blob", deed="take")
    return location


__all__ = ["Descriptor", "Refused", "copy_blob", "has_blob", "parts"]
