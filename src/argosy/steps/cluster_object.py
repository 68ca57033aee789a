"""What the steps for objects of a cluster have in common: how they name them, and finding those."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator

from argosy.clients.cluster import Cluster, Collection, subject
from argosy.resources.meta import Json
from argosy.steps.base import Config
from argosy.steps.label_selector import LabelSelector

POLL_EVERY = 60.0
"""Seconds between two looks where no change is told of; changes are, so this is for what gets lost."""

NO_CLUSTER = "no cluster is configured (--cluster)"


class ObjectChoice(Config):
    """One or more objects of a kind."""

    api_version: str = Field(min_length=1)
    """The API version, such as `apps/v1`."""
    kind: str = Field(min_length=1)
    """The kind, such as `Deployment`."""
    namespace: str = ""
    """The namespace, for kinds that have namespaces."""
    name: str = ""
    """The name of the object. Give either this or `selector`."""
    selector: LabelSelector | None = None
    """Chooses objects by label. Give either this or `name`."""

    @model_validator(mode="after")
    def _one_of_both(self) -> ObjectChoice:
        if bool(self.name) == (self.selector is not None):
            raise ValueError("give either name or selector")
        return self

    @property
    def collection(self) -> Collection:
        return Collection(self.api_version, self.kind, self.namespace)

    @property
    def subject(self) -> str:
        """What those who wait for these objects should be told of."""
        return subject(self.collection, self.name or "*")

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {place}{self.name}" if self.name else f"{self.kind} {place}* with {self.selector}"

    async def find(self, cluster: Cluster) -> list[Mapping[str, Any]]:
        """The objects that are meant, by name; maybe none. Raises NotFound for a name that is not there."""
        if self.name:
            return [await cluster.get(self.collection, self.name)]
        return list(await cluster.select(self.collection, str(self.selector)))


def identity(data: Mapping[str, Any]) -> dict[str, Json]:
    """Which object it is, as an output and for health checks."""
    meta = data.get("metadata") or {}
    found: dict[str, Json] = {"apiVersion": data.get("apiVersion", ""), "kind": data.get("kind", "")}
    return {**found, "namespace": meta.get("namespace", ""), "name": meta.get("name", "")}
