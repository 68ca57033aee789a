"""Tag indexes: what is known of each image repository, shared by all who watch it, filled as it is needed.

An index is a cache. It can be deleted at any time; a file that cannot be read counts as none.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson
from pydantic import ValidationError

from argosy.clients.oci import INDEXES, MANIFESTS, Listing, Manifest, Oci, Target
from argosy.errors import Permanent
from argosy.resources.meta import Model
from argosy.rules import image as rules
from argosy.rules.image import Image
from argosy.sources.coalescence import Coalescence

_LOG = logging.getLogger(__name__)
_DEEPEST = 3
_MOST = 500  # manifests of an image, with those of indexes in indexes


class _Kept(Model):
    """The file of one index."""

    tags: tuple[str, ...]
    etag: str
    digests: dict[str, str]
    images: dict[str, Image]


@dataclass(slots=True)
class _Reading:
    """How far the reading of one image has come: indexes of indexes may hold more than anybody can read."""

    depth: int = 0
    count: int = 0

    @contextlib.contextmanager
    def deeper(self) -> Iterator[None]:
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1


class TagIndexes:
    """One `TagIndex` per repository and login.

    Args:
        key: secret that keys the names of the files, so that they say nothing about logins; keep it over restarts.
        folder: where indexes survive restarts; None keeps them in memory only.
    """

    def __init__(self, oci: Oci, key: bytes, folder: Path | None = None) -> None:
        self._oci = oci
        self._key = key
        self._folder = folder
        self._indexes: dict[str, TagIndex] = {}

    def of(self, target: Target) -> TagIndex:
        """The index of a repository as one login sees it; who has another login never sees what it found."""
        login = target.login.digest(self._key) if target.login else "anonymous"
        identity = "\0".join((target.repository.name, login, "verified" if target.verify else "unverified"))
        name = hmac.new(self._key, identity.encode(), hashlib.sha256).hexdigest()
        if name not in self._indexes:
            file = self._folder / f"{name}.json" if self._folder else None
            self._indexes[name] = TagIndex(self._oci, target, file)
        # The password of the same account may have rotated.
        self._indexes[name].target = target
        return self._indexes[name]


class TagIndex:
    """Tags, what they point to, and what those images are. Answers are never older than the question."""

    def __init__(self, oci: Oci, target: Target, file: Path | None = None) -> None:
        self.target = target
        self._oci = oci
        self._file = file
        self._listing: Listing | None = None
        self._digests: dict[str, str] = {}
        self._images: dict[str, Image] = {}
        self._changed = False
        self._loading = asyncio.Lock()
        self._loaded = file is None
        self._saving = asyncio.Lock()
        self._listings = Coalescence[None, tuple[str, ...]](lambda _: self._list())
        self._resolutions = Coalescence[str, Image | None](self._resolve)

    async def tags(self) -> tuple[str, ...]:
        """All tags, listed anew with one request (more when the registry pages). Raises Temporary, Refused."""
        return await self._listings.get(None)

    async def image(self, tag: str, *, trusted: bool) -> Image | None:
        """The image under a tag; None when there is none (any more).

        Costs no request when `trusted` and known, one HEAD when the tag still points where it did, and otherwise the
        manifest, its children and their configs.

        Raises:
            Temporary, Refused: the registry cannot answer, or says no.
            Permanent: what is there is no image.
        """
        await self._load()
        if trusted and (known := self._images.get(self._digests.get(tag, ""))):
            return known
        return await self._resolutions.get(tag)

    async def save(self) -> None:
        """Keep what was learned. A folder that cannot be written costs only the cache."""
        if self._file is None or not self._changed:
            return
        async with self._saving:
            self._changed = False
            listing = self._listing or Listing(())
            kept = _Kept(tags=listing.tags, etag=listing.etag, digests=dict(self._digests), images=dict(self._images))
            await asyncio.to_thread(_write, self._file, kept)

    async def _list(self) -> tuple[str, ...]:
        await self._load()
        listing = await self._oci.tags(self.target, self._listing)
        if listing != self._listing:
            self._listing = listing
            present = set(listing.tags)
            self._digests = {tag: digest for tag, digest in self._digests.items() if tag in present}
            pointed = set(self._digests.values())
            self._images = {digest: image for digest, image in self._images.items() if digest in pointed}
            self._changed = True
        return listing.tags

    async def _resolve(self, tag: str) -> Image | None:
        reference = tag
        if self._digests.get(tag) in self._images:
            digest = await self._oci.digest(self.target, tag)
            if digest in self._images:
                return self._point(tag, self._images[digest])
            reference = digest or ""
        manifest = await self._oci.manifest(self.target, reference) if reference else None
        if manifest is None:
            self._digests.pop(tag, None)
            return None
        return self._point(tag, self._images.get(manifest.digest) or await self._read(manifest, _Reading()))

    def _point(self, tag: str, image: Image) -> Image:
        if self._digests.get(tag) != image.digest or image.digest not in self._images:
            self._digests[tag] = image.digest
            self._images[image.digest] = image
            self._changed = True
        return image

    async def _read(self, manifest: Manifest, reading: _Reading) -> Image:
        place = f"{self.target.repository}@{manifest.digest}"
        try:
            if manifest.media_type in MANIFESTS:
                return rules.of_manifest(manifest.digest, manifest.data, await self._config(manifest, place))
            if manifest.media_type in INDEXES and reading.depth < _DEEPEST:
                digests = dict.fromkeys(item["digest"] for item in rules.references(manifest.data))
                with reading.deeper():
                    children = {digest: await self._child(digest, reading) for digest in digests}
                return rules.of_index(manifest.digest, manifest.data, children)
        except Permanent as error:
            raise Permanent(f"{place}: {error.message}", advice=error.advice) from error
        raise Permanent(
            f"{place} is no container image but {manifest.media_type or 'of no stated type'}",
            advice="Exclude its tags with ignoreTagsRegexes, or push the image anew in a current format",
        )

    async def _child(self, digest: str, reading: _Reading) -> Image:
        reading.count += 1
        if reading.count > _MOST:
            raise Permanent(f"it holds more than {_MOST} manifests", advice="Exclude its tag with ignoreTagsRegexes")
        manifest = await self._oci.manifest(self.target, digest)
        if manifest is None:
            raise Permanent(f"the index names {digest}, which the registry does not have")
        return await self._read(manifest, reading)

    async def _config(self, manifest: Manifest, place: str) -> dict[str, object]:
        descriptor = manifest.data.get("config")
        digest = descriptor.get("digest") if isinstance(descriptor, dict) else None
        if not isinstance(digest, str):
            raise Permanent("its manifest names no config")
        try:
            config = orjson.loads(await self._oci.blob(self.target, digest))
        except orjson.JSONDecodeError:
            config = None
        if not isinstance(config, dict):
            raise Permanent("its config is not a JSON object", advice="Exclude its tag with ignoreTagsRegexes")
        return config

    async def _load(self) -> None:
        async with self._loading:
            if self._loaded or self._file is None:
                return
            kept = await asyncio.to_thread(_read_file, self._file)
            self._loaded = True
            if kept is not None:
                self._listing = Listing(kept.tags, kept.etag)
                self._digests, self._images = dict(kept.digests), dict(kept.images)


def _read_file(file: Path) -> _Kept | None:
    try:
        return _Kept.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        _LOG.warning("the tag index %s cannot be read and is built anew (%s)", file.name, type(error).__name__)
        return None


def _write(file: Path, kept: _Kept) -> None:
    """Write whole or not at all, readable by the owner alone: annotations of private images are private."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile(dir=file.parent, delete=False) as draft:
            draft.write(kept.model_dump_json().encode())
        os.replace(draft.name, file)
    except OSError as error:
        _LOG.warning("the tag index %s cannot be kept: %s", file.name, error.strerror)
