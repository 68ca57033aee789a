"""Stages: take note of promotions, judge health, verify Freight, and promote what the rules choose."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from argosy.clock import Clock, rfc3339
from argosy.errors import AlreadyExists, Denied, Invalid, NotFound, Permanent
from argosy.reconcilers.interest import Interests
from argosy.resources.duration import format_duration
from argosy.resources.freight import Freight, FreightCollection
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import FINALIZER, Annotation, ConditionType, EventReason
from argosy.resources.project_config import ProjectConfig
from argosy.resources.promotion import HealthCheckStep, Promotion
from argosy.resources.stage import Health, Stage, StageStatus
from argosy.rules import auto_promotion, flow, health, verification
from argosy.rules import stage as rules
from argosy.rules.event import Stamp, controller, event, freight_notes
from argosy.rules.freight import available_in, soaked_for
from argosy.rules.obstacle import NEVER
from argosy.rules.promotion import is_ended
from argosy.rules.reference import named_by
from argosy.rules.stage import View
from argosy.runtime.change import Changes, Outcome
from argosy.runtime.controller import Watch, existence, wish
from argosy.runtime.signal import Signals
from argosy.store.base import Query, Store
from argosy.store.typed import find, find_as, understood

ACTOR = controller("stage")
LOOK_EVERY = 300.0
"""Seconds between two looks at what says nothing when it changes: health, and what could not be done."""

FOR_PEOPLE = (Invalid, NotFound, AlreadyExists, Denied, Permanent)
"""Errors that only people can mend; the others pass, and are tried again."""


class Checks(Protocol):
    """Runs the health checks of a Stage (`checks.base`)."""

    async def assess(self, project: str, stage: str, checks: tuple[HealthCheckStep, ...]) -> Health: ...

    def subjects(self, checks: tuple[HealthCheckStep, ...]) -> tuple[str, ...]: ...


class StageReconciler:
    """Reconciles Stages, both those that promote and those that only pass Freight on."""

    def __init__(self, store: Store, checks: Checks, clock: Clock, signals: Signals | None = None) -> None:
        self._store = store
        self._checks = checks
        self._clock = clock
        self._signals = signals or Signals()
        self._interests = Interests()

    @property
    def watches(self) -> tuple[Watch, ...]:
        """What concerns Stages besides themselves."""
        return (
            Watch(Query("Promotion"), self.of_promotion, progress),
            Watch(Query("Freight"), self.of_freight, whereabouts),
            Watch(Query("Warehouse"), self.of_subject, existence),
            Watch(Query("Stage"), self.of_subject, existence),
            Watch(Query("ProjectConfig"), self.of_subject, wish),
            Watch(Query("PromotionTask"), self.of_subject, wish),
            Watch(Query("ClusterPromotionTask"), self.of_subject, wish),
        )

    async def reconcile(self, key: Key) -> Outcome:
        document = await find(self._store, key)
        if document is None:
            self._interests.learn(key, ())
            self._signals.listen(key, (), 0)
            return Outcome()
        stage = document.parse(Stage)
        if stage.metadata.deletion_timestamp is not None:
            return await self._leave(stage)
        changes = Changes()
        if FINALIZER not in stage.metadata.finalizers:
            finalizers = [*stage.metadata.finalizers, FINALIZER]
            changes.patch(key, {"metadata": {"finalizers": finalizers}}, version=document.version)
            return changes.outcome(0)
        named = named_by(stage)
        self._interests.learn(key, [*named, _config_key(stage)])
        try:
            return await (self._pass_on(stage) if stage.is_control_flow else self._promote(stage))
        except FOR_PEOPLE as error:
            changes.status(key, stage.status, rules.troubled(stage, str(error), self._clock.now()))
            return changes.outcome(LOOK_EVERY)

    async def _view(self, stage: Stage, promotions: Sequence[Document]) -> View:
        last = stage.status.last_promotion.name if stage.status.last_promotion is not None else ""
        news = [item for item in promotions if item.key.name > last or not is_ended(item.data)]
        config = await find_as(self._store, _config_key(stage), ProjectConfig)
        missing = [text for key, text in named_by(stage).items() if await find(self._store, key) is None]
        return View(stage, tuple(understood(news, Promotion)), config, tuple(missing), self._clock.now())

    async def _promote(self, stage: Stage) -> Outcome:
        changes = Changes()
        query = Query("Promotion", stage.namespace, fields={"spec.stage": stage.name})
        promotions = (await self._store.list(query)).documents
        view = await self._supersede(await self._view(stage, promotions), changes)
        status = rules.sync_promotions(view, rules.begin(view))
        status = health.assess(view, status, await self._health(stage, status))
        new_id = str(uuid.uuid4())
        status = rules.hold(view, verification.verify(view, status, new_id))
        # Freight is written before the Stage: whatever gets lost in between is worked out again.
        await self._place(view, status, changes, told=not verification.verified_by(status, new_id))
        trouble, soonest = await self._auto_promote(view, status, promotions)
        status = rules.summarize(view, status, trouble)
        changes.status(_key(stage), stage.status, status)
        self._tell_missing(view, changes)
        if rules.waits_for_next(view, status):
            soonest = 0.0
        if trouble or health.checks_to_run(status):
            soonest = min(soonest, LOOK_EVERY)
        return changes.outcome(None if soonest == NEVER else soonest)

    async def _supersede(self, view: View, changes: Changes) -> View:
        """End the Promotions that shall not run, and look at the Stage as if they had not been made."""
        stage = view.stage
        if flow.flow_of(stage) is flow.Flow.QUEUE:
            return view
        left = [each for each in view.promotions if not flow.was_superseded(each)]
        waiting: list[flow.Waiting] = []
        for promotion in left:
            key = Key("Freight", stage.namespace, promotion.spec.freight)
            if flow.is_waiting(promotion, stage) and (freight := await find_as(self._store, key, Freight)) is not None:
                waiting.append(flow.Waiting(promotion, freight))
        present: dict[str, Freight] = {}
        for name in _names(stage.status.current_freight):
            if (has := await find_as(self._store, Key("Freight", stage.namespace, name), Freight)) is not None:
                present[str(has.origin)] = has
        ended = {**flow.superseded(stage, waiting), **flow.outdated(stage, waiting, present)}
        for name, why in ended.items():
            note = {Annotation.ABORT.value: flow.request(why)}
            changes.patch(Key("Promotion", stage.namespace, name), {"metadata": {"annotations": note}})
        return replace(view, promotions=tuple(each for each in left if each.name not in ended))

    async def _health(self, stage: Stage, status: StageStatus) -> Health | None:
        checks, mark = health.checks_to_run(status), self._signals.mark
        found = await self._checks.assess(stage.namespace, stage.name, checks) if checks else None
        self._signals.listen(_key(stage), self._checks.subjects(checks), mark)
        return found

    async def _place(self, view: View, status: StageStatus, changes: Changes, *, told: bool) -> None:
        """Say on each Freight whether it is in the Stage now, and whether the Stage has verified it.

        `told` is whether the newest verification is an old one, of which an event has told already.
        """
        stage, current = view.stage, status.current_freight
        confirmed = verification.confirmed(status)
        for name in _names(current):
            freight = await find_as(self._store, Key("Freight", stage.namespace, name), Freight)
            if freight is None:
                continue
            now_so: dict[str, Json] = {}
            if stage.name not in freight.status.currently_in:
                now_so["currentlyIn"] = {stage.name: {"since": rfc3339(view.now)}}
            if confirmed is not None and stage.name not in freight.status.verified_in:
                now_so["verifiedIn"] = {stage.name: {"verifiedAt": rfc3339(confirmed.finish_time or view.now)}}
            if now_so:
                changes.merge_status(_key_of(freight), now_so)
            if not told:
                self._tell_verified(stage, freight, changes)
        await self._clear_out(view, set(_names(stage.status.current_freight)) - set(_names(current)), changes)

    async def _clear_out(self, view: View, names: Iterable[str], changes: Changes) -> None:
        """Freight that has left the Stage says so, and how long it had soaked there."""
        for name in sorted(names):
            freight = await find_as(self._store, Key("Freight", view.stage.namespace, name), Freight)
            if freight is None or view.stage.name not in freight.status.currently_in:
                continue
            now_so: dict[str, Json] = {"currentlyIn": {view.stage.name: None}}
            if view.stage.name in freight.status.verified_in:
                soaked = format_duration(soaked_for(freight, view.stage.name, view.now))
                now_so["verifiedIn"] = {view.stage.name: {"longestSoak": soaked}}
            changes.merge_status(_key_of(freight), now_so)

    def _tell_verified(self, stage: Stage, freight: Freight, changes: Changes) -> None:
        notes = freight_notes(freight, actor=ACTOR, stage=stage.name)
        reason = EventReason.FREIGHT_VERIFICATION_SUCCEEDED
        changes.create(event(freight, reason, "Freight verification succeeded", self._stamp(), notes=notes))

    def _tell_missing(self, view: View, changes: Changes) -> None:
        """Say once what the Stage names that is not there."""
        before = [item.message for item in view.stage.status.conditions if item.type == ConditionType.STALLED]
        message = "; ".join(view.missing)
        if message and message not in before:
            changes.create(event(view.stage, "ReferenceNotFound", message, self._stamp(), warning=True))

    async def _auto_promote(self, view: View, status: StageStatus, promotions: Sequence[Document]) -> tuple[str, float]:
        """Make Promotions of the candidates; returns why that failed, and the seconds until soaking makes others.

        They are made at once rather than returned, for what admission says against one belongs into the status.
        """
        if not status.auto_promotion_enabled:
            return "", NEVER
        offer = auto_promotion.offer(view.stage, await self._offered(view.stage), view.now)
        names = {freight.name for freight in offer.candidates.values()}
        about = [item for item in promotions if (item.data.get("spec") or {}).get("freight") in names]
        tried = [*understood(about, Promotion)]
        trouble = [f"Freight {name!r} is not understood: delete it, or mend it" for name in offer.strange]
        for freight in auto_promotion.to_promote(view.stage, status, tried, offer.candidates):
            try:
                await self._store.create(_promotion(view.stage, freight))
            except FOR_PEOPLE as error:
                trouble.append(f"Freight {freight.name!r} could not be promoted: {error}")
        return "; ".join(trouble), offer.soonest

    async def _offered(self, stage: Stage) -> list[Document]:
        """All Freight of the origins the Stage requests."""
        offered: list[Document] = []
        for origin in dict.fromkeys(request.origin.name for request in stage.spec.requested_freight):
            query = Query("Freight", stage.namespace, fields={"origin.name": origin})
            offered.extend((await self._store.list(query)).documents)
        return offered

    async def _pass_on(self, stage: Stage) -> Outcome:
        """A control-flow Stage verifies whatever is available to it, at once."""
        changes = Changes()
        view = await self._view(stage, ())
        await self._clear_out(view, _names(stage.status.current_freight), changes)
        soonest = NEVER
        for document in await self._offered(stage):
            verified = ((document.data.get("status") or {}).get("verifiedIn") or {}).keys()
            if stage.name in verified or not auto_promotion.in_question(stage, document):
                continue
            freight = document.understood(Freight)
            if freight is None:
                continue
            seconds = available_in(stage, freight, view.now)
            if seconds > 0:
                soonest = min(soonest, seconds)
                continue
            changes.merge_status(document.key, {"verifiedIn": {stage.name: {"verifiedAt": rfc3339(view.now)}}})
            self._tell_verified(stage, freight, changes)
        changes.status(_key(stage), stage.status, rules.control_flow(view))
        self._tell_missing(view, changes)
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

    def _stamp(self) -> Stamp:
        return Stamp(uuid.uuid4().hex[:16], self._clock.now())

    async def of_promotion(self, document: Document) -> Iterable[Key]:
        """The Stage a Promotion is for."""
        return [Key("Stage", document.key.namespace, (document.data.get("spec") or {}).get("stage", ""))]

    async def of_freight(self, document: Document) -> Iterable[Key]:
        """The Stages that request Freight of this origin."""
        origin = (document.data.get("origin") or {}).get("name", "")
        return self._interests.of(Key("Warehouse", document.key.namespace, origin))

    async def of_subject(self, document: Document) -> Iterable[Key]:
        """The Stages that name a resource, or whose policies it holds."""
        return self._interests.of(document.key)


def progress(promotion: Document) -> Json:
    """What of a Promotion matters to its Stage."""
    status = promotion.data.get("status") or {}
    return [status.get("phase"), (status.get("freight") or {}).get("name")]


def whereabouts(freight: Document) -> Json:
    """What of Freight matters to Stages."""
    status = freight.data.get("status") or {}
    return [status.get(name) for name in ("verifiedIn", "currentlyIn", "approvedFor")]


def _key(stage: Stage) -> Key:
    return Key("Stage", stage.namespace, stage.name)


def _config_key(stage: Stage) -> Key:
    return Key("ProjectConfig", stage.namespace, stage.namespace)


def _key_of(freight: Freight) -> Key:
    return Key("Freight", freight.namespace, freight.name)


def _names(collection: FreightCollection | None) -> list[str]:
    return [item.name for item in collection.references] if collection is not None else []


def _promotion(stage: Stage, freight: Freight) -> dict[str, Json]:
    """A Promotion as a user would write it; admission fills in the rest."""
    return {
        "apiVersion": stage.api_version,
        "kind": "Promotion",
        "metadata": {"namespace": stage.namespace, "generateName": "promo-"},
        "spec": {"stage": stage.name, "freight": freight.name},
    }
