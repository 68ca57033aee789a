"""Auto-promotion: whether a Stage promotes by itself, what, and what holds it.

Behaviour follows Kargo's `pkg/api/auto_promotion.go` and `pkg/controller/stages/regular_stages.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from argosy.resources.freight import Freight
from argosy.resources.meta import Document
from argosy.resources.names import Annotation
from argosy.resources.project_config import ProjectConfig, PromotionPolicy
from argosy.resources.promotion import Promotion, PromotionPhase
from argosy.resources.stage import AutoPromotionHold, FreightRequest, Stage, StageStatus
from argosy.rules.freight import available_in, request_for
from argosy.rules.obstacle import NEVER, Code, Obstacle
from argosy.rules.pattern import matches_labels, matches_name
from argosy.rules.shelf import NEVER_DISCOVERED, Shelf, origin_of


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
    """The newest Freight available by origin, out of the given Freight."""
    return offer_of(stage, Shelf(item for item in documents if in_question(stage, item)), now)


def offer_of(stage: Stage, shelf: Shelf, now: datetime) -> Offer:
    """The newest Freight available by origin, out of that on a shelf.

    For MatchUpstream it is what the upstream Stage uses now, even of approved Freight, and nothing while that Stage is
    between two. Documents are looked through from the newest, and parsed only until one is available.
    """
    chosen: dict[str, Freight] = {}
    soonest, strange = NEVER, list[str]()
    for request in stage.spec.requested_freight:
        available: list[Freight] = []
        for document in shelf.newest_first(str(request.origin)):
            if not _in_question(stage.name, request, document):
                continue
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
    origin = origin_of(document)
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
        if (freight := chosen.get(str(request.origin))) is not None and not withheld(stage, status, freight, listed)
    ]


def passed_over(stage: Stage, freight: Freight, offered: Offer) -> tuple[Obstacle, ...]:
    """Why Freight that `stage` may take is not what auto-promotion chooses; nothing when it is."""
    candidate, request = offered.candidates.get(str(freight.origin)), request_for(stage, freight)
    if candidate is not None and candidate.name == freight.name:
        return ()
    if request is not None and request.sources.matches_upstream:
        upstream = request.sources.stages[0] if request.sources.stages else ""
        here = upstream in freight.status.currently_in
        return (Obstacle(Code.UPSTREAM_IN_TRANSITION if here else Code.NOT_USED_UPSTREAM, upstream),)
    if candidate is not None:
        return (Obstacle(Code.NEWER_AVAILABLE, candidate.name),)
    return (Obstacle(Code.NEWER_NOT_UNDERSTOOD, ", ".join(offered.strange)),)


def withheld(
    stage: Stage, status: StageStatus, freight: Freight, promotions: Iterable[Promotion]
) -> tuple[Obstacle, ...]:
    """Why auto-promotion does not promote the Freight that it chooses; nothing when it does.

    `promotions` are those into the Stage, of this Freight at least.
    """
    origin, found = str(freight.origin), list[Obstacle]()
    if stage.spec.targets is not None:
        found.append(Obstacle(Code.GOVERNS_TARGETS))
    hold = status.effective_auto_promotion_holds.get(origin)
    if hold is not None:
        found.append(Obstacle(Code.HELD, hold.freight_name, more=hold.actor))
    current = status.current_freight
    if current is not None and origin in current.items and current.items[origin].name == freight.name:
        return (*found, Obstacle(Code.ALREADY_THERE))
    ours = [item for item in promotions if item.spec.freight == freight.name]
    settled = _awaited(status, freight) or _settled(ours, status)
    return (*found, settled) if settled is not None else tuple(found)


def _awaited(status: StageStatus, freight: Freight) -> Obstacle | None:
    running = status.current_promotion
    awaited = running.freight if running is not None else None
    if running is None or awaited is None or awaited.name != freight.name or awaited.origin != freight.origin:
        return None
    return Obstacle(Code.UNDER_WAY, running.name)


def _settled(promotions: list[Promotion], status: StageStatus) -> Obstacle | None:
    """Whether a promotion of this Freight is under way, was just done, or the newest one was unsuccessful."""
    last = status.last_promotion.name if status.last_promotion is not None else ""
    for item in promotions:
        if not item.status.is_terminal:
            return Obstacle(Code.UNDER_WAY, item.name)
        if item.status.phase == PromotionPhase.SUCCEEDED and item.name > last:
            return Obstacle(Code.JUST_PROMOTED, item.name)
    newest = max(
        promotions, key=lambda item: (item.metadata.creation_timestamp or NEVER_DISCOVERED, item.name), default=None
    )
    if newest is None or newest.status.phase == PromotionPhase.SUCCEEDED:
        return None
    return Obstacle(Code.LAST_TRY_FAILED, newest.name, more=newest.status.phase)
