"""What Freight carries, in one form for all sorts of artifacts: which artifact it is, and in which version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from argosy.resources.discovery import DiscoveredArtifacts
from argosy.resources.freight import Freight, FreightReference
from argosy.resources.meta import Model
from argosy.rules.git_url import normalize as normalize_git

ArtifactKey = tuple[str, str, str]
"""Sort, place and name of an artifact, in one spelling."""


class ArtifactName(Model):
    """Which artifact, in whatever version."""

    kind: Literal["image", "git", "chart", "other"] = Field(description="Its sort.")
    repo_url: str = Field("", alias="repoURL", description="Where it comes from; empty for other sorts.")
    name: str = Field("", description="Name of the chart, or of the subscription for other sorts.")

    @property
    def key(self) -> ArtifactKey:
        """The same for every spelling of it."""
        return self.kind, normalize_git(self.repo_url) if self.kind == "git" else self.repo_url, self.name

    @property
    def place(self) -> str:
        """Where it comes from, in one word."""
        return "/".join(part for part in (self.repo_url, self.name) if part)


class ArtifactVersion(Model):
    """One version of an artifact.

    `identity` is what tells it from other versions: a digest or the ID of a commit where there is one.
    """

    artifact: ArtifactName = Field(description="Which artifact.")
    version: str = Field(
        description="The version as people call it: a tag, a chart's version, the start of a commit's ID."
    )
    identity: str = Field("", description="What cannot move: a digest, the ID of a commit, or the version.")


_SHORT = 12


def carried(freight: Freight | FreightReference) -> Iterator[ArtifactVersion]:
    """The artifacts of a piece of Freight with their versions."""
    for image in freight.images:
        yield _image(image.repo_url, image.tag, image.digest)
    for commit in freight.commits:
        yield _commit(commit.repo_url, commit.tag, commit.id)
    for chart in freight.charts:
        yield _chart(chart.repo_url, chart.name, chart.version)
    for other in freight.artifacts:
        yield _other(other.subscription_name, other.version)


def discovered(found: DiscoveredArtifacts | None) -> Iterator[ArtifactVersion]:
    """What a Warehouse found, of each artifact the newest first."""
    if found is None:
        return
    for images in found.images:
        yield from (_image(images.repo_url, each.tag, each.digest) for each in images.references)
    for git in found.git:
        yield from (_commit(git.repo_url, each.tag, each.id) for each in git.commits)
    for charts in found.charts:
        yield from (_chart(charts.repo_url, charts.name, each) for each in charts.versions)
    for result in found.results:
        yield from (_other(result.name, each.version) for each in result.artifact_references)


def _image(url: str, tag: str, digest: str) -> ArtifactVersion:
    return ArtifactVersion(
        artifact=ArtifactName(kind="image", repo_url=url), version=tag or digest, identity=digest or tag
    )


def _commit(url: str, tag: str, id: str) -> ArtifactVersion:
    return ArtifactVersion(artifact=ArtifactName(kind="git", repo_url=url), version=tag or id[:_SHORT], identity=id)


def _chart(url: str, name: str, version: str) -> ArtifactVersion:
    return ArtifactVersion(
        artifact=ArtifactName(kind="chart", repo_url=url, name=name), version=version, identity=version
    )


def _other(name: str, version: str) -> ArtifactVersion:
    return ArtifactVersion(artifact=ArtifactName(kind="other", name=name), version=version, identity=version)
