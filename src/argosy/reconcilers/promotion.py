"""Promotions: run the one its Stage has chosen, one step per turn; end the ones somebody aborts."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Iterable, Mapping

from argosy.clock import Clock
from argosy.engine.facts import gathered
from argosy.engine.run import Engine
from argosy.engine.turn import Advance, Facts
from argosy.errors import Conflict, NotFound
from argosy.resources.freight import Freight
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import Annotation
from argosy.resources.promotion import Promotion, PromotionPhase, PromotionStatus
from argosy.resources.stage import Stage
from argosy.rules.abort import AbortRequest, abort_request, aborted
from argosy.rules.argocd_context import stage_note
from argosy.rules.event import Stamp, controller, event, promotion_ended
from argosy.rules.freight import is_available
from argosy.rules.promotion import is_ended
from argosy.runtime.change import Changes, Outcome
from argosy.runtime.controller import Watch
from argosy.runtime.signal import Signals
from argosy.store.base import PatchType, Query, Store
from argosy.store.typed import find, find_as

ACTOR = controller("promotion")
ABORT_POLL = 1.0


class StatusJournal:
    """Keeps a promotion's status by compare-and-swap on the document's version.

    Only promotions write this status, so when the version moved for another reason (an annotation, say) the write is
    tried again on top of it.
    """

    def __init__(self, store: Store, document: Document) -> None:
        self._store = store
        self._document = document
        self._status = document.parse(Promotion).status

    async def save(self, status: PromotionStatus) -> None:
        old, new = self._status.compact(), status.compact()
        while old != new:
            try:
                self._document = await self._store.patch(
                    self._document.key, self._patch(old, new), PatchType.JSON, status=True
                )
                break
            except Conflict:
                self._document = await self._store.get(self._document.key)
                if self._document.parse(Promotion).status != self._status:
                    raise
        self._status = status

    def _patch(self, old: Mapping[str, Json], new: Mapping[str, Json]) -> list[Json]:
        """Puts the fields that differ, whole: a merge patch would lose the nulls among outputs and pins."""
        patch: list[Json] = [
            {"op": "replace", "path": "/metadata/resourceVersion", "value": str(self._document.version)}
        ]
        if "status" not in self._document.data:
            patch.append({"op": "add", "path": "/status", "value": {}})
        patch.extend({"op": "remove", "path": f"/status/{name}"} for name in old if name not in new)
        patch.extend(
            {"op": "add", "path": f"/status/{name}", "value": value}
            for name, value in new.items()
            if name not in old or old[name] != value
        )
        return patch


class PromotionReconciler:
    """Reconciles Promotions."""

    def __init__(self, store: Store, engine: Engine, clock: Clock, signals: Signals | None = None) -> None:
        self._store = store
        self._engine = engine
        self._clock = clock
        self._signals = signals or Signals()
        self._begun: dict[Key, str] = {}

    @property
    def watches(self) -> tuple[Watch, ...]:
        """What concerns Promotions besides themselves."""
        return (Watch(Query("Stage"), self.of_stage, chosen),)

    async def reconcile(self, key: Key) -> Outcome:
        document = await find(self._store, key)
        if document is None or is_ended(document.data):
            self._signals.listen(key, (), 0)
        if document is not None and is_ended(document.data):
            # Begun here, and ended elsewhere while another replica led: what it left on this disk is of no use.
            if begun := self._begun.pop(key, ""):
                await self._engine.discard(begun)
            return Outcome()
        if document is None or document.meta.get("deletionTimestamp"):
            await self._clean_up(key, document)
            return Outcome()
        promotion = document.parse(Promotion)
        freight = await find_as(self._store, Key("Freight", key.namespace, promotion.spec.freight), Freight)
        request = abort_request(promotion.metadata.annotations)
        if request is not None:
            return await self._terminate(document, freight, request)
        if not promotion.status.phase:
            pending = promotion.status.model_copy(update={"phase": PromotionPhase.PENDING.value})
            await StatusJournal(self._store, document).save(pending)
            return Outcome(again_after=0)
        stage = await find_as(self._store, Key("Stage", key.namespace, promotion.spec.stage), Stage)
        if stage is None:
            raise NotFound(f"Stage {promotion.spec.stage!r} of {key} does not exist")
        current = stage.status.current_promotion
        if current is None or current.name != promotion.name:
            return Outcome()
        return await self._advance(document, promotion, stage, freight)

    async def _advance(
        self, document: Document, promotion: Promotion, stage: Stage, freight: Freight | None
    ) -> Outcome:
        """One step; or the reason why none can be taken, which ends the promotion."""
        if freight is None:
            return await self._refuse(document, None, f"Freight {promotion.spec.freight!r} does not exist")
        if not is_available(stage, freight, self._clock.now()):
            return await self._refuse(
                document, freight, f"Freight {freight.name!r} is not available to Stage {stage.name!r}"
            )
        token = promotion.metadata.annotations.get(Annotation.REFRESH, "")
        if token:
            handled = promotion.status.model_copy(update={"last_handled_refresh": token})
            promotion = promotion.model_copy(update={"status": handled})
        facts = await gathered(self._store, promotion, stage, freight)
        self._begun[_key(promotion)] = promotion.metadata.uid
        mark = self._signals.mark
        advance = await self._run(facts, StatusJournal(self._store, document))
        if advance is None:
            return Outcome(again_after=0)
        self._signals.listen(_key(promotion), advance.wakes, mark)
        if advance.again_after is None:
            self._begun.pop(_key(promotion), None)
        changes = Changes()
        for warning in advance.warnings:
            stamp = Stamp(uuid.uuid4().hex[:16], self._clock.now())
            changes.create(event(promotion, "StepWarning", warning, stamp, warning=True))
        ended = promotion.model_copy(update={"status": advance.status})
        self._tell(changes, ended, freight, ACTOR)
        self._link(changes, ended, stage)
        return changes.outcome(advance.again_after)

    @staticmethod
    def _link(changes: Changes, promotion: Promotion, stage: Stage) -> None:
        """The Stage says which Applications its newest promotion that succeeded had to do with."""
        if promotion.status.phase != PromotionPhase.SUCCEEDED:
            return
        note = stage_note(promotion)
        if stage.metadata.annotations.get(Annotation.ARGOCD_CONTEXT) != note:
            annotations = {Annotation.ARGOCD_CONTEXT.value: note}
            changes.patch(Key("Stage", stage.namespace, stage.name), {"metadata": {"annotations": annotations}})

    async def _run(self, facts: Facts, journal: StatusJournal) -> Advance | None:
        """Run a step, unless an abort comes in between: then it is cancelled and None returned."""
        key = _key(facts.promotion)
        task = asyncio.create_task(self._engine.advance(facts, journal))
        try:
            while not task.done():
                poll = asyncio.create_task(self._clock.sleep(ABORT_POLL))
                await asyncio.wait({task, poll}, return_when=asyncio.FIRST_COMPLETED)
                poll.cancel()
                if task.done():
                    break
                document = await find(self._store, key)
                if document is None or abort_request(document.meta.get("annotations") or {}) is not None:
                    return None
            return await task
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task

    async def _refuse(self, document: Document, freight: Freight | None, message: str) -> Outcome:
        promotion = document.parse(Promotion)
        update = {"phase": PromotionPhase.ERRORED.value, "message": message, "finished_at": self._clock.now()}
        status = promotion.status.model_copy(update={**update, "journal": None})
        return await self._finish(document, status, freight, ACTOR)

    async def _terminate(self, document: Document, freight: Freight | None, request: AbortRequest) -> Outcome:
        status = aborted(document.parse(Promotion).status, request, self._clock.now())
        return await self._finish(document, status, freight, request.actor or ACTOR)

    async def _finish(
        self, document: Document, status: PromotionStatus, freight: Freight | None, actor: str
    ) -> Outcome:
        # Before the status: whoever follows the log stops once the promotion has ended.
        self._engine.tell_end(document.uid, status)
        await StatusJournal(self._store, document).save(status)
        await self._engine.discard(document.uid)
        self._begun.pop(document.key, None)
        changes = Changes()
        promotion = document.parse(Promotion).model_copy(update={"status": status})
        self._tell(changes, promotion, freight, actor)
        return changes.outcome()

    def _tell(self, changes: Changes, promotion: Promotion, freight: Freight | None, actor: str) -> None:
        told = promotion_ended(promotion, freight, Stamp(uuid.uuid4().hex[:16], self._clock.now()), actor=actor)
        if told is not None:
            changes.create(told)

    async def _clean_up(self, key: Key, document: Document | None) -> None:
        """Somebody deleted a promotion that was under way: its working directory goes too."""
        begun = self._begun.pop(key, None)
        uid = document.uid if document is not None else begun
        if uid is not None:
            await self._engine.discard(uid)

    async def of_stage(self, document: Document) -> Iterable[Key]:
        """The promotion that a Stage has chosen, which may run now."""
        name = chosen(document)
        return [Key("Promotion", document.key.namespace, name)] if name else []


def chosen(stage: Document) -> Json:
    """What of a Stage matters to its Promotions: which of them may run."""
    return ((stage.data.get("status") or {}).get("currentPromotion") or {}).get("name")


def _key(promotion: Promotion) -> Key:
    return Key("Promotion", promotion.namespace, promotion.name)
