"""Explain: what is in a Stage, what could come and what it waits for; and of Freight, why it is not elsewhere.

Every reason comes from the rule that decides: `rules.freight` whether Freight may be promoted, `rules.auto_promotion`
what is promoted by itself, `rules.stage` when a Promotion begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from argosy.errors import NotFound
from argosy.resources.freight import Freight, FreightReference
from argosy.resources.meta import Document
from argosy.resources.names import Annotation, ConditionType
from argosy.resources.promotion import Promotion, PromotionPhase
from argosy.resources.stage import AutoPromotionHold, Stage, StageStatus
from argosy.rules import auto_promotion
from argosy.rules.auto_promotion import Offer
from argosy.rules.explanation import (
    Candidate,
    FreightExplanation,
    Hold,
    Movement,
    Present,
    StageExplanation,
    Whereabouts,
)
from argosy.rules.freight import obstacles
from argosy.rules.obstacle import Code, Obstacle
from argosy.rules.promotion import in_order, unpromotable
from argosy.rules.reason import Place, Reason, reasons_of
from argosy.rules.shelf import Shelf
from argosy.rules.stage import View, before_promotion, hold
from argosy.rules.stage_order import upstream_first

MOST = 10
"""How many candidates of one origin are told."""


@dataclass(frozen=True)
class Situation:
    """What was read to explain one Stage.

    Attributes:
        view: the Stage with its policies, and its Promotions that have not ended, or were not recorded.
        shelf: Freight of the origins that it asks for: all of an origin, or none.
        promotions: its Promotions as documents, ended ones too: those of the Freight in question at least.
        trouble: why no Promotion could be made of the Stage's steps.
        missing: names of upstream Stages that do not exist.
        passing: names of upstream Stages that only pass Freight on.
    """

    view: View
    shelf: Shelf
    promotions: Sequence[Document] = ()
    trouble: tuple[Obstacle, ...] = ()
    missing: frozenset[str] = frozenset()
    passing: frozenset[str] = frozenset()

    @property
    def stage(self) -> Stage:
        return self.view.stage

    @cached_property
    def status(self) -> StageStatus:
        """The Stage's status, with the policies and the holds of now."""
        return hold(self.view, self.stage.status)

    @cached_property
    def offer(self) -> Offer:
        """What auto-promotion chooses from the Freight."""
        return auto_promotion.offer_of(self.stage, self.shelf, self.view.now)

    @cached_property
    def whole(self) -> tuple[Obstacle, ...]:
        """Why nothing at all may be promoted to the Stage."""
        return (*unpromotable(self.stage), *self.trouble)

    def told(self, obstacles: tuple[Obstacle, ...], freight: Freight | None = None) -> tuple[Reason, ...]:
        """Obstacles in words, which are those of one piece of Freight where it is given."""
        place = Place(self.stage.namespace, self.stage.name, self.missing, self.passing, self.shelf.aliases)
        return reasons_of(obstacles, place.of(freight) if freight is not None else place, self.view.now)


def available(situation: Situation, freight: Freight) -> tuple[Obstacle, ...]:
    """Why no Promotion of `freight` to the Stage may be made; nothing when one may."""
    return (*situation.whole, *obstacles(situation.stage, freight, situation.view.now))


def automatic(situation: Situation, freight: Freight) -> tuple[Obstacle, ...]:
    """Why auto-promotion does not take `freight` even where it may be promoted; nothing when it does."""
    stage, status = situation.stage, situation.status
    off = () if status.auto_promotion_enabled else (Obstacle(Code.AUTO_PROMOTION_OFF),)
    ours = [each for each in situation.promotions if (each.data.get("spec") or {}).get("freight") == freight.name]
    tried = [promotion for each in ours if (promotion := each.understood(Promotion)) is not None]
    withheld = auto_promotion.withheld(stage, status, freight, tried)
    return (*off, *auto_promotion.passed_over(stage, freight, situation.offer), *withheld)


def explain_stage(situation: Situation, only: str = "") -> StageExplanation:
    """A Stage explained. `only` is the name of the one piece of Freight that is asked about, be it old.

    Raises NotFound when the Stage asks for no Freight of that name.
    """
    stage, status = situation.stage, situation.status
    ready = next((each for each in status.conditions if each.type == ConditionType.READY), None)
    unfinished = [each for each in in_order(situation.view.promotions) if not each.status.is_terminal]
    movements = [_movement(situation, each) for each in unfinished]
    chosen, more = (_only(situation, only), 0) if only else _newer(situation)
    return StageExplanation(
        project=stage.namespace,
        stage=stage.name,
        ready=ready is not None and ready.status == "True",
        message=ready.message if ready is not None else "",
        health=status.health.status if status.health is not None else "",
        health_issues=status.health.issues if status.health is not None else (),
        auto_promotion=status.auto_promotion_enabled,
        holds=tuple(_hold(situation, each) for each in status.effective_auto_promotion_holds.values()),
        reasons=situation.told(situation.whole),
        current=tuple(_present(situation)),
        promotion=next((each for each in movements if not each.reasons), None),
        waiting=tuple(each for each in movements if each.reasons),
        candidates=tuple(_candidate(situation, each) for each in chosen),
        more=more,
        notes=tuple(_notes(situation)),
    )


