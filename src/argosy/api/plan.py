"""The verb `plan` of a Stage: what a promotion to it would do, without promoting.

`POST .../stages/{name}/plan` takes what the spec of a Promotion takes, `{"freight": "..."}` or `{"origin": {...}}`, and
is allowed to whoever may promote; `"rollback": true` plans what a rollback would do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from argosy.engine.facts import gathered
from argosy.engine.preview import Plan, Planner, StepPlan
from argosy.errors import NotFound
from argosy.resources.freight import Freight
from argosy.resources.meta import Json, Key
from argosy.resources.names import TRUE, Annotation
from argosy.resources.promotion import Promotion
from argosy.resources.stage import Stage
from argosy.rules.authorization import promoting
from argosy.store.base import Store
from argosy.store.rights import Rights
from argosy.store.typed import find_as

AT_ONCE = 4
"""How many plans are made at the same time; the others wait."""
_TRIES = 3
_ENDS_BADLY = ("Failed", "Errored")


class Plans:
    """Makes plans for callers of the API.

    Args:
        store: bare of permissions: who may promote need not be allowed to read all that a promotion reads.
    """

    def __init__(self, store: Store, planner: Planner) -> None:
        self._store = store
        self._planner = planner
        self._room = asyncio.Semaphore(AT_ONCE)

    async def plan(self, stage: Key, wish: Mapping[str, Json]) -> dict[str, Json]:
        """The plan as a JSON document. Raises NotFound, and Invalid and Denied as creating the Promotion would.

        A promotion of the Stage that changes the world while the plan reads it makes it be planned anew, for this one
        would wait for that one, and begin with what it left.
        """
        await self._stage(stage)
        promotion = await self._promotion(stage, wish)
        freight = await find_as(self._store, Key("Freight", stage.namespace, promotion.spec.freight), Freight)
        if freight is None:
            raise NotFound(f"there is no Freight {promotion.spec.freight!r} in Project {stage.namespace!r}")
        async with self._room:
            plan = await self._steady(stage, promotion, freight)
        return document(plan, promotion, freight)

    async def _steady(self, stage: Key, promotion: Promotion, freight: Freight) -> Plan:
        """A plan during which the Stage did not change, or the last of some."""
        after = await self._stage(stage)
        for _ in range(_TRIES):
            before = after
            plan = await self._planner.plan(await gathered(self._store, promotion, before, freight))
            after = await self._stage(stage)
            if _promotions(before) == _promotions(after) and not (_is_busy(after) and plan.phase in _ENDS_BADLY):
                break
        return plan

    async def _stage(self, stage: Key) -> Stage:
        """Raises NotFound."""
        found = await find_as(self._store, stage, Stage)
        if found is None:
            raise NotFound(f"there is no Stage {stage.name!r} in Project {stage.namespace!r}")
        return found

    async def _promotion(self, stage: Key, wish: Mapping[str, Json]) -> Promotion:
        """The Promotion as it would be created, with its steps; it is not kept."""
        spec = {key: value for key, value in wish.items() if key in ("freight", "origin")}
        marks = {Annotation.ROLLBACK.value: TRUE} if wish.get("rollback") is True else {}
        document = {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "Promotion",
            "metadata": {"generateName": "plan-", "namespace": stage.namespace, "annotations": marks},
            "spec": {"stage": stage.name, **spec},
        }
        return (await self._store.create(document, dry_run=True)).parse(Promotion)


class PermittedPlans:
    """Makes plans for whoever may promote."""

    def __init__(self, plans: Plans, rights: Rights) -> None:
        self._plans = plans
        self._rights = rights

    async def plan(self, stage: Key, wish: Mapping[str, Json]) -> dict[str, Json]:
        """As `Plans` makes them. Raises Denied for whoever may not promote to the Stage."""
        await self._rights.demand(promoting(stage.namespace, stage.name))
        return await self._plans.plan(stage, wish)


def _promotions(stage: Stage) -> tuple[str, ...]:
    """Which Promotions run, and ran last."""
    both = (stage.status.current_promotion, stage.status.last_promotion)
    return tuple(each.name if each is not None else "" for each in both)


def _is_busy(stage: Stage) -> bool:
    return stage.status.current_promotion is not None


def document(plan: Plan, promotion: Promotion, freight: Freight) -> dict[str, Json]:
    """A plan as clients get it."""
    return {
        "project": promotion.namespace,
        "stage": promotion.spec.stage,
        "freight": {"name": freight.name, "alias": freight.alias, "origin": str(freight.origin)},
        "phase": plan.phase,
        "message": plan.message,
        "changes": plan.has_changes,
        "steps": [_step(step) for step in plan.steps],
    }


def _step(step: StepPlan) -> dict[str, Json]:
    """Fields that say nothing are left out, but for those of every step."""
    told: dict[str, Json] = {
        "message": step.message,
        "waitsFor": step.waits,
        "dependsOn": step.uncertain,
        "unclearWithout": step.unclear,
        "outputs": dict(step.outputs),
        "knownAfter": list(step.unknown),
    }
    changes = [
        {
            "verb": each.verb,
            "target": each.target,
            **({"diff": each.diff} if each.diff else {}),
            **({"details": dict(each.details)} if each.details else {}),
        }
        for each in step.changes
    ]
    given = {key: value for key, value in told.items() if value}
    return {"alias": step.alias, "uses": step.uses, "status": step.status, "changes": changes, **given}
