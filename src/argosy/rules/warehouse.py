"""Warehouse: when to look for artifacts, whether what was found suffices, and the Freight it makes.

Behaviour follows Kargo's `pkg/controller/warehouses/warehouses.go`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from argosy.resources.discovery import DiscoveredArtifacts
from argosy.resources.duration import parse_duration
from argosy.resources.meta import Condition
from argosy.resources.names import Annotation, ConditionType
from argosy.resources.warehouse import Warehouse, WarehouseStatus
from argosy.rules.condition import Conditions


def interval(warehouse: Warehouse, least: float) -> float:
    """Seconds between two looks: what the Warehouse says, but not less than the system's minimum."""
    return max(parse_duration(warehouse.spec.interval), least)


def retry_in(status: WarehouseStatus, after: float | None, least: float, now: datetime) -> float:
    """Seconds until a look is tried again that failed by what may pass, as `status` now tells.

    When the server says (`after`), but not less than the system's minimum; otherwise after as long as the trouble has
    lasted, so that each pause is about as long as all before it.
    """
    if after is not None:
        return max(after, least)
    told = next((each for each in status.conditions if each.type == ConditionType.HEALTHY), None)
    since = told.last_transition_time if told is not None else None
    return max(least, (now - since).total_seconds() if since is not None else 0.0)


def refresh_token(warehouse: Warehouse) -> str:
    return warehouse.metadata.annotations.get(Annotation.REFRESH, "")


def due_in(warehouse: Warehouse, least: float, now: datetime, looked: datetime | None = None) -> float:
    """Seconds until artifacts are to be discovered again; 0 for now.

    `looked` is the last look that is remembered: one that found nothing new is not written down.
    """
    status = warehouse.status
    found = status.discovered_artifacts
    if found is None or found.discovered_at is None:
        return 0.0
    if asked_anew(warehouse):
        return 0.0
    last = max(found.discovered_at, looked or found.discovered_at)
    return max(0.0, interval(warehouse, least) - (now - last).total_seconds())


def asked_anew(warehouse: Warehouse) -> bool:
    """Whether somebody waits for a new look (a refresh, a changed spec), so that no earlier one will do."""
    token, status = refresh_token(warehouse), warehouse.status
    return status.discovered_artifacts is None or (
        warehouse.metadata.generation > status.observed_generation or token not in ("", status.last_handled_refresh)
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a look did not end well: the reasons that Healthy and Ready give, and the text of both."""

    healthy: str
    ready: str
    message: str


def lacking(found: DiscoveredArtifacts) -> Trouble | None:
    """Why no Freight can be made of what was found; None when it can."""
    if not (found.git or found.images or found.charts or found.results):
        return Trouble("MissingArtifacts", "MissingArtifacts", "No artifacts discovered")
    for commits in found.git:
        if not commits.commits:
            message = f"No commits discovered for Git repository {commits.repo_url!r}"
            return Trouble("NoCommitsDiscovered", "MissingCommits", message)
    for images in found.images:
        if not images.references:
            message = f"No references discovered for image repository {images.repo_url!r}"
            return Trouble("NoImageReferencesDiscovered", "MissingImageReferences", message)
    for charts in found.charts:
        if not charts.versions:
            where = f"{charts.name!r} from repository" if charts.name else "from repository"
            message = f"No versions discovered for chart {where} {charts.repo_url!r}"
            return Trouble("NoChartVersionsDiscovered", "MissingChartVersions", message)
    if not all(result.artifact_references for result in found.results):
        return Trouble("MissingArtifacts", "MissingArtifacts", "No artifacts discovered for a subscription")
    return None


@dataclass(frozen=True, slots=True)
class Made:
    """What became of what a look found.

    Attributes:
        freight: name of the Freight made of it, empty for none.
        existed: whether that Freight was there already.
        unsatisfied: whether the creation criteria forbade it.
        trouble: why it could not be made.
    """

    freight: str = ""
    existed: bool = False
    unsatisfied: bool = False
    trouble: Trouble | None = None


def conditions(warehouse: Warehouse, now: datetime) -> Conditions:
    present: tuple[Condition, ...] = warehouse.status.conditions
    return Conditions(present, generation=warehouse.metadata.generation, now=now)


def failed(warehouse: Warehouse, trouble: Trouble, now: datetime) -> WarehouseStatus:
    """The status after a look that failed; what was found before stays. The refresh that asked for it is done."""
    told = conditions(warehouse, now)
    _tell_trouble(told, trouble)
    return warehouse.status.model_copy(update={"conditions": told.result, "last_handled_refresh": _handled(warehouse)})


def discovered(warehouse: Warehouse, found: DiscoveredArtifacts, made: Made, now: datetime) -> WarehouseStatus:
    """The status after a look that found artifacts."""
    told = conditions(warehouse, now)
    told.remove(ConditionType.FREIGHT_CREATED)
    told.remove(ConditionType.FREIGHT_CREATION_CRITERIA_SATISFIED)
    trouble = lacking(found) or made.trouble
    if trouble is not None:
        _tell_trouble(told, trouble)
    else:
        told.remove(ConditionType.RECONCILING)
        told.set(ConditionType.HEALTHY, True, "ReconciliationSucceeded")
        count = len(warehouse.spec.subscriptions)
        message = f"Successfully discovered artifacts from {count} subscriptions"
        told.set(ConditionType.READY, True, "ArtifactsDiscovered", message)
    if made.unsatisfied:
        message = "Freight creation criteria were not satisfied"
        told.set(ConditionType.FREIGHT_CREATION_CRITERIA_SATISFIED, False, "CriteriaNotSatisfied", message)
    elif made.freight:
        message = "Freight creation criteria satisfied"
        told.set(ConditionType.FREIGHT_CREATION_CRITERIA_SATISFIED, True, "CriteriaSatisfied", message)
        reason = "AlreadyExists" if made.existed else "NewFreight"
        already = "already exists" if made.existed else "did not exist before"
        told.set(ConditionType.FREIGHT_CREATED, not made.existed, reason, f"Freight of the newest artifacts {already}")
    return warehouse.status.model_copy(
        update={
            "conditions": told.result,
            "discovered_artifacts": _first_found(warehouse, found),
            "last_freight_id": made.freight or warehouse.status.last_freight_id,
            "last_handled_refresh": _handled(warehouse),
            "observed_generation": warehouse.metadata.generation,
        }
    )


def _first_found(warehouse: Warehouse, found: DiscoveredArtifacts) -> DiscoveredArtifacts:
    """What was found, as of the look that found it first: looks that find nothing new leave nothing to be written."""
    before = warehouse.status.discovered_artifacts
    dated = found.model_copy(update={"discovered_at": before.discovered_at}) if before is not None else found
    return dated if dated == before else found


def _tell_trouble(told: Conditions, trouble: Trouble) -> None:
    told.remove(ConditionType.RECONCILING)
    told.set(ConditionType.HEALTHY, False, trouble.healthy, trouble.message)
    told.set(ConditionType.READY, False, trouble.ready, trouble.message)


def _handled(warehouse: Warehouse) -> str:
    return refresh_token(warehouse) or warehouse.status.last_handled_refresh
