"""What a promotion changes in an Argo CD Application: its sources, and the operation it asks for.

Behaviour follows `buildDesiredSources` and `syncApplication` in Kargo's
`pkg/promotion/runner/builtin/argocd_updater.go`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from argosy.clock import rfc3339
from argosy.errors import NotFound
from argosy.resources.meta import Json
from argosy.rules.argocd import PROMOTION_INFO, Application
from argosy.rules.git_url import normalize

INITIATOR = "kargo-controller"
"""Who asks for operations when no person does; Argo CD's sync windows know it by this name."""


@dataclass(frozen=True, slots=True)
class SourceUpdate:
    """What is to become of one source.

    Attributes:
        repo_url, chart: which source; Git URLs are compared in their normal spelling, those of charts as written.
        revision: where the source is to be; empty for anywhere.
        targets: whether `targetRevision` becomes `revision`.
        parameters: Helm parameters by name.
        images: Kustomize images as Kustomize writes them.
    """

    repo_url: str
    chart: str = ""
    revision: str = ""
    targets: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    images: tuple[str, ...] = ()

    def is_for(self, source: Mapping[str, Any]) -> bool:
        """Whether this is the source that is meant."""
        url, chart = str(source.get("repoURL", "")), str(source.get("chart") or "")
        if chart or self.chart:
            return (url, chart) == (self.repo_url, self.chart)
        return normalize(url) == normalize(self.repo_url)


@dataclass(frozen=True, slots=True)
class Sync:
    """What is asked of Argo CD: `spec` is a merge patch of the Application's spec, empty for none."""

    operation: Mapping[str, Json]
    spec: Mapping[str, Json] = field(default_factory=dict)


def desired_revisions(app: Application, updates: Sequence[SourceUpdate]) -> tuple[str, ...]:
    """Where each source is to be, in the order of the sources; empty for anywhere."""
    return tuple(next((update.revision for update in updates if update.is_for(source)), "") for source in app.sources)


def changed_sources(app: Application, updates: Sequence[SourceUpdate]) -> list[dict[str, Any]]:
    """The sources as they are to be; fields that nobody named stay. Raises NotFound for an update without a source.

    Each update changes the first source that it is for.
    """
    sources: list[dict[str, Any]] = [deepcopy(dict(source)) for source in app.sources]
    revisions = desired_revisions(app, updates)
    for update in updates:
        found = next((index for index, source in enumerate(sources) if update.is_for(source)), None)
        if found is None:
            chart = f" and chart {update.chart!r}" if update.chart else ""
            raise NotFound(
                f"no source of {app} has repoURL {update.repo_url}{chart}",
                advice="Write repoURL and chart as the Application has them.",
            )
        _apply(sources[found], update, revisions[found])
    return sources


def _apply(source: dict[str, Any], update: SourceUpdate, revision: str) -> None:
    if update.targets and revision:
        source["targetRevision"] = revision
    if update.images:
        source["kustomize"] = {**(source.get("kustomize") or {}), "images": list(update.images)}
    if update.parameters:
        helm = dict(source.get("helm") or {})
        parameters = [dict(each) for each in helm.get("parameters") or ()]
        for name, value in update.parameters.items():
            known = next((each for each in parameters if each.get("name") == name), None)
            if known is None:
                parameters.append({"name": name, "value": value})
            else:
                known["value"] = value
        source["helm"] = {**helm, "parameters": parameters}


def sync(app: Application, updates: Sequence[SourceUpdate], promotion: str, actor: str) -> Sync:
    """What to ask for. `actor` is who created the Promotion, empty for nobody. Raises NotFound as `changed_sources`."""
    sources = changed_sources(app, updates)
    spec: dict[str, Json] = {}
    if sources != list(app.sources):
        spec = {"sources": sources} if app.spec.get("sources") else {"source": sources[0]}
    return Sync(operation(app, promotion, actor), spec)


def operation(app: Application, promotion: str, actor: str) -> dict[str, Json]:
    """A sync with the Application's own options and retries.

    A person's promotion is no automated operation, so that sync windows treat it as a manual sync.
    """
    policy = app.spec.get("syncPolicy") or {}
    sync: dict[str, Json] = {}
    if policy.get("syncOptions"):
        sync["syncOptions"] = list(policy["syncOptions"])
    asked: dict[str, Json] = {
        "initiatedBy": {"username": actor or INITIATOR, **({} if actor else {"automated": True})},
        "info": [
            {"name": "Reason", "value": f"Argosy promotes: {promotion}"},
            {"name": PROMOTION_INFO, "value": promotion},
        ],
        "sync": sync,
    }
    if policy.get("retry"):
        asked["retry"] = deepcopy(policy["retry"])
    return asked


def started(app: Application, sync: Sync, unique: str, now: datetime) -> dict[str, Json]:
    """The Event about a sync that was asked for, in the form of Argo CD's own, so that its interface shows it."""
    who = str((sync.operation.get("initiatedBy") or {}).get("username") or INITIATOR)
    targets = [str(source.get("targetRevision") or "") for source in app.sources]
    goal = targets[0] if len(targets) == 1 else f"{len(targets)} sources"
    about = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{app.name[:200]}.{unique}",
            "namespace": app.namespace,
            "annotations": {"user": who},
        },
        "involvedObject": {
            **about,
            "name": app.name,
            "namespace": app.namespace,
            "uid": app.meta.get("uid", ""),
            "resourceVersion": app.meta.get("resourceVersion", ""),
        },
        "source": {"component": who},
        "reason": "OperationStarted",
        "type": "Normal",
        "message": f"{who} initiated sync{f' to {goal}' if goal else ''}",
        "count": 1,
        "firstTimestamp": rfc3339(now),
        "lastTimestamp": rfc3339(now),
    }
