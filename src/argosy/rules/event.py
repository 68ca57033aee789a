"""Events: what happened, as core/v1 Event documents with Kargo's annotations (`pkg/event`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from argosy.clock import rfc3339
from argosy.resources.freight import Freight
from argosy.resources.meta import Json, Resource
from argosy.resources.names import TRUE, Annotation, EventActor, EventAnnotation, EventReason
from argosy.resources.promotion import Promotion
from argosy.rules.argocd_context import event_note

COMPONENT = "argosy"
LONGEST_MESSAGE = 1024


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes one event differ from another: a unique word and the time."""

    unique: str
    now: datetime


def event(
    about: Resource,
    reason: str,
    message: str,
    stamp: Stamp,
    *,
    warning: bool = False,
    notes: Mapping[str, str] | None = None,
) -> dict[str, Json]:
    """An Event about a resource. `notes` are its annotations; messages end after 1,024 characters."""
    now = rfc3339(stamp.now)
    prefix = f"{about.name}"[:200].rstrip(".-")
    namespace = about.namespace or "default"
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{prefix}.{stamp.unique}",
            "namespace": namespace,
            **({"annotations": dict(notes)} if notes else {}),
        },
        "involvedObject": {
            "apiVersion": about.api_version,
            "kind": about.kind,
            "name": about.name,
            "namespace": about.namespace,
            "uid": about.metadata.uid,
            "resourceVersion": about.metadata.resource_version,
        },
        "reason": reason,
        "message": message[:LONGEST_MESSAGE],
        "type": "Warning" if warning else "Normal",
        "source": {"component": COMPONENT},
        "reportingComponent": COMPONENT,
        "reportingInstance": COMPONENT,
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
    }


def controller(name: str) -> str:
    """How a controller signs what it does."""
    return f"{EventActor.CONTROLLER}{name}-controller"


def freight_notes(freight: Freight, *, actor: str, stage: str = "") -> dict[str, str]:
    """Annotations of events about Freight."""
    created = freight.metadata.creation_timestamp
    notes = {
        EventAnnotation.ACTOR: actor,
        EventAnnotation.PROJECT: freight.namespace,
        EventAnnotation.FREIGHT_NAME: freight.name,
        EventAnnotation.FREIGHT_ALIAS: freight.alias,
        EventAnnotation.FREIGHT_WAREHOUSE_NAME: freight.origin.name,
        EventAnnotation.FREIGHT_CREATE_TIME: rfc3339(created) if created else "",
        EventAnnotation.FREIGHT_COMMITS: _json([item.compact() for item in freight.commits]),
        EventAnnotation.FREIGHT_IMAGES: _json([item.compact() for item in freight.images]),
        EventAnnotation.FREIGHT_CHARTS: _json([item.compact() for item in freight.charts]),
        EventAnnotation.STAGE_NAME: stage,
    }
    return {key.value: value for key, value in notes.items() if value}


def promotion_notes(promotion: Promotion, freight: Freight | None, *, actor: str) -> dict[str, str]:
    """Annotations of events about a Promotion."""
    created = promotion.metadata.creation_timestamp
    notes = freight_notes(freight, actor=actor, stage=promotion.spec.stage) if freight is not None else {}
    notes[EventAnnotation.ACTOR.value] = actor
    notes[EventAnnotation.PROJECT.value] = promotion.namespace
    notes[EventAnnotation.STAGE_NAME.value] = promotion.spec.stage
    notes[EventAnnotation.PROMOTION_NAME.value] = promotion.name
    if promotion.metadata.annotations.get(Annotation.ROLLBACK) == TRUE:
        notes[EventAnnotation.ROLLBACK.value] = TRUE
    if applications := event_note(promotion):
        notes[EventAnnotation.APPLICATIONS.value] = applications
    if created is not None:
        notes[EventAnnotation.PROMOTION_CREATE_TIME.value] = rfc3339(created)
    return notes


def promotion_ended(
    promotion: Promotion, freight: Freight | None, stamp: Stamp, *, actor: str
) -> dict[str, Json] | None:
    """The event of a promotion that ended; None for a phase that is no end."""
    reason = {
        "Succeeded": EventReason.PROMOTION_SUCCEEDED,
        "Failed": EventReason.PROMOTION_FAILED,
        "Errored": EventReason.PROMOTION_ERRORED,
        "Aborted": EventReason.PROMOTION_ABORTED,
    }.get(promotion.status.phase)
    if reason is None:
        return None
    told = promotion.status.message
    message = f"Promotion {promotion.status.phase}{f': {told}' if told else ''}"
    notes = promotion_notes(promotion, freight, actor=actor)
    return event(promotion, reason, message, stamp, warning=reason != EventReason.PROMOTION_SUCCEEDED, notes=notes)


def _json(value: list[Json]) -> str:
    return orjson.dumps(value).decode() if value else ""
