"""Stages: take note of promotions, judge health, verify Freight, and promote what the rules choose."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from argosy.clock import Clock, rfc3339
from argosy.reconcilers.reading import find, find_as, list_as
from argosy.resources.duration import format_duration
from argosy.resources.freight import Freight
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import FINALIZER, EventReason
from argosy.resources.project_config import ProjectConfig
from argosy.resources.promotion import HealthCheckStep, Promotion, PromotionPhase
from argosy.resources.stage import Health, Stage, StageStatus
from argosy.rules import auto_promotion
from argosy.rules import stage as rules
from argosy.rules.event import Stamp, controller, event, freight_notes
from argosy.rules.freight import NEVER, available_in, soaked_for
from argosy.rules.stage import View
from argosy.runtime.change import Changes, Outcome
from argosy.store.base import Query, Store

ACTOR = controller("stage")
HEALTH_EVERY = 300.0


class Checks(Protocol):
    """Runs the health checks of a Stage (`checks.base`)."""

    async def assess(self, project: str, stage: str, checks: tuple[HealthCheckStep, ...]) -> Health: ...


class StageReconciler:
    """Reconciles Stages, both those that promote and those that only pass Freight on."""

    def __init__(self, store: Store, checks: Checks, clock: Clock) -> None:
        self._store = store
        self._checks = checks
        self._clock = clock

    async def reconcile(self, key: Key) -> Outcome:
        document = await find(self._store, key)
        if document is None:
            return Outcome()
        stage = document.parse(Stage)
        if stage.metadata.deletion_timestamp is not None:
            return await self._leave(stage)
        if FINALIZER not in stage.metadata.finalizers:
            changes = Changes()
            changes.patch(
                key, {"metadata": {"finalizers": [*stage.metadata.finalizers, FINALIZER]}}, version=document.version
            )
            return changes.outcome(0)
        view = await self._view(stage)
        changes = Changes()
        if stage.is_control_flow:
            return await self._pass_on(view, changes)
        return await self._promote(view, changes)

    async def _view(self, stage: Stage) -> View:
        promotions = await list_as(self._store, Promotion, "Promotion", stage.namespace, {"spec.stage": stage.name})
        config = await find_as(self._store, Key("ProjectConfig", stage.namespace, stage.namespace), ProjectConfig)
        return View(stage, tuple(promotions), config, await self._missing(stage), self._clock.now())

    async def _missing(self, stage: Stage) -> tuple[str, ...]:
        """What the Stage names that does not exist."""
        wanted: list[tuple[Key, str]] = []
        for request in stage.spec.requested_freight:
            name = request.origin.name
            wanted.append((Key("Warehouse", stage.namespace, name), f"Warehouse {name!r} does not exist"))
            for upstream in request.sources.stages:
                wanted.append((Key("Stage", stage.namespace, upstream), f"upstream Stage {upstream!r} does not exist"))
        template = stage.spec.promotion_template
        for step in template.spec.steps if template is not None else ():
            if step.task is not None:
                kind = step.task.kind or "PromotionTask"
                namespace = stage.namespace if kind == "PromotionTask" else ""
                key = Key(kind, namespace, step.task.name)
                wanted.append((key, f"{kind} {step.task.name!r} does not exist"))
        unique = dict(wanted)
        return tuple([text for key, text in unique.items() if await find(self._store, key) is None])

    async def _promote(self, view: View, changes: Changes) -> Outcome:
        stage = view.stage
        status = rules.sync_promotions(view, rules.begin(view))
        status = rules.assess_health(view, status, await self._health(stage, status))
        held = await self._held_freight(stage, status)
        status = rules.verify(view, status, new_id=str(uuid.uuid4()))
        status = rules.summarize(view, rules.hold(view, status))
        changes.status(_key(stage), stage.status, status)
        self._tell_missing(view, changes)
        self._place(view, status, held, changes)
        waits = await self._auto_promote(view, status, changes)
        if rules.waits_for_next(view, status):
            waits = 0.0
        if status.last_promotion is not None and status.last_promotion.status is not None:
            waits = min(waits, HEALTH_EVERY if status.last_promotion.status.health_checks else NEVER)
        return changes.outcome(None if waits == NEVER else waits)

    async def _health(self, stage: Stage, status: StageStatus) -> Health | None:
        last = status.last_promotion.status if status.last_promotion is not None else None
        if status.current_promotion is not None or last is None or last.phase != PromotionPhase.SUCCEEDED:
            return None
        if not last.health_checks:
            return None
        return await self._checks.assess(stage.namespace, stage.name, last.health_checks)

    async def _held_freight(self, stage: Stage, status: StageStatus) -> dict[str, Freight]:
        """The Freight that is, or lately was, in the Stage, by name."""
        names = {item.name for collection in status.freight_history for item in collection.items.values()}
        found: dict[str, Freight] = {}
        for name in sorted(names):
            freight = await find_as(self._store, Key("Freight", stage.namespace, name), Freight)
            if freight is not None:
                found[name] = freight
        return found

    def _place(self, view: View, status: StageStatus, held: Mapping[str, Freight], changes: Changes) -> None:
        """Say on each Freight whether it is in the Stage now, and whether the Stage has verified it."""
        stage, current = view.stage, status.current_freight
        verified = rules.marks_verified(status)
        for freight in held.values():
            inside = current is not None and current.includes(freight.name)
            told = _moved(freight, stage.name, view.now, inside=inside)
            if inside and verified and stage.name not in freight.status.verified_in:
                told["verifiedIn"] = {stage.name: {"verifiedAt": rfc3339(view.now)}}
                self._tell_verified(view, freight, changes)
            if told:
                changes.merge_status(_key_of(freight), told)

    def _tell_verified(self, view: View, freight: Freight, changes: Changes) -> None:
        notes = freight_notes(freight, actor=ACTOR, stage=view.stage.name)
        reason = EventReason.FREIGHT_VERIFICATION_SUCCEEDED
        changes.create(event(freight, reason, "Freight verification succeeded", self._stamp(view), notes=notes))

    def _tell_missing(self, view: View, changes: Changes) -> None:
        """Say once what the Stage names that is not there."""
        before = next((item.message for item in view.stage.status.conditions if item.type == "Stalled"), "")
        message = "; ".join(view.missing)
        if message and message != before:
            changes.create(event(view.stage, "ReferenceNotFound", message, self._stamp(view), warning=True))

    async def _auto_promote(self, view: View, status: StageStatus, changes: Changes) -> float:
        """Make Promotions of the candidates; returns the seconds until soaking alone makes another one."""
        if not status.auto_promotion_enabled:
            return NEVER
        freight = await self._offered(view.stage)
        chosen = auto_promotion.candidates(view.stage, freight, view.now)
        for candidate in auto_promotion.to_promote(view.stage, status, view.promotions, chosen):
            changes.create(_promotion(view.stage, candidate))
        waits = [available_in(view.stage, item, view.now) for item in freight]
        return min((seconds for seconds in waits if seconds > 0), default=NEVER)

    async def _offered(self, stage: Stage) -> list[Freight]:
        """All Freight of the origins the Stage requests."""
        offered: list[Freight] = []
        for origin in dict.fromkeys(request.origin.name for request in stage.spec.requested_freight):
            offered.extend(await list_as(self._store, Freight, "Freight", stage.namespace, {"origin.name": origin}))
        return offered

    async def _pass_on(self, view: View, changes: Changes) -> Outcome:
        """A control-flow Stage verifies whatever is available to it, at once."""
        stage = view.stage
        changes.status(_key(stage), stage.status, rules.control_flow(view))
        self._tell_missing(view, changes)
        freight = await self._offered(stage)
        waits = [available_in(stage, item, view.now) for item in freight]
        for item, seconds in zip(freight, waits, strict=True):
            if seconds <= 0 and stage.name not in item.status.verified_in:
                told = {"verifiedIn": {stage.name: {"verifiedAt": rfc3339(view.now)}}}
                changes.merge_status(_key_of(item), told)
                self._tell_verified(view, item, changes)
        soonest = min((seconds for seconds in waits if seconds > 0), default=NEVER)
        return changes.outcome(None if soonest == NEVER else soonest)

    async def _leave(self, stage: Stage) -> Outcome:
        """The Stage is being deleted: no Freight may name it any longer."""
        changes = Changes()
        if FINALIZER not in stage.metadata.finalizers:
            return changes.outcome()
        for document in (await self._store.list(Query("Freight", stage.namespace))).documents:
            status = document.data.get("status") or {}
            told = {
                name: {stage.name: None}
                for name in ("verifiedIn", "approvedFor", "currentlyIn")
                if stage.name in (status.get(name) or {})
            }
            if told:
                changes.merge_status(document.key, told)
        left = [name for name in stage.metadata.finalizers if name != FINALIZER]
        changes.patch(_key(stage), {"metadata": {"finalizers": left or None}})
        return changes.outcome()

    def _stamp(self, view: View) -> Stamp:
        return Stamp(uuid.uuid4().hex[:16], view.now)

    async def of_promotion(self, document: Document) -> Iterable[Key]:
        """The Stage a Promotion is for."""
        return [Key("Stage", document.key.namespace, (document.data.get("spec") or {}).get("stage", ""))]

    async def of_freight(self, document: Document) -> Iterable[Key]:
        """The Stages that request Freight of this origin."""
        origin = (document.data.get("origin") or {}).get("name")
        return await self._requesting(document.key.namespace, lambda request: _origin_name(request) == origin)

    async def of_warehouse(self, document: Document) -> Iterable[Key]:
        """The Stages that name a Warehouse, for it may have appeared or gone."""
        name = document.key.name
        return await self._requesting(document.key.namespace, lambda request: _origin_name(request) == name)

    async def of_upstream(self, document: Document) -> Iterable[Key]:
        """The Stages downstream of a Stage."""
        name = document.key.name
        return await self._requesting(
            document.key.namespace, lambda request: name in ((request.get("sources") or {}).get("stages") or [])
        )

    async def of_project(self, document: Document) -> Iterable[Key]:
        """Every Stage of the namespace; for a cluster-scoped resource, every Stage."""
        page = await self._store.list(Query("Stage", document.key.namespace or None))
        return [item.key for item in page.documents]

    async def _requesting(self, namespace: str, wanted: _Wanted) -> Iterable[Key]:
        page = await self._store.list(Query("Stage", namespace))
        return [
            item.key
            for item in page.documents
            if any(wanted(request) for request in (item.data.get("spec") or {}).get("requestedFreight") or [])
        ]


class _Wanted(Protocol):
    def __call__(self, request: Mapping[str, Json], /) -> bool: ...


def _origin_name(request: Mapping[str, Json]) -> str:
    return str((request.get("origin") or {}).get("name", ""))


def _key(stage: Stage) -> Key:
    return Key("Stage", stage.namespace, stage.name)


def _key_of(freight: Freight) -> Key:
    return Key("Freight", freight.namespace, freight.name)


def _moved(freight: Freight, stage: str, now: datetime, *, inside: bool) -> dict[str, Json]:
    """What changes on Freight that entered or left a Stage; leaving records how long it had soaked."""
    present = stage in freight.status.currently_in
    if inside and not present:
        return {"currentlyIn": {stage: {"since": rfc3339(now)}}}
    if inside or not present:
        return {}
    told: dict[str, Json] = {"currentlyIn": {stage: None}}
    if stage in freight.status.verified_in:
        told["verifiedIn"] = {stage: {"longestSoak": format_duration(soaked_for(freight, stage, now))}}
    return told


def _promotion(stage: Stage, freight: Freight) -> dict[str, Json]:
    """A Promotion as a user would write it; admission fills in the rest."""
    return {
        "apiVersion": stage.api_version,
        "kind": "Promotion",
        "metadata": {"namespace": stage.namespace, "generateName": "promo-"},
        "spec": {"stage": stage.name, "freight": freight.name},
    }
