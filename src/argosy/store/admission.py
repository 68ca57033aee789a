"""Admission: a decorator of a Store through which every writer goes, people and controllers alike.

It validates, fills in defaults, overwrites what only the system may say, and refuses what the rules forbid. It reads
what a rule needs and leaves the decision to `rules.admission`.
"""

from __future__ import annotations

import copy
import logging
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from random import Random
from typing import Any, TypeVar

from argosy.clock import Clock
from argosy.errors import AlreadyExists, ArgosyError, Conflict, Invalid, NotFound, Problem
from argosy.resources.defaults import with_defaults
from argosy.resources.freight import Freight
from argosy.resources.kinds import KARGO, KINDS
from argosy.resources.meta import Document, Json, Key, Resource
from argosy.resources.names import FINALIZER, TRUE, Label
from argosy.resources.promotion import Promotion
from argosy.resources.validation import validate
from argosy.resources.warehouse import Warehouse
from argosy.rules import admission as rules
from argosy.rules.alias import alias
from argosy.rules.document import stays
from argosy.rules.event import Stamp, event, freight_notes, promotion_notes
from argosy.rules.flow import flow_problems
from argosy.rules.patch import apply
from argosy.store.actor import actor
from argosy.store.base import Event, Page, PatchType, Propagation, Query, Store
from argosy.store.promotion import PromotionDrafts
from argosy.store.typed import find_as

log = logging.getLogger(__name__)

Data = dict[str, Any]
R = TypeVar("R", bound=Resource)
TRIES = 20


