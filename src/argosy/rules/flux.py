"""Flux's Kustomizations and HelmReleases: requests to reconcile, the revisions they are at, and whether they are well.

After Flux's documented protocol: the annotation `reconcile.fluxcd.io/requestedAt` asks for a reconciliation, and
`status.lastHandledReconcileAt` repeats its value when that has been done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from argosy.resources.stage import HealthState
from argosy.rules.kubernetes_health import Condition, called, condition_of

Data = Mapping[str, Any]

REQUEST = "reconcile.fluxcd.io/requestedAt"

_RETRY = "ProgressingWithRetry"

KINDS: Mapping[str, str] = {
    "Kustomization": "kustomize.toolkit.fluxcd.io/v1",
    "HelmRelease": "helm.toolkit.fluxcd.io/v2",
}
"""The kinds that deploy, with their API version."""

SOURCES: Mapping[str, str] = dict.fromkeys(
    ("GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Bucket"), "source.toolkit.fluxcd.io/v1"
)
"""The kinds that fetch."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an object of Flux gets what it deploys."""

    kind: str
    namespace: str
    name: str


def source_of(data: Data) -> Source | None:
    """The source of a Kustomization or HelmRelease; None when it names none that can be asked to fetch."""
    spec, meta = data.get("spec") or {}, data.get("metadata") or {}
    chart = (spec.get("chart") or {}).get("spec") or {}
    named = spec.get("sourceRef") or spec.get("chartRef") or chart.get("sourceRef") or {}
    kind, name = str(named.get("kind", "")), str(named.get("name", ""))
    if kind not in SOURCES or not name:
        return None
    return Source(kind, str(named.get("namespace") or meta.get("namespace", "")), name)


def is_suspended(data: Data) -> bool:
    return bool((data.get("spec") or {}).get("suspend"))


def is_static(data: Data) -> bool:
    """Whether Flux never looks at a source by itself: a HelmRepository in a registry only says where charts are."""
    return data.get("kind") == "HelmRepository" and (data.get("spec") or {}).get("type") == "oci"


def has_handled(data: Data, request: str) -> bool:
    """Whether Flux has done what was asked for under this name."""
    return (data.get("status") or {}).get("lastHandledReconcileAt") == request


def revision_of(data: Data) -> str:
    """What is deployed: a commit as `main@sha1:...`, or the version of a chart; empty before the first time."""
    status = data.get("status") or {}
    history = status.get("history") or ()
    if data.get("kind") == "HelmRelease" and history:
        return str(history[0].get("chartVersion") or "")
    return str(status.get("lastAppliedRevision") or "")


def is_at(revision: str, desired: str) -> bool:
    """Whether a revision as Flux writes it is the desired one: the whole, its digest, or the branch, tag or version."""
    name, _, digest = revision.rpartition("@")
    short = digest.rpartition(":")[2]
    return not desired or desired in (revision, short, digest, name.removeprefix("refs/tags/") or revision)


def assess(data: Data, desired: str = "") -> Condition:
    """Whether an object of Flux is well, and at the desired revision (empty: any).

    Trouble with another revision than the desired one is no trouble of the desired one.
    """
    if is_suspended(data):
        return Condition(HealthState.PROGRESSING, f"{called(data)} is suspended")
    found, has = _condition(data), revision_of(data)
    attempted = str((data.get("status") or {}).get("lastAttemptedRevision") or has)
    if not is_at(attempted, desired) or (found.is_healthy and not is_at(has, desired)):
        return Condition(HealthState.PROGRESSING, f"{called(data)} is at {has or 'no revision'}, not at {desired}")
    return found


def _condition(data: Data) -> Condition:
    """As for any object; but one that is not ready and no longer tries is broken, and one without a word is new."""
    ready = _conditions(data).get("Ready", {})
    found = condition_of(data)
    if found.state is HealthState.UNHEALTHY:
        return found
    if _is_busy(data):
        return _tries_again(data, ready) or found
    if ready.get("status") == "False":
        return Condition(HealthState.UNHEALTHY, f"{called(data)} is not ready: {ready.get('message', '')}")
    if not ready:
        return Condition(HealthState.PROGRESSING, f"{called(data)} was not looked at by Flux yet")
    return found


def _tries_again(data: Data, ready: Data) -> Condition | None:
    """What went wrong, where Flux tries once more, of which its progress says nothing; None for the first try."""
    if ready.get("status") != "False" or _conditions(data).get("Reconciling", {}).get("reason") != _RETRY:
        return None
    why = f"{called(data)} is not ready, and Flux tries again: {ready.get('message', '')}"
    return Condition(HealthState.PROGRESSING, why)


def _is_busy(data: Data) -> bool:
    meta, status = data.get("metadata") or {}, data.get("status") or {}
    if meta.get("deletionTimestamp") or status.get("observedGeneration") not in (None, meta.get("generation")):
        return True
    return bool(_conditions(data).get("Reconciling", {}).get("status") == "True")


def _conditions(data: Data) -> dict[str, Data]:
    return {str(each.get("type")): each for each in (data.get("status") or {}).get("conditions") or ()}
