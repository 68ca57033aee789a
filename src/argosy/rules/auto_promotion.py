"""Auto-promotion: whether a Stage promotes by itself, what, and what holds it.

Behaviour follows Kargo's `pkg/api/auto_promotion.go` and `pkg/controller/stages/regular_stages.go`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from argosy.clock import parse_rfc3339
from argosy.resources.freight import Freight
from argosy.resources.meta import Document
from argosy.resources.names import Annotation
from argosy.resources.project_config import ProjectConfig, PromotionPolicy
from argosy.resources.promotion import Promotion, PromotionPhase
from argosy.resources.stage import AutoPromotionHold, FreightRequest, Stage, StageStatus
from argosy.rules.freight import NEVER, available_in
from argosy.rules.pattern import matches_labels, matches_name

_NEVER_DISCOVERED = datetime.min.replace(tzinfo=UTC)


def policy_for(stage: Stage, config: ProjectConfig | None) -> PromotionPolicy | None:
    """The first policy of the project that selects `stage`. Raises Invalid for a selector that cannot be read."""
    policies = config.spec.promotion_policies if config is not None else ()
    return next((policy for policy in policies if selects(policy, stage)), None)


def selects(policy: PromotionPolicy, stage: Stage) -> bool:
    """Whether a policy is about `stage`. Raises Invalid for a selector that cannot be read."""
    selector = policy.stage_selector
    name = selector.name if selector is not None else policy.stage
    if name and not matches_name(name, stage.name):
        return False
    return selector is None or matches_labels(selector, stage.metadata.labels)


def is_enabled(stage: Stage, config: ProjectConfig | None) -> bool:
    policy = policy_for(stage, config)
    return policy is not None and policy.auto_promotion_enabled


@dataclass(frozen=True, slots=True)
class Offer:
    """What could be promoted into a Stage.

    Attributes:
        candidates: what auto-promotion would choose, by origin.
        soonest: seconds until the passing of time alone may change that; NEVER when it will not.
        strange: names of Freight that is not understood, and keeps that of its origin from being chosen.
    """

    candidates: Mapping[str, Freight]
    soonest: float
    strange: tuple[str, ...] = ()


def offer(stage: Stage, documents: Iterable[Document], now: datetime) -> Offer:
    """The newest Freight available by origin, out of the given Freight.

    For MatchUpstream it is what the upstream Stage uses now, even of approved Freight, and nothing while that Stage is
    between two. Documents are looked through from the newest, and parsed only until one is available.
    """
    by_origin: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        by_origin[_origin(document)].append(document)
    chosen: dict[str, Freight] = {}
    soonest, strange = NEVER, list[str]()
    for request in stage.spec.requested_freight:
        ours = [item for item in by_origin[str(request.origin)] if _in_question(stage.name, request, item)]
        available: list[Freight] = []
        for document in sorted(ours, key=_age, reverse=True):
            freight = document.understood(Freight)
            if freight is None:
                # Kept by definitions of another time. What is older is no substitute: it may be what came before.
                strange.append(document.key.name)
                available = []
                break
            seconds = available_in(stage, freight, now)
            if seconds > 0:
                soonest = min(soonest, seconds)
                continue
            available.append(freight)
            if not request.sources.matches_upstream or len(available) > 1:
                break
        if len(available) == 1:
            chosen[str(request.origin)] = available[0]
    return Offer(chosen, soonest, tuple(strange))


def in_question(stage: Stage, document: Document) -> bool:
    """Whether Freight could be available to a Stage, now or once it has soaked; says so without parsing it."""
    origin = _origin(document)
    return any(
        _in_question(stage.name, request, document)
        for request in stage.spec.requested_freight
        if str(request.origin) == origin
    )


def _in_question(stage: str, request: FreightRequest, document: Document) -> bool:
    status, sources = document.data.get("status") or {}, request.sources
    if sources.matches_upstream and not any(name in (status.get("currentlyIn") or {}) for name in sources.stages):
        return False
    if sources.direct or stage in (status.get("approvedFor") or {}):
        return True
    verified = status.get("verifiedIn") or {}
    return any(name in verified for name in sources.stages) or (sources.requires_all and not sources.stages)


def _origin(document: Document) -> str:
    origin = document.data.get("origin") or {}
    return f"{origin.get('kind')}/{origin.get('name')}"


def _age(document: Document) -> tuple[datetime, str]:
    discovered = document.data.get("discoveredAt") or document.meta.get("creationTimestamp")
    return parse_rfc3339(discovered) if discovered else _NEVER_DISCOVERED, document.key.name


def hold_annotations(freight: Freight, candidate: Freight | None) -> dict[str, str]:
    """What a promotion made by a person says about auto-promotion of its origin from then on.

    Choosing what would come anyway resumes it; choosing anything else holds it.
    """
    resumes = candidate is not None and candidate.name == freight.name
    key = Annotation.AUTO_PROMOTION_RESUME if resumes else Annotation.AUTO_PROMOTION_HOLD
    return {key.value: str(freight.origin)}


def hold_of(promotion: Promotion, request: FreightRequest) -> AutoPromotionHold:
    return AutoPromotionHold(
        freight_name=promotion.spec.freight,
        origin=request.origin,
        promotion_name=promotion.name,
        actor=promotion.metadata.annotations.get(Annotation.CREATE_ACTOR, ""),
        created_at=promotion.metadata.creation_timestamp,
    )


def apply_holds(
    holds: Mapping[str, AutoPromotionHold], finished: Promotion, stage: Stage
) -> dict[str, AutoPromotionHold]:
    """Holds after a promotion has ended; an aborted one changes none."""
    after = dict(holds)
    if finished.status.phase == PromotionPhase.ABORTED:
        return after
    annotations = finished.metadata.annotations
    held = annotations.get(Annotation.AUTO_PROMOTION_HOLD, "")
    for request in stage.spec.requested_freight:
        if held == str(request.origin):
            after[held] = hold_of(finished, request)
    if not held:
        after.pop(annotations.get(Annotation.AUTO_PROMOTION_RESUME, ""), None)
    return after


def effective_holds(stage: Stage, status: StageStatus, promotions: Iterable[Promotion]) -> dict[str, AutoPromotionHold]:
    """Holds in force: those recorded, overlaid by the newest promotion not yet recorded that sets or lifts one."""
    last = status.last_promotion.name if status.last_promotion is not None else ""
    recent = [item for item in promotions if item.status.phase != PromotionPhase.ABORTED and item.name > last]
    effective = dict(status.auto_promotion_holds)
    for request in stage.spec.requested_freight:
        origin = str(request.origin)
        speaking = [item for item in recent if origin in (_held(item), _resumed(item))]
        newest = max(speaking, key=lambda item: item.name, default=None)
        if newest is None:
            continue
        if _held(newest) == origin:
            effective[origin] = hold_of(newest, request)
        else:
            effective.pop(origin, None)
    return effective


def _held(promotion: Promotion) -> str:
    return promotion.metadata.annotations.get(Annotation.AUTO_PROMOTION_HOLD, "")


def _resumed(promotion: Promotion) -> str:
    return promotion.metadata.annotations.get(Annotation.AUTO_PROMOTION_RESUME, "")


def to_promote(
    stage: Stage, status: StageStatus, promotions: Iterable[Promotion], chosen: Mapping[str, Freight]
) -> list[Freight]:
    """The candidates that a Promotion should be made for now, in the order of the Stage's requests.

    `promotions` are those of the candidates into the Stage. A Stage that governs Targets is not promoted to itself.
    """
    if stage.spec.targets is not None:
        return []
    listed = list(promotions)
    return [
        freight
        for request in stage.spec.requested_freight
        if (freight := chosen.get(str(request.origin))) is not None
        and str(request.origin) not in status.effective_auto_promotion_holds
        and not _has_or_awaits(status, str(request.origin), freight.name)
        and not _settled([item for item in listed if item.spec.freight == freight.name], status)
    ]


def _has_or_awaits(status: StageStatus, origin: str, name: str) -> bool:
    current = status.current_freight
    if current is not None and origin in current.items and current.items[origin].name == name:
        return True
    awaited = status.current_promotion.freight if status.current_promotion is not None else None
    return awaited is not None and awaited.name == name and str(awaited.origin) == origin


def _settled(promotions: list[Promotion], status: StageStatus) -> bool:
    """Whether a promotion of this Freight is under way, was just done, or the newest one was unsuccessful."""
    last = status.last_promotion.name if status.last_promotion is not None else ""
    for item in promotions:
        if not item.status.is_terminal:
            return True
        if item.status.phase == PromotionPhase.SUCCEEDED and item.name > last:
            return True
    ended = [item for item in promotions if item.status.is_terminal]
    newest = max(
        ended, key=lambda item: (item.metadata.creation_timestamp or _NEVER_DISCOVERED, item.name), default=None
    )
    return newest is not None and newest.status.phase != PromotionPhase.SUCCEEDED
