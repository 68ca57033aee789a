"""What Freight carries: commits, images, charts and other artifacts, and the origin they came from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from argosy.resources.meta import Json, Model


class FreightOrigin(Model):
    """Where Freight comes from. Written as text, `Warehouse/<name>`, it is the key of status maps and annotations."""

    kind: Literal["Warehouse"] = Field(description="Kind of the resource that produces the Freight.")
    name: str = Field(description="Name of that resource, in the same Project.")

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> FreightOrigin:
        """The origin written as `Warehouse/<name>`. Raises ValueError for anything else."""
        kind, slash, name = text.partition("/")
        if not slash or kind != "Warehouse" or not name or "/" in name:
            raise ValueError(f"{text!r} is no Freight origin; write Warehouse/<name>")
        return cls(kind="Warehouse", name=name)


class GitCommit(Model):
    """One commit of one Git repository."""

    repo_url: str = Field("", alias="repoURL", description="URL of the repository.")
    id: str = Field("", description="ID of the commit.")
    branch: str = Field("", description="Branch on which the commit was found.")
    tag: str = Field("", description="Tag that was selected and points to the commit.")
    message: str = Field("", description="First line of the commit message.")
    author: str = Field("", description="Author of the commit, as name and address.")
    committer: str = Field("", description="Committer of the commit, as name and address.")
    subscription_name: str = Field("", description="Name of the subscription that found the commit, if it has one.")


class Image(Model):
    """One version of one container image."""

    repo_url: str = Field("", alias="repoURL", description="Image repository, without tag.")
    tag: str = Field("", description="Tag under which the image was found.")
    digest: str = Field("", description="Digest of the image; unlike a tag, it cannot move.")
    annotations: dict[str, str] = Field(default_factory=dict, description="OCI annotations of the image.")
    subscription_name: str = Field("", description="Name of the subscription that found the image, if it has one.")


class Chart(Model):
    """One version of one Helm chart."""

    repo_url: str = Field("", alias="repoURL", description="Chart repository, classic (http, https) or OCI (oci).")
    name: str = Field("", description="Name of the chart; empty for an OCI repository, which holds a single chart.")
    version: str = Field("", description="Version of the chart.")
    subscription_name: str = Field("", description="Name of the subscription that found the chart, if it has one.")


class ArtifactReference(Model):
    """One version of an artifact that is neither commit, image nor chart."""

    artifact_type: str = Field("", min_length=1, description="Kind of artifact, often a media type.")
    subscription_name: str = Field(min_length=1, description="Name of the subscription that found the artifact.")
    version: str = Field(min_length=1, description="Version or revision of the artifact.")
    metadata: Json = Field(None, description="Attributes of the artifact, as an object only its source understands.")
