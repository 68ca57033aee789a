"""The store that the API gives its routes: it does for the present principal what that may do, and nothing else.

A decorator of a Store, so that no route can forget to ask. The verbs are those of Kubernetes: reading asks `get`,
`list` and `watch`, a status is the subresource `status`, applying asks `patch`, and `create` for what is new.
Besides: whoever writes Promotions, or approves Freight, must have the verb `promote` on the Stage; and nobody gives
rights that they have not got (`store.escalation`). What admission and controllers do of themselves lies below.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping

from argosy.errors import Conflict, Invalid
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Json, Key
from argosy.rules import patch as patches
from argosy.rules.authorization import PROMOTING, Action, forbidden, promoting
from argosy.rules.document import stays
from argosy.rules.escalation import KINDS_THAT_GIVE
from argosy.store.base import Admit, Applying, Event, Page, PatchType, Propagation, Query, Store
from argosy.store.decorator import Decorator
from argosy.store.draft import key_of, kind_of
from argosy.store.escalation import Escalation
from argosy.store.principal import Principal, principal
from argosy.store.rights import Rights
from argosy.store.typed import find

TRIES = 20
"""How often a write that gives rights is tried when others write at the same time."""


class Permitted(Decorator):
    """A Store for whoever `store.principal` names. Every method raises Denied for what that principal may not do."""

    def __init__(self, inner: Store, rights: Rights) -> None:
        super().__init__(inner)
        self._rights = rights
        self._escalation = Escalation(inner, rights)

    async def get(self, key: Key) -> Document:
        await self._demand("get", key)
        return await self._inner.get(key)

    async def list(self, query: Query, *, limit: int = 0, more: str = "") -> Page:
        await self._rights.demand(selecting("list", query))
        return await self._inner.list(query, limit=limit, more=more)

    def watch(self, query: Query, *, since: int | None = None) -> AsyncGenerator[Event, None]:
        """As the Store says; it raises Denied with the first event, and with the next one after the right was lost."""
        return self._watch(query, since, principal.get())

    async def _watch(self, query: Query, since: int | None, who: Principal | None) -> AsyncGenerator[Event, None]:
        action = selecting("watch", query)
        if not await self._rights.allows(action, who):
            raise forbidden(action, who.actor if who else "")
        async with contextlib.aclosing(self._inner.watch(query, since=since)) as events:
            async for event in events:
                if not await self._rights.allows(action, who):
                    raise forbidden(action, who.actor if who else "")
                yield event

    async def create(self, document: Mapping[str, Json], *, dry_run: bool = False) -> Document:
        await self._demand("create", _key(document))
        await self._check(None, document)
        return self._learned(await self._inner.create(document, dry_run=dry_run), dry_run)

    async def update(self, document: Mapping[str, Json], *, status: bool = False, dry_run: bool = False) -> Document:
        key = key_of(document)
        await self._demand("update", key, status=status)
        if status:
            await self._check_status(key, lambda old: document)
        elif self._is_special(key):
            asked = bool(document["metadata"].get("resourceVersion"))
            return await self._replace(key, lambda old: _pinned(document, old), dry_run, asked=asked)
        return self._learned(await self._inner.update(document, status=status, dry_run=dry_run), dry_run)

    async def patch(
        self, key: Key, patch: Json, type: PatchType = PatchType.MERGE, *, status: bool = False, dry_run: bool = False
    ) -> Document:
        await self._demand("patch", key, status=status)

        def patched(old: Document) -> Mapping[str, Json]:
            return patches.apply(old.data, patch, type.value, KINDS[key.kind])

        if status:
            await self._check_status(key, patched)
        elif self._is_special(key):
            return await self._replace(key, patched, dry_run)
        return self._learned(await self._inner.patch(key, patch, type, status=status, dry_run=dry_run), dry_run)

    async def apply(self, document: Mapping[str, Json], how: Applying, *, admit: Admit | None = None) -> Document:
        key = key_of(document)
        await self._demand("patch", key, status=how.status)
        if how.status:
            await self._check_status(key, lambda old: _laid_over(old, document))
        elif await find(self._inner, key) is None:
            await self._demand("create", key)  # before anything is made ready for it

        async def admitted(old: Document | None, data: dict[str, Json]) -> dict[str, Json]:
            if old is None:
                await self._demand("create", key)
            await self._check(old, data)
            return data if admit is None else await admit(old, data)

        return self._learned(await self._inner.apply(document, how, admit=admitted), how.dry_run)

    async def delete(
        self,
        key: Key,
        *,
        uid: str = "",
        version: int = 0,
        propagation: Propagation = "Background",
        dry_run: bool = False,
    ) -> Document:
        await self._demand("delete", key)
        if key.kind in PROMOTING:
            await self._may_promote((await self._inner.get(key)).data)
        last = await self._inner.delete(key, uid=uid, version=version, propagation=propagation, dry_run=dry_run)
        if not dry_run and not last.meta.get("finalizers") and key.kind != "Namespace":  # which goes after its content
            self._rights.forget(key)
        return last

    async def _demand(self, verb: str, key: Key, *, status: bool = False) -> None:
        kind = kind_of(KINDS, key.kind)
        await self._rights.demand(Action.of(verb, kind, key.namespace, key.name, "status" if status else ""))

    def _learned(self, document: Document, dry_run: bool) -> Document:
        if not dry_run:
            self._rights.learn(document)
        return document

    def _is_special(self, key: Key) -> bool:
        """Whether the right to write it is not all that a write takes."""
        who = principal.get()
        return key.kind in PROMOTING | KINDS_THAT_GIVE and not (who is not None and who.may_all)

    async def _check(self, old: Document | None, new: Mapping[str, Json]) -> None:
        """What a write takes besides the right to write. Raises Denied."""
        key = _key(new)
        if not self._is_special(key):
            return
        if not isinstance(new.get("metadata"), Mapping):
            raise Invalid(f"the metadata of the {key.kind} is not an object")
        if key.kind in PROMOTING:
            await self._may_promote(old.data if old is not None else new)
        else:
            await self._escalation.check(old, new)

    async def _may_promote(self, promotion: Mapping[str, Json]) -> None:
        spec = promotion.get("spec")
        stage = str(spec.get("stage") or "") if isinstance(spec, Mapping) else ""
        await self._rights.demand(promoting(_key(promotion).namespace, stage))

    async def _check_status(self, key: Key, change: Callable[[Document], Mapping[str, Json]]) -> None:
        """To approve Freight for a Stage takes the right to promote to it. Raises Denied, and what the inner does.

        Where it is and was verified opens Stages as well, and only Argosy should say it: that takes the right to
        `update` the status, which comes with no role for approving.
        """
        if key.kind != "Freight":
            return
        old = await self._inner.get(key)
        new = change(old)
        for stage in _approvals(new) - _approvals(old.data):
            await self._rights.demand(promoting(key.namespace, stage))
        if _facts(new) != _facts(old.data):
            await self._demand("update", key, status=True)

    async def _replace(
        self, key: Key, change: Callable[[Document], Mapping[str, Json]], dry_run: bool, *, asked: bool = False
    ) -> Document:
        """Check a change and make it, of the very state that was checked.

        Args:
            asked: whether the writer named the version that it changes, and wants no other to be changed.
        """
        for attempt in range(TRIES):
            old = await self._inner.get(key)
            new = change(old)
            key_of(new)
            stays(key, new)
            await self._check(old, new)
            moved = new["metadata"].get("resourceVersion") != old.meta.get("resourceVersion")
            try:
                return self._learned(await self._inner.update(new, dry_run=dry_run), dry_run)
            except Conflict:
                if asked or moved or attempt == TRIES - 1:
                    raise
        raise AssertionError("the loop ends by answer or error")


def selecting(verb: str, query: Query) -> Action:
    """Listing or watching; one resource that is selected by its name counts as named, as in Kubernetes."""
    kind = kind_of(KINDS, query.kind)
    return Action.of(verb, kind, query.namespace or "", query.fields.get("metadata.name", ""))


def _key(document: Mapping[str, Json]) -> Key:
    """Where a document is to be; what is no text there names nothing."""
    meta = document.get("metadata")
    parts = (meta.get("namespace"), meta.get("name")) if isinstance(meta, Mapping) else ("", "")
    namespace, name = (part if isinstance(part, str) else "" for part in parts)
    return Key(str(document.get("kind") or ""), namespace, name)


def _status(freight: Mapping[str, Json]) -> Mapping[str, Json]:
    status = freight.get("status")
    return status if isinstance(status, Mapping) else {}


def _approvals(freight: Mapping[str, Json]) -> set[str]:
    """The Stages that Freight is approved for."""
    found = _status(freight).get("approvedFor")
    return set(found) if isinstance(found, Mapping) else set()


def _facts(freight: Mapping[str, Json]) -> dict[str, Json]:
    """All that is said of Freight besides who approved it."""
    return {name: value for name, value in _status(freight).items() if name != "approvedFor"}


def _laid_over(old: Document, applied: Mapping[str, Json]) -> Mapping[str, Json]:
    """What a status comes to at least when somebody applies a part of it."""
    return {**applied, "status": {**_status(old.data), **_status(applied)}}


def _pinned(document: Mapping[str, Json], old: Document) -> Mapping[str, Json]:
    meta = document["metadata"]
    version = meta.get("resourceVersion") or old.meta.get("resourceVersion")
    return {**document, "metadata": {**meta, "resourceVersion": version}}
