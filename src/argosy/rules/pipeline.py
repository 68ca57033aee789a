"""What is told of a pipeline as a whole: of each resource the parts that are drawn, and of all Freight what matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Data = dict[str, Any]

_META = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "labels")
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_WAREHOUSE = ("shard", "interval", "freightCreationPolicy", "subscriptions")
_WAREHOUSE_STATUS = ("conditions", "lastHandledRefresh", "lastFreightID", "observedGeneration")
_STAGE_STATUS = (
    "conditions",
    "freightSummary",
    "lastHandledRefresh",
    "observedGeneration",
    "autoPromotionEnabled",
    "autoPromotionHolds",
    "effectiveAutoPromotionHolds",
)
_FREIGHT = ("alias", "discoveredAt", "origin", "commits", "images", "charts", "artifacts")
_FREIGHT_STATUS = ("currentlyIn", "verifiedIn", "approvedFor")
_PROMOTION_STATUS = ("phase", "message", "startedAt", "finishedAt", "currentStep", "lastHandledRefresh")
_EXECUTION = ("alias", "status", "startedAt", "finishedAt", "errorCount", "continueOnError")
_STEP = ("uses", "as", "task")


def project(data: Mapping[str, Any]) -> Data:
    """A Project: all that is known of it."""
    return {**_head(data), **_part(data, ("spec", "status"))}


def warehouse(data: Mapping[str, Any]) -> Data:
    """A Warehouse, without what it discovered."""
    spec = _part(data.get("spec"), _WAREHOUSE)
    return {**_head(data), "spec": spec, "status": _part(data.get("status"), _WAREHOUSE_STATUS)}


def stage(data: Mapping[str, Any]) -> Data:
    """A Stage, with what it uses now."""
    spec, status = data.get("spec") or {}, data.get("status") or {}
    told = _part(spec, ("shard", "requestedFreight", "targets"))
    steps = ((spec.get("promotionTemplate") or {}).get("spec") or {}).get("steps")
    if steps:
        told["promotionTemplate"] = {"spec": {"steps": [_part(step, _STEP) for step in steps]}}
    if spec.get("verification") is not None:
        told["verification"] = _part(spec["verification"], ("analysisTemplates",))
    now = _part(status, _STAGE_STATUS)
    if status.get("health"):
        now["health"] = _part(status["health"], ("status", "issues"))
    history = status.get("freightHistory") or []
    if history:
        now["freightHistory"] = [_collection(history[0])]
    for name in ("currentPromotion", "lastPromotion"):
        if status.get(name):
            now[name] = _reference(status[name])
    return {**_head(data), "spec": told, "status": now}


def freight(data: Mapping[str, Any]) -> Data:
    """Freight, with where it is and where it may go."""
    return {**_head(data), **_part(data, _FREIGHT), "status": _part(data.get("status"), _FREIGHT_STATUS)}


def promotion(data: Mapping[str, Any]) -> Data:
    """A Promotion, with how far it has come."""
    spec, status = data.get("spec") or {}, data.get("status") or {}
    told = _part(spec, ("stage", "freight"))
    told["steps"] = [_part(step, _STEP) for step in spec.get("steps") or ()]
    now = _part(status, _PROMOTION_STATUS)
    now["stepExecutionMetadata"] = [_part(each, _EXECUTION) for each in status.get("stepExecutionMetadata") or ()]
    return {**_head(data), "spec": told, "status": now}


def origin(freight: Mapping[str, Any]) -> str:
    """The Warehouse that raw Freight comes from."""
    return str((freight.get("origin") or {}).get("name") or "")


def origins(warehouses: Iterable[str], stages: Iterable[Mapping[str, Any]]) -> list[str]:
    """Where the Freight of a pipeline comes from: its Warehouses, and whatever else raw Stages ask for."""
    asked = (request.get("origin") or {} for stage in stages for request in stage["spec"].get("requestedFreight") or ())
    return [*dict.fromkeys((*warehouses, *(str(each["name"]) for each in asked if each.get("name"))))]


def used(stages: Iterable[Mapping[str, Any]], promotions: Iterable[Mapping[str, Any]]) -> set[str]:
    """The names of the Freight that is in raw Stages, or on the way to one by raw Promotions."""
    collections = (history[0] for stage in stages if (history := stage["status"].get("freightHistory")))
    items = (item for each in collections for item in (each.get("items") or {}).values())
    moving = ((promotion.get("spec") or {}).get("freight") for promotion in promotions)
    return {str(name) for name in (*(item.get("name") for item in items), *moving) if name}


def _head(data: Mapping[str, Any]) -> Data:
    meta = data.get("metadata") or {}
    told = _part(meta, _META)
    marks = {key: value for key, value in (meta.get("annotations") or {}).items() if key != _APPLIED}
    if marks:
        told["annotations"] = marks
    return {**_part(data, ("apiVersion", "kind")), "metadata": told}


def _collection(data: Mapping[str, Any]) -> Data:
    told = _part(data, ("id", "items"))
    if data.get("verificationHistory"):
        told["verificationHistory"] = data["verificationHistory"][:1]
    return told


def _reference(data: Mapping[str, Any]) -> Data:
    told = _part(data, ("name", "finishedAt"))
    told["freight"] = _part(data.get("freight"), ("name", "origin"))
    if data.get("status"):
        told["status"] = _part(data["status"], _PROMOTION_STATUS)
    return told


def _part(data: Any, names: Iterable[str]) -> Data:
    """The fields of those names that are there."""
    return {name: data[name] for name in names if name in data} if isinstance(data, Mapping) else {}