def _movement(situation: Situation, promotion: Promotion) -> Movement:
    name = promotion.spec.freight
    return Movement(
        promotion=promotion.name,
        freight=name,
        alias=situation.shelf.aliases.get(name, ""),
        phase=promotion.status.phase or PromotionPhase.PENDING,
        actor=promotion.metadata.annotations.get(Annotation.CREATE_ACTOR, ""),
        reasons=situation.told(before_promotion(situation.view, situation.status, promotion)),
    )


def _hold(situation: Situation, held: AutoPromotionHold) -> Hold:
    return Hold(
        origin=held.origin,
        freight=held.freight_name,
        alias=situation.shelf.aliases.get(held.freight_name, ""),
        promotion=held.promotion_name,
        actor=held.actor,
        since=held.created_at,
    )


def _present(situation: Situation) -> Iterator[Present]:
    """What the Stage uses, with what the Freight itself says where it is still there."""
    current, stage = situation.status.current_freight, situation.stage.name
    for reference in current.references if current is not None else ():
        document = situation.shelf.named(reference.name)
        freight = document.understood(Freight) if document is not None else None
        here = freight.status.currently_in.get(stage) if freight is not None else None
        verified = freight.status.verified_in.get(stage) if freight is not None else None
        yield Present(
            **piece(freight or reference),
            since=here.since if here is not None else None,
            verified_at=verified.verified_at if verified is not None else None,
        )


def piece(freight: Freight | FreightReference) -> dict[str, Any]:
    """What Freight is, as the fields of a Piece."""
    fields: dict[str, Any] = {"freight": freight.name}
    if isinstance(freight, Freight):
        fields |= {"alias": freight.alias, "discovered_at": freight.discovered}
    return fields | {name: getattr(freight, name) for name in ("origin", "commits", "images", "charts", "artifacts")}


def _candidate(situation: Situation, freight: Freight) -> Candidate:
    barred = available(situation, freight)
    left = () if barred else automatic(situation, freight)
    return Candidate(
        **piece(freight),
        available=not barred,
        reasons=situation.told(barred, freight),
        automatic=not barred and not left,
        automatic_reasons=situation.told(left, freight),
    )


def _newer(situation: Situation) -> tuple[list[Freight], int]:
    """Freight that is newer than what is there, and how much more of it there is."""
    stage, current = situation.stage, situation.status.current_freight
    chosen, more = list[Freight](), 0
    for request in stage.spec.requested_freight:
        origin = str(request.origin)
        has = current.items[origin].name if current is not None and origin in current.items else ""
        newest_first = situation.shelf.newest_first(origin)
        place = next((index for index, each in enumerate(newest_first) if each.key.name == has), len(newest_first))
        newer = newest_first[:place]
        told = [*newer[:MOST]]
        # What may be promoted is told even where much that may not is newer.
        told += [each for each in newer[MOST:] if auto_promotion.in_question(stage, each)][:MOST]
        known = [freight for each in told if (freight := each.understood(Freight)) is not None]
        chosen += known
        more += len(newer) - len(known)
    return chosen, more


def _only(situation: Situation, word: str) -> list[Freight]:
    found = situation.shelf.called(word)
    if found is None:
        stage = situation.stage
        raise NotFound(
            f"Stage {stage.name!r} asks for no Freight {word!r}",
            advice=f"`argosy explain freight {word} --project {stage.namespace}` tells what becomes of it.",
        )
    return [found.parse(Freight)]


def _notes(situation: Situation) -> Iterator[str]:
    yield from situation.view.missing
    config = situation.view.config
    if config is not None and config.spec.promotion_windows:
        yield "The Project has promotion windows, which are kept and do not keep Promotions from running yet"


def whereabouts(situation: Situation, freight: Freight) -> Whereabouts:
    """What one Stage has to do with a piece of Freight."""
    stage, status = situation.stage.name, freight.status
    here, verified = status.currently_in.get(stage), status.verified_in.get(stage)
    been = any(each.includes(freight.name) for each in situation.status.freight_history)
    barred = available(situation, freight)
    left = () if barred or here is not None else automatic(situation, freight)
    passed = verified is not None and situation.stage.is_control_flow
    state: Literal["here", "was", "available", "not"]
    state = "here" if here else "was" if been or passed else "not" if barred else "available"
    verified_at = verified.verified_at if verified is not None else None
    return Whereabouts(
        stage=stage,
        state=state,
        since=here.since if here is not None else verified_at,
        verified_at=verified_at,
        available=not barred,
        reasons=situation.told(barred, freight),
        automatic=not barred and not left and here is None,
        automatic_reasons=situation.told(left, freight),
    )


def explain_freight(
    freight: Freight, situations: Iterable[Situation], uninterested: Iterable[str]
) -> FreightExplanation:
    """Freight explained: for each Stage that asks for its origin, whether it is there, and else why not."""
    by_name = {each.stage.name: each for each in situations}
    ordered = [by_name[stage.name] for stage in upstream_first(each.stage for each in by_name.values())]
    return FreightExplanation(
        **piece(freight),
        project=freight.namespace,
        stages=tuple(whereabouts(each, freight) for each in ordered),
        uninterested=tuple(uninterested),
    )
