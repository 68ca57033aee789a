"""Warehouse: when to look for artifacts, whether what was found suffices, and the Freight it makes.

Behaviour follows Kargo's `pkg/controller/warehouses/warehouses.go`.
"""

from __future__ import annotations

from datetime import datetime

from argosy.resources.artifact import Chart, FreightOrigin, GitCommit, Image
from argosy.resources.discovery import DiscoveredArtifacts
from argosy.resources.duration import parse_duration
from argosy.resources.freight import FreightReference
from argosy.resources.meta import Condition
from argosy.resources.names import Annotation, ConditionType
from argosy.resources.warehouse import Warehouse, WarehouseStatus
from argosy.rules.condition import Conditions


def interval(warehouse: Warehouse, least: float) -> float:
    """Seconds between two looks: what the Warehouse says, but not less than the system's minimum."""
    return max(parse_duration(warehouse.spec.interval), least)


def refresh_token(warehouse: Warehouse) -> str:
    return warehouse.metadata.annotations.get(Annotation.REFRESH, "")


def due_in(warehouse: Warehouse, least: float, now: datetime) -> float:
    """Seconds until artifacts are to be discovered again; 0 for now."""
    status = warehouse.status
    found = status.discovered_artifacts
    if found is None or found.discovered_at is None:
        return 0.0
    if warehouse.metadata.generation > status.observed_generation:
        return 0.0
    if refresh_token(warehouse) != status.last_handled_refresh and refresh_token(warehouse):
        return 0.0
    return max(0.0, interval(warehouse, least) - (now - found.discovered_at).total_seconds())


def lacking(found: DiscoveredArtifacts | None) -> tuple[str, str] | None:
    """Why no Freight can be made of what was found: a reason for each of Healthy and the text; None when it can."""
    if found is None or not (found.git or found.images or found.charts or found.results):
        return "MissingArtifacts", "No artifacts discovered"
    for commits in found.git:
        if not commits.commits:
            return "NoCommitsDiscovered", f"No commits discovered for Git repository {commits.repo_url!r}"
    for images in found.images:
        if not images.references:
            return "NoImageReferencesDiscovered", f"No references discovered for image repository {images.repo_url!r}"
    for charts in found.charts:
        if not charts.versions:
            where = f"{charts.name!r} from repository" if charts.name else "from repository"
            return "NoChartVersionsDiscovered", f"No versions discovered for chart {where} {charts.repo_url!r}"
    return None


def newest(warehouse: Warehouse, found: DiscoveredArtifacts) -> FreightReference:
    """The newest of everything, as one piece of Freight; its name is not set."""
    return FreightReference(
        origin=FreightOrigin(kind="Warehouse", name=warehouse.name),
        commits=tuple(
            GitCommit(
                repo_url=result.repo_url,
                id=result.commits[0].id,
                branch=result.commits[0].branch,
                tag=result.commits[0].tag,
                message=result.commits[0].subject,
                author=result.commits[0].author,
                committer=result.commits[0].committer,
                subscription_name=result.subscription_name,
            )
            for result in found.git
        ),
        images=tuple(
            Image(
                repo_url=result.repo_url,
                tag=result.references[0].tag,
                digest=result.references[0].digest,
                annotations=result.references[0].annotations,
                subscription_name=result.subscription_name,
            )
            for result in found.images
        ),
        charts=tuple(
            Chart(
                repo_url=result.repo_url,
                name=result.name,
                version=result.versions[0],
                subscription_name=result.subscription_name,
            )
            for result in found.charts
        ),
        artifacts=tuple(result.artifact_references[0] for result in found.results),
    )


def conditions(warehouse: Warehouse, now: datetime) -> Conditions:
    present: tuple[Condition, ...] = warehouse.status.conditions
    return Conditions(present, generation=warehouse.metadata.generation, now=now)


def failed(warehouse: Warehouse, reason: str, message: str, now: datetime) -> WarehouseStatus:
    """The status after a look that failed; what was found before stays."""
    told = conditions(warehouse, now)
    told.remove(ConditionType.RECONCILING)
    told.set(ConditionType.HEALTHY, False, reason, message)
    told.set(ConditionType.READY, False, reason, message)
    return warehouse.status.model_copy(update={"conditions": told.result})


def discovered(
    warehouse: Warehouse, found: DiscoveredArtifacts, *, freight: str, exists: bool, now: datetime
) -> WarehouseStatus:
    """The status after a look that found artifacts; `freight` is the Freight made of them, empty when none was."""
    told = conditions(warehouse, now)
    told.remove(ConditionType.RECONCILING)
    told.remove(ConditionType.FREIGHT_CREATED)
    told.remove(ConditionType.FREIGHT_CREATION_CRITERIA_SATISFIED)
    lack = lacking(found)
    if lack is not None:
        told.set(ConditionType.HEALTHY, False, *lack)
        told.set(ConditionType.READY, False, *lack)
    else:
        told.set(ConditionType.HEALTHY, True, "ReconciliationSucceeded")
        count = len(warehouse.spec.subscriptions)
        message = f"Successfully discovered artifacts from {count} subscriptions"
        told.set(ConditionType.READY, True, "ArtifactsDiscovered", message)
    if freight:
        told.set(ConditionType.FREIGHT_CREATION_CRITERIA_SATISFIED, True, "CriteriaSatisfied")
        if exists:
            message = "Freight composed of the newest artifacts already exists"
            told.set(ConditionType.FREIGHT_CREATED, False, "AlreadyExists", message)
        else:
            message = "No Freight composed of the newest artifacts already existed"
            told.set(ConditionType.FREIGHT_CREATED, True, "NewFreight", message)
    return warehouse.status.model_copy(
        update={
            "conditions": told.result,
            "discovered_artifacts": found,
            "last_freight_id": freight or warehouse.status.last_freight_id,
            "last_handled_refresh": refresh_token(warehouse) or warehouse.status.last_handled_refresh,
            "observed_generation": warehouse.metadata.generation,
        }
    )
