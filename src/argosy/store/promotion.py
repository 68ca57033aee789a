"""What admission makes of a new Promotion: its Freight, its name, the steps of its Stage, and who wanted it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from random import Random
from typing import Any

from argosy.clock import Clock
from argosy.errors import ArgosyError, Invalid, Problem
from argosy.resources.artifact import FreightOrigin
from argosy.resources.freight import Freight
from argosy.resources.meta import Document, Key
from argosy.resources.project_config import ProjectConfig
from argosy.resources.promotion_task import PromotionTask
from argosy.resources.stage import Stage
from argosy.resources.step import PromotionStep
from argosy.rules import admission as rules
from argosy.rules import auto_promotion
from argosy.rules.freight import obstacles
from argosy.rules.obstacle import Obstacle
from argosy.rules.promotion import Ulids
from argosy.rules.promotion_template import inflate, references
from argosy.rules.reason import Place, reasons_of
from argosy.store.actor import actor
from argosy.store.base import Query, Store
from argosy.store.typed import find_as

log = logging.getLogger(__name__)

Data = dict[str, Any]


class PromotionDrafts:
    """Completes what somebody wrote of a Promotion into what is kept."""

    def __init__(self, store: Store, clock: Clock, random: Random) -> None:
        self._store = store
        self._clock = clock
        self._ulids = Ulids(random)

    async def complete(self, data: Data) -> None:
        """Fill in a new Promotion. Raises Invalid for what cannot be promoted, NotFound for a task that is missing."""
        namespace, spec = data["metadata"]["namespace"], data["spec"]
        stage = await find_as(self._store, Key("Stage", namespace, spec["stage"]), Stage)
        if stage is None:
            message = f"Stage {spec['stage']!r} does not exist in namespace {namespace!r}"
            raise Invalid("the Promotion is invalid", [Problem(message, "spec.stage")])
        rules.promotable(data, stage)
        freight = await self._promoted_freight(stage, spec)
        spec["freight"] = freight.name
        rules.promotion_create(
            data,
            stage,
            await steps_of(stage, self._store.get),
            ulid=self._ulids.next(self._clock.now()),
            actor=actor.get(),
        )
        if not rules.is_controller(actor.get()):
            await self._holds(data, stage, freight)

    async def _promoted_freight(self, stage: Stage, spec: Data) -> Freight:
        """The Freight that a Promotion names, or the candidate of the origin it names. Raises Invalid."""
        now = self._clock.now()
        if not spec.get("freight"):
            origin = str(FreightOrigin.model_validate(spec["origin"]))
            chosen = (await self._candidates(stage)).get(origin)
            if chosen is None:
                message = f"no Freight of {origin} could be promoted to Stage {stage.name!r} now"
                raise Invalid("the Promotion is invalid", [Problem(message, "spec.origin")])
            return chosen
        freight = await find_as(self._store, Key("Freight", stage.namespace, spec["freight"]), Freight)
        if freight is None:
            message = f"Freight {spec['freight']!r} is not available to Stage {stage.name!r}"
            advice = "There is no such Freight in the Project."
            raise Invalid("the Promotion is invalid", [Problem(message, "spec.freight", advice=advice)])
        barred = obstacles(stage, freight, now)
        if barred:
            raise Invalid("the Promotion is invalid", _unavailable(stage, freight, barred, now))
        return freight

    async def _holds(self, data: Data, stage: Stage, freight: Freight) -> None:
        """Choosing Freight by hand holds auto-promotion of its origin, or resumes it.

        Trouble in finding out which, say a policy that cannot be read, keeps nobody from promoting.
        """
        marks = rules.annotations_of(data)
        for key in rules.HOLD_ANNOTATIONS:
            marks.pop(key.value, None)
        try:
            config = await find_as(self._store, Key("ProjectConfig", stage.namespace, stage.namespace), ProjectConfig)
            if auto_promotion.is_enabled(stage, config):
                chosen = await self._candidates(stage)
                marks.update(auto_promotion.hold_annotations(freight, chosen.get(str(freight.origin))))
        except ArgosyError as error:
            log.warning(
                "auto-promotion of Stage %s/%s neither held nor resumed: %s", stage.namespace, stage.name, error
            )

    async def _candidates(self, stage: Stage) -> Mapping[str, Freight]:
        """What auto-promotion would choose now, by origin."""
        offered: list[Document] = []
        for origin in dict.fromkeys(request.origin.name for request in stage.spec.requested_freight):
            query = Query("Freight", stage.namespace, fields={"origin.name": origin})
            offered.extend((await self._store.list(query)).documents)
        return auto_promotion.offer(stage, offered, self._clock.now()).candidates


async def steps_of(stage: Stage, get: Callable[[Key], Awaitable[Document]]) -> tuple[PromotionStep, ...]:
    """The steps of a Stage's template with tasks replaced by theirs. Raises Invalid, and what `get` raises."""
    template = stage.spec.promotion_template
    steps = template.spec.steps if template is not None else ()
    tasks = {}
    for reference in references(steps):
        kind = reference.kind or "PromotionTask"
        key = Key(kind, stage.namespace if kind == "PromotionTask" else "", reference.name)
        task = (await get(key)).parse(PromotionTask)
        tasks[reference] = (task.spec.vars, task.spec.steps)
    variables = [*stage.spec.vars, *(template.spec.vars if template is not None else ())]
    return inflate(steps, variables, tasks)


def _unavailable(stage: Stage, freight: Freight, barred: Iterable[Obstacle], now: datetime) -> Iterable[Problem]:
    """Why Freight may not be promoted: one problem for each reason."""
    place = Place(stage.namespace, stage.name).of(freight)
    name = f"{freight.name!r} ({freight.alias})" if freight.alias else repr(freight.name)
    for reason in reasons_of(barred, place, now):
        message = f"Freight {name} is not available to Stage {stage.name!r}: {reason.message}"
        yield Problem(message, "spec.freight", advice=reason.advice)
