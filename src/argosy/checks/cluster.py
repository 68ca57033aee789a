"""`kubernetes` and `flux`: whether the objects of a cluster that a promotion ended with are there, and well.

The steps kubernetes-wait, flux-wait and flux-reconcile register them. They are not in Kargo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from argosy.checks.base import Subject, Verdict
from argosy.clients.cluster import Cluster, Collection, subject
from argosy.errors import ArgosyError, NotFound
from argosy.resources.meta import Json
from argosy.resources.stage import HealthState
from argosy.rules import flux
from argosy.rules.kubernetes_health import Condition, condition_of, lacks

Judge = Callable[[Mapping[str, Any], Mapping[str, Json]], Condition]
"""An object and its entry in the configuration, to how it is."""


def kubernetes(data: Mapping[str, Any], entry: Mapping[str, Json]) -> Condition:
    """A plain object, which must have the images that were promoted."""
    missing = lacks(data, entry.get("images") or ())
    return Condition(HealthState.UNHEALTHY, missing) if missing else condition_of(data)


def of_flux(data: Mapping[str, Any], entry: Mapping[str, Json]) -> Condition:
    """An object of Flux, which must be at the revision that was promoted once it is at rest."""
    found = flux.assess(data)
    desired = str(entry.get("desiredRevision") or "")
    if found.is_healthy and not flux.is_at(flux.revision_of(data), desired):
        return Condition(HealthState.UNHEALTHY, flux.assess(data, desired).why)
    return found


@dataclass(frozen=True, slots=True)
class ClusterCheck:
    """A check (`checks.base.Check`) of objects of a cluster; `cluster` is None while none is configured."""

    cluster: Cluster | None
    judge: Judge

    async def __call__(self, config: Mapping[str, Json], stage: Subject) -> Verdict:
        """The worst of all objects."""
        if self.cluster is None:
            issue = "no cluster is configured (--cluster), so the health of its objects is not known"
            return Verdict(HealthState.UNKNOWN, (issue,))
        state, issues, told = HealthState.HEALTHY, list[str](), list[Json]()
        for entry in config.get("resources") or ():
            found = await self._look(self.cluster, entry)
            state = state.merge(found.state)
            issues.extend(filter(None, [found.why]))
            named = {name: entry.get(name, "") for name in ("apiVersion", "kind", "namespace", "name")}
            told.append({**named, "health": found.state.value})
        return Verdict(state, tuple(issues), {"resources": told})

    async def _look(self, cluster: Cluster, entry: Mapping[str, Json]) -> Condition:
        try:
            return self.judge(await cluster.get(_collection(entry), str(entry.get("name", ""))), entry)
        except NotFound as error:
            return Condition(HealthState.UNHEALTHY, error.message)
        except ArgosyError as error:
            return Condition(HealthState.UNKNOWN, f"{entry.get('kind')} {entry.get('name')!r} cannot be read: {error}")

    def subjects(self, config: Mapping[str, Json]) -> list[str]:
        """The objects that a configuration is about."""
        if self.cluster is None:
            return []
        return [subject(_collection(entry), str(entry.get("name", ""))) for entry in config.get("resources") or ()]


def _collection(entry: Mapping[str, Json]) -> Collection:
    return Collection(str(entry.get("apiVersion")), str(entry.get("kind")), str(entry.get("namespace") or ""))
