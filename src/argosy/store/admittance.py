"""What admission does to one write, whoever asks: the decorator of a store, or the webhooks of a cluster.

It reads what a rule needs and leaves the decision to `rules.admission`. A write goes through it in this order:
`complete`, `prepare`, then it is kept, then `tell`; a deletion through `release` only.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any

from pydantic import ValidationError

from argosy.clock import Clock
from argosy.errors import AlreadyExists, ArgosyError, Conflict, Invalid, NotFound, Problem
from argosy.resources.defaults import with_defaults
from argosy.resources.freight import Freight
from argosy.resources.kinds import KARGO, KINDS
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import Label
from argosy.resources.promotion import Promotion
from argosy.resources.validation import validate
from argosy.resources.warehouse import Warehouse
from argosy.rules import admission as rules
from argosy.rules import value_change, verification_request
from argosy.rules.alias import alias
from argosy.rules.document import stays
from argosy.rules.event import Stamp, event, freight_notes, promotion_notes
from argosy.rules.flow import flow_problems
from argosy.rules.project import is_ours, namespace_of
from argosy.store.actor import actor
from argosy.store.base import Query, Store
from argosy.store.manager import as_argosy
from argosy.store.promotion import PromotionDrafts
from argosy.store.promotion_request import PromotionRequestChecks
from argosy.store.typed import find_as

log = logging.getLogger(__name__)

Data = dict[str, Any]
TRIES = 20


class Admittance:
    """The rules of every write, with what they read.

    Args:
        store: read by the rules; what comes with a resource, its Namespace and events, is written to it.
    """

    def __init__(self, store: Store, clock: Clock, random: Random) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._creating: Mapping[str, Callable[[Data], Awaitable[None]]] = {
            "Project": self._complete_project,
            "Freight": self._complete_freight,
            "Promotion": PromotionDrafts(store, clock, random).complete,
            "PromotionRequest": PromotionRequestChecks(store).check,
        }

    async def complete(self, old: Document | None, document: Mapping[str, Json]) -> Data:
        """The document to keep: a copy with defaults, and with what only the system may say. Nothing is written.

        Args:
            old: what is kept now; None when `document` is new.
            document: as somebody wrote it, in whole.

        Raises Invalid with every fault at once, and NotFound, Conflict and Denied as the rules say.
        """
        data = await (self._complete_new(document) if old is None else self._complete_change(old, document))
        rules.without_empty(data, document)
        return data

    async def prepare(self, data: Mapping[str, Json], *, dry_run: bool = False) -> None:
        """Make what must be there before a new resource is: the Namespace of a Project."""
        if data["kind"] == "Project" and not dry_run:
            await self._make_namespace(data["metadata"]["name"])

    async def release(self, key: Key) -> None:
        """Whether something may be deleted. Raises Denied for Freight that is in use."""
        if key.kind == "Freight":
            rules.deletable(key.name, (await self._store.list(Query("Stage", key.namespace))).documents)

    async def tell(self, old: Document | None, new: Document) -> None:
        """Record the events of a write that was made: a Promotion by anybody, approvals of Freight by people."""
        try:
            if old is None and new.key.kind == "Promotion":
                await self._tell_promotion(new)
            elif old is not None and new.key.kind == "Freight" and not rules.is_controller(actor.get()):
                await self._tell_approvals(old, new)
        except ValidationError as error:
            log.warning("no event about %s, which is not understood: %s", new.key, error)

    async def _complete_new(self, document: Mapping[str, Json]) -> Data:
        if document.get("kind") == "Promotion":
            document = rules.promotion_request(document)
        elif document.get("kind") == "Freight":
            document = rules.freight_request(document)
        data = _checked(document, {})
        await self._in_project(data)
        _marks(data)
        if data["kind"] == "Stage":
            verification_request.record_actor({}, data, actor=actor.get())
        prepare = self._creating.get(str(data["kind"]))
        if prepare is not None:
            await prepare(data)
        return data

    async def _complete_change(self, old: Document, document: Mapping[str, Json]) -> Data:
        data = _checked(document, old.data)
        stays(old.key, data)
        _marks(data)
        if old.key.kind == "Project":
            rules.project_update(old.data, data, actor=actor.get())
        elif old.key.kind == "Freight":
            rules.freight_update(old.data, data)
            await self._alias_free(data, taken=Conflict)
        elif old.key.kind == "Promotion":
            rules.promotion_update(old.data, data, actor=actor.get())
        elif old.key.kind == "PromotionRequest":
            rules.fan_out_update(old.data, data)
            await PromotionRequestChecks(self._store).check_change(old.data, data)
        elif old.key.kind == "Stage":
            verification_request.record_actor(old.meta.get("annotations") or {}, data, actor=actor.get())
        elif old.key.kind in ("ConfigMap", "Secret"):
            value_change.check(old.data, data)
        return data

    async def _in_project(self, data: Data) -> None:
        """Namespaced kinds of ours live in a Project's Namespace. Raises NotFound, Invalid, Denied."""
        kind = KINDS[data["kind"]]
        meta = data["metadata"]
        if kind.group != KARGO or not kind.namespaced:
            return
        try:
            namespace = await self._store.get(Key("Namespace", "", meta.get("namespace") or ""))
        except NotFound as error:
            name = meta.get("namespace") or ""
            raise NotFound(
                f"namespace {name!r} not found", advice=f"Create a Project named {name!r}; its namespace comes with it."
            ) from error
        rules.project_namespace(namespace.data, kind=kind.name, name=str(meta.get("name") or ""))

    async def _complete_project(self, data: Data) -> None:
        await self._check_namespace(data)
        rules.project_create(data, actor=actor.get())

    async def _check_namespace(self, data: Data) -> None:
        """A Project's Namespace is its own, if it is there already. Raises Conflict."""
        name = data["metadata"].get("name") or ""
        try:
            namespace = await self._store.get(Key("Namespace", "", name))
        except NotFound:
            return
        if not is_ours(namespace):
            raise Conflict(
                f"namespace {name!r} exists already and is not labelled as a Project's",
                advice=f"Label it {Label.PROJECT.value}=true to make it the Project's, or choose another name.",
            )
        if namespace.meta.get("deletionTimestamp"):
            raise Conflict(f"namespace {name!r} is still being deleted", advice="Try again when it has gone.")

    async def _make_namespace(self, name: str) -> None:
        with as_argosy(), contextlib.suppress(AlreadyExists):
            await self._store.create(namespace_of(name))

    async def _complete_freight(self, data: Data) -> None:
        rules.freight_create(data, now=self._clock.now(), new_alias="")
        namespace = data["metadata"]["namespace"]
        if not data["alias"]:
            await self._give_alias(data)
        else:
            await self._alias_free(data, taken=Invalid)
        rules.freight_artifacts(
            data, await find_as(self._store, Key("Warehouse", namespace, data["origin"]["name"]), Warehouse)
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
        found = (await self._store.list(Query("Freight", data["metadata"]["namespace"], fields=fields))).documents
        return any(document.key.name != data["metadata"].get("name") for document in found)

    async def _tell_approvals(self, old: Document, new: Document) -> None:
        for stage in rules.newly_approved(old.data, new.data):
            freight, who = new.parse(Freight), actor.get()
            message = f"Freight approved for Stage {stage!r}" + (f" by {who!r}" if who else "")
            notes = freight_notes(freight, actor=who, stage=stage)
            await self._record(event(freight, "FreightApproved", message, self._stamp(), notes=notes))

    async def _tell_promotion(self, created: Document) -> None:
        promotion = created.parse(Promotion)
        freight = await find_as(self._store, Key("Freight", created.key.namespace, promotion.spec.freight), Freight)
        who = actor.get()
        how = "Automatically promoted" if rules.is_controller(who) else "Promotion created for"
        message = f"{how} Freight {promotion.spec.freight!r} to Stage {promotion.spec.stage!r}"
        notes = promotion_notes(promotion, freight, actor=who)
        await self._record(event(promotion, "PromotionCreated", message, self._stamp(), notes=notes))

    async def _record(self, told: Mapping[str, Json]) -> None:
        """Events inform; what they tell of has happened, so trouble in writing one is only logged."""
        try:
            with as_argosy():
                await self._store.create(told)
        except ArgosyError as error:
            log.warning("event not recorded: %s", error)

    def _stamp(self) -> Stamp:
        return Stamp(uuid.uuid4().hex[:16], self._clock.now())


def _checked(document: Mapping[str, Json], previous: Mapping[str, Json]) -> Data:
    """A copy with defaults, every fault of which has been told. Raises Invalid."""
    data = with_defaults(copy.deepcopy(dict(document)))
    problems = validate(data, previous=previous)
    meta = data.get("metadata")
    if data.get("kind") == "Stage" and isinstance(meta, Mapping):
        problems += flow_problems(meta.get("annotations"))
    if problems:
        name = (meta.get("name") or meta.get("generateName") or "") if isinstance(meta, Mapping) else ""
        raise Invalid(f"{document.get('kind') or 'document'} {name!r} is invalid", problems)
    return data


def _marks(data: Data) -> None:
    if data["kind"] in ("Stage", "Warehouse"):
        rules.shard_label(data)
    elif data["kind"] == "Secret":
        rules.secret_data(data)