class Admission:
    """A Store whose every write is admitted first."""

    def __init__(self, inner: Store, clock: Clock, random: Random) -> None:
        self._inner = inner
        self._clock = clock
        self._random = random
        self._creating: Mapping[str, Callable[[Data, bool], Awaitable[None]]] = {
            "Project": self._create_project,
            "Freight": self._create_freight,
            "Promotion": PromotionDrafts(inner, clock, random).complete,
        }

    async def get(self, key: Key) -> Document:
        return await self._inner.get(key)

    def watch(self, query: Query, *, since: int | None = None) -> AsyncGenerator[Event, None]:
        return self._inner.watch(query, since=since)

    async def version(self) -> int:
        return await self._inner.version()

    async def close(self) -> None:
        await self._inner.close()

    async def create(self, document: Mapping[str, Json], *, dry_run: bool = False) -> Document:
        if document.get("kind") == "Promotion":
            document = rules.promotion_request(document)
        elif document.get("kind") == "Freight":
            document = rules.freight_request(document)
        data = self._checked(document, {})
        kind = str(data["kind"])
        await self._in_project(data)
        self._marks(data)
        prepare = self._creating.get(kind)
        if prepare is not None:
            await prepare(data, dry_run)
        created = await self._inner.create(data, dry_run=dry_run)
        if not dry_run:
            await self._tell_created(created)
        return created

    async def update(self, document: Mapping[str, Json], *, status: bool = False, dry_run: bool = False) -> Document:
        if status:
            return await self._write_status(
                lambda: self._inner.update(document, status=True, dry_run=dry_run), Key.of(document)
            )
        old = await self._inner.get(Key.of(document))
        data = await self._changed(old, copy.deepcopy(dict(document)))
        return await self._inner.update(data, dry_run=dry_run)

    async def patch(
        self, key: Key, patch: Json, type: PatchType = PatchType.MERGE, *, status: bool = False, dry_run: bool = False
    ) -> Document:
        if status:
            return await self._write_status(
                lambda: self._inner.patch(key, patch, type, status=True, dry_run=dry_run), key
            )
        for attempt in range(TRIES):
            old = await self._inner.get(key)
            patched = apply(old.data, patch, type.value, KINDS[key.kind])
            moved = (patched.get("metadata") or {}).get("resourceVersion") != old.meta.get("resourceVersion")
            data = await self._changed(old, patched)
            try:
                return await self._inner.update(data, dry_run=dry_run)
            except Conflict:
                if moved or attempt == TRIES - 1:
                    raise
        raise Conflict(f"{key} changes too fast", advice="Try again.")

    async def delete(
        self,
        key: Key,
        *,
        uid: str = "",
        version: int = 0,
        propagation: Propagation = "Background",
        dry_run: bool = False,
    ) -> Document:
        if key.kind == "Freight":
            rules.deletable(key.name, (await self._inner.list(Query("Stage", key.namespace))).documents)
        return await self._inner.delete(key, uid=uid, version=version, propagation=propagation, dry_run=dry_run)

    def _checked(self, document: Mapping[str, Json], previous: Mapping[str, Json]) -> Data:
        """A copy with defaults, every fault of which has been told. Raises Invalid."""
        data = with_defaults(copy.deepcopy(dict(document)))
        problems = validate(data, previous=previous)
        if data.get("kind") == "Stage":
            problems += flow_problems((data.get("metadata") or {}).get("annotations") or {})
        if problems:
            meta = document.get("metadata")
            name = (meta.get("name") or meta.get("generateName")) if isinstance(meta, Mapping) else ""
            raise Invalid(f"{document.get('kind') or 'document'} {name!r} is invalid", problems)
        return data

    async def _in_project(self, data: Data) -> None:
        """Namespaced kinds of ours live in a Project's Namespace. Raises NotFound, Invalid, Denied."""
        kind = KINDS[data["kind"]]
        meta = data["metadata"]
        if kind.group != KARGO or not kind.namespaced:
            return
        try:
            namespace = await self._inner.get(Key("Namespace", "", meta.get("namespace") or ""))
        except NotFound as error:
            name = meta.get("namespace") or ""
            raise NotFound(
                f"namespace {name!r} not found", advice=f"Create a Project named {name!r}; its namespace comes with it."
            ) from error
        rules.project_namespace(namespace.data, kind=kind.name, name=str(meta.get("name") or ""))

    def _marks(self, data: Data) -> None:
        if data["kind"] in ("Stage", "Warehouse"):
            rules.shard_label(data)
        elif data["kind"] == "Secret":
            rules.secret_data(data)

    async def _changed(self, old: Document, data: Data) -> Data:
        """The document to keep in place of `old`. Raises Invalid, Conflict."""
        data = self._checked(data, old.data)
        stays(old.key, data)
        self._marks(data)
        if old.key.kind == "Freight":
            rules.freight_update(old.data, data)
            await self._alias_free(data, taken=Conflict)
        elif old.key.kind == "Promotion":
            rules.promotion_update(old.data, data, actor=actor.get())
        return data

    async def _create_project(self, data: Data, dry_run: bool) -> None:
        """A Project's Namespace is there before the Project is."""
        name = data["metadata"].get("name") or ""
        try:
            namespace = await self._inner.get(Key("Namespace", "", name))
        except NotFound:
            if not dry_run:
                await self._create_namespace(name)
            return
        if (namespace.meta.get("labels") or {}).get(Label.PROJECT) != TRUE:
            raise Conflict(
                f"namespace {name!r} exists already and is not labelled as a Project's",
                advice=f"Label it {Label.PROJECT.value}=true to make it the Project's, or choose another name.",
            )
        if namespace.meta.get("deletionTimestamp"):
            raise Conflict(f"namespace {name!r} is still being deleted", advice="Try again when it has gone.")

    async def _create_namespace(self, name: str) -> None:
        meta = {"name": name, "labels": {Label.PROJECT.value: TRUE}, "finalizers": [FINALIZER]}
        try:
            await self._inner.create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
        except AlreadyExists:
            return

    async def _create_freight(self, data: Data, dry_run: bool) -> None:
        rules.freight_create(data, now=self._clock.now(), new_alias="")
        namespace = data["metadata"]["namespace"]
        if not data["alias"]:
            await self._give_alias(data)
        else:
            await self._alias_free(data, taken=Invalid)
        rules.freight_artifacts(
            data, await find_as(self._inner, Key("Warehouse", namespace, data["origin"]["name"]), Warehouse)
        )

    async def _give_alias(self, data: Data) -> None:
        for _ in range(TRIES):
            data["alias"] = alias(self._random)
            if not await self._same_alias(data):
                break
        else:
            data["alias"] = f"{data['alias']}-{uuid.uuid4().hex[:6]}"
        rules.labels_of(data)[Label.ALIAS.value] = data["alias"]

    async def _alias_free(self, data: Data, *, taken: type[Conflict] | type[Invalid]) -> None:
        if not data.get("alias") or not await self._same_alias(data):
            return
        message = f"alias {data['alias']!r} is used by other Freight of namespace {data['metadata']['namespace']!r}"
        if taken is Invalid:
            raise Invalid(f"Freight {data['metadata']['name']!r} is invalid", [Problem(message, "alias")])
        raise Conflict(message, advice="Choose another alias.")

    async def _same_alias(self, data: Data) -> bool:
        fields = {"alias": str(data["alias"])}
        found = (await self._inner.list(Query("Freight", data["metadata"]["namespace"], fields=fields))).documents
        return any(document.key.name != data["metadata"].get("name") for document in found)

    async def _write_status(self, write: Callable[[], Awaitable[Document]], key: Key) -> Document:
        """Write a status; new approvals of Freight by people are told as events."""
        if key.kind != "Freight" or rules.is_controller(actor.get()):
            return await write()
        old = await self._inner.get(key)
        new = await write()
        for stage in rules.newly_approved(old.data, new.data):
            freight, who = new.parse(Freight), actor.get()
            message = f"Freight approved for Stage {stage!r}" + (f" by {who!r}" if who else "")
            notes = freight_notes(freight, actor=who, stage=stage)
            await self._tell(event(freight, "FreightApproved", message, self._stamp(), notes=notes))
        return new

    async def _tell_created(self, created: Document) -> None:
        if created.key.kind != "Promotion":
            return
        promotion = created.parse(Promotion)
        freight = await find_as(self._inner, Key("Freight", created.key.namespace, promotion.spec.freight), Freight)
        who = actor.get()
        how = "Automatically promoted" if rules.is_controller(who) else "Promotion created for"
        message = f"{how} Freight {promotion.spec.freight!r} to Stage {promotion.spec.stage!r}"
        notes = promotion_notes(promotion, freight, actor=who)
        await self._tell(event(promotion, "PromotionCreated", message, self._stamp(), notes=notes))

    async def _tell(self, told: Mapping[str, Json]) -> None:
        """Events inform; what they tell of has happened, so trouble in writing one is only logged."""
        try:
            await self._inner.create(told)
        except ArgosyError as error:
            log.warning("event not recorded: %s", error)

    def _stamp(self) -> Stamp:
        return Stamp(uuid.uuid4().hex[:16], self._clock.now())

    async def list(self, query: Query, *, limit: int = 0, more: str = "") -> Page:
        return await self._inner.list(query, limit=limit, more=more)
