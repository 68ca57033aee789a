"""What the steps for Flux have in common: how they name Kustomizations and HelmReleases, and what they wait for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from argosy.clients.cluster import Cluster, Collection, subject
from argosy.errors import Permanent
from argosy.resources.meta import Json
from argosy.resources.stage import HealthState
from argosy.rules.flux import KINDS, assess
from argosy.steps.base import Config, Done, HealthCheck
from argosy.steps.cluster_object import identity

CHECK = "flux"
TIMEOUT = 300.0


class FluxObject(Config):
    """A Kustomization or HelmRelease."""

    kind: Literal["Kustomization", "HelmRelease"] = "Kustomization"
    """The kind."""
    name: str = Field(min_length=1)
    """The name of the object."""
    namespace: str = Field(default="flux-system", min_length=1)
    """The namespace of the object."""
    api_version: str = ""
    """The API version, by default `kustomize.toolkit.fluxcd.io/v1` and `helm.toolkit.fluxcd.io/v2`."""
    desired_revision: str = ""
    """The revision that must be deployed: a commit, a digest, or the version of a chart. By default any."""

    @property
    def collection(self) -> Collection:
        return Collection(self.api_version or KINDS[self.kind], self.kind, self.namespace)

    @property
    def subject(self) -> str:
        """What those who wait for it should be told of."""
        return subject(self.collection, self.name)

    def __str__(self) -> str:
        return (
            f"{self.kind} {self.namespace}/{self.name}{f' at {self.desired_revision}' if self.desired_revision else ''}"
        )

    async def find(self, cluster: Cluster) -> Mapping[str, Any]:
        """Raises NotFound."""
        return await cluster.get(self.collection, self.name)

    def lacks(self, data: Mapping[str, Any]) -> str:
        """Why it is no better; empty when it is well and where it should be. Raises Permanent for a broken one."""
        found = assess(data, self.desired_revision)
        if found.state is HealthState.UNHEALTHY:
            raise Permanent(found.why)
        return "" if found.is_healthy else found.why


def done(config: Sequence[FluxObject], objects: Sequence[Mapping[str, Any]]) -> Done:
    """All is well: what the step gives, and what the Stage watches over from now on."""
    found: list[dict[str, Json]] = [identity(data) for data in objects]
    checked: list[Json] = [
        {**each, **({"desiredRevision": one.desired_revision} if one.desired_revision else {})}
        for each, one in zip(found, config, strict=True)
    ]
    return Done({"resources": list(found)}, health_check=HealthCheck(CHECK, {"resources": checked}))
