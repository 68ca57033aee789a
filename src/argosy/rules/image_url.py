"""Image and chart repository URLs: one spelling for comparing them, and where their registry is. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass

from argosy.rules import git_url

DOCKER_HUB = "index.docker.io"
_DOCKER_HUB_NAMES = (DOCKER_HUB, "registry-1.docker.io")
_HOST = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d*)?", re.IGNORECASE)
_PATH = re.compile(r"[a-z0-9_./-]{2,255}")
_TAG = re.compile(r"[A-Za-z0-9_.-]{1,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Repository:
    """An image repository: `registry` is host and port, `path` the name there (with `library/` on Docker Hub)."""

    registry: str
    path: str

    @property
    def host(self) -> str:
        """The registry's host without its port."""
        if self.registry.startswith("["):
            return self.registry[1:].partition("]")[0]
        return self.registry.partition(":")[0]

    @property
    def name(self) -> str:
        """The spelling under which repositories are compared: Docker Hub's host and `library/` are left out."""
        if self.registry in _DOCKER_HUB_NAMES:
            return self.path.removeprefix("library/")
        return f"{self.registry}/{self.path}"

    def __str__(self) -> str:
        return self.name


def parse(url: str) -> Repository:
    """Where an image repository is. A tag or digest at the end is dropped.

    The first part is a registry when it holds a dot or a colon, as in Docker; without one the image is on Docker Hub.
    Follows what Kargo's library for registries accepts (go-containerregistry, `pkg/name`, weak validation).

    Raises ValueError when `url` names no repository.
    """
    text = _without_version(url)
    registry, slash, path = text.partition("/")
    if not slash or not ("." in registry or ":" in registry):
        registry, path = DOCKER_HUB, text
    if registry == "docker.io":
        registry = DOCKER_HUB
    if not _HOST.fullmatch(registry) or not _PATH.fullmatch(path):
        raise ValueError(f"{url!r} is no image repository; write it as registry.example.com/name")
    if registry == DOCKER_HUB and "/" not in path:
        path = f"library/{path}"
    return Repository(registry, path)


def normalize(url: str) -> str:
    """The spelling under which two image repository URLs are compared; `url` itself when it names none.

    Matches `NormalizeImage` in Kargo's `pkg/urls/image.go`.
    """
    try:
        return parse(git_url.sanitize(url.lower())).name
    except ValueError:
        return url


def normalize_chart(url: str) -> str:
    """The same for Helm chart repositories, whose `oci://` counts for nothing (Kargo's `pkg/urls/helm.go`)."""
    cleaned = git_url.sanitize(url)
    return normalize(cleaned.lower().removeprefix("oci://"))


def _without_version(url: str) -> str:
    base, at, digest = url.partition("@")
    if at:
        return base if _DIGEST.fullmatch(digest) else url
    name, colon, tag = url.rpartition(":")
    return name if colon and _TAG.fullmatch(tag) and "/" not in tag else url
