"""What our registry keeps: blobs, manifests and tags, in memory and, where a folder is given, on disk as well."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from argosy.clients.files import Tree


@dataclass
class Repository:
    """One repository: blobs by digest, manifests by digest as (media type, content), tags by name as digests."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


class RegistryContent:
    """All repositories. With a `folder` everything is kept there too and read again when the registry starts."""

    def __init__(self, folder: Path | None = None) -> None:
        self.repositories: dict[str, Repository] = {}
        self._folder = folder
        if folder is not None and (folder / "index.json").exists():
            self._load(folder)

    def put_blob(self, name: str, content: bytes) -> str:
        """Keep a blob and return its digest."""
        digest = digest_of(content)
        self._repository(name).blobs[digest] = content
        self._write(digest, content)
        return digest

    def put_manifest(self, name: str, reference: str, media_type: str, content: bytes) -> str:
        """Keep a manifest under its digest and, when `reference` is a tag, point the tag to it."""
        digest = digest_of(content)
        repository = self._repository(name)
        repository.manifests[digest] = (media_type, content)
        if ":" not in reference:
            repository.tags[reference] = digest
        self._write(digest, content)
        self._save()
        return digest

    def delete_tag(self, name: str, tag: str) -> None:
        """Forget a tag; what it pointed to stays."""
        self._repository(name).tags.pop(tag, None)
        self._save()

    def _repository(self, name: str) -> Repository:
        return self.repositories.setdefault(name, Repository())

    def _write(self, digest: str, content: bytes) -> None:
        if self._folder is not None:
            Tree(self._folder).write(_file(digest), content)

    def _save(self) -> None:
        if self._folder is None:
            return
        index = {
            name: {
                "blobs": list(repository.blobs),
                "manifests": {digest: type_ for digest, (type_, _) in repository.manifests.items()},
                "tags": repository.tags,
            }
            for name, repository in self.repositories.items()
        }
        Tree(self._folder).write("index.json", orjson.dumps(index))

    def _load(self, folder: Path) -> None:
        def read(digest: str) -> bytes:
            return (folder / _file(digest)).read_bytes()

        for name, kept in orjson.loads((folder / "index.json").read_bytes()).items():
            self.repositories[name] = Repository(
                {digest: read(digest) for digest in kept["blobs"]},
                {digest: (type_, read(digest)) for digest, type_ in kept["manifests"].items()},
                kept["tags"],
            )


def _file(digest: str) -> str:
    return f"blobs/{digest.replace(':', '-')}"


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()
