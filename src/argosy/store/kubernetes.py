"""The Store on a Kubernetes API server: resources are custom resources, kept by the cluster."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from typing import Any

import orjson

from argosy.clients.kubeconfig import find_access
from argosy.clients.kubernetes_connection import Connection
from argosy.clients.kubernetes_login import connect
from argosy.clients.selection import Selection
from argosy.clock import Clock
from argosy.errors import AlreadyExists, ArgosyError, Conflict, Gone, Invalid, NotFound, Unavailable
from argosy.meter import UNMETERED, Meter
from argosy.resources.kind import Kind
from argosy.resources.meta import Document, Json, Key
from argosy.rules import patch as patches
from argosy.rules.document import created, replaced, resource_name
from argosy.store.age import by_age
from argosy.store.base import Admit, Applying, Event, EventType, Order, Page, PatchType, Propagation, Query
from argosy.store.draft import ATTEMPTS, is_unnamed, key_of, kind_of, not_found, with_random_name, written
from argosy.store.kubernetes_apply import apply
from argosy.store.kubernetes_call import Caller, document, documents, no_definition, place, selection
from argosy.store.kubernetes_watch import Watches
from argosy.store.manager import manager
from argosy.store.selection import check_fields
from argosy.store.typed import find

KUBERNETES = "kubernetes://"

PAGE = 500
"""How many resources are asked for at once."""

TRIES = 20
"""How often a write that compares no version is tried when others write at the same time."""

_AGAIN = "Read it again, apply the change to the newest version and retry."
_STAMPED = ("uid", "generation", "creationTimestamp")
_UNKNOWN = "the server could not find the requested resource"


def open_kubernetes(url: str, kinds: Mapping[str, Kind], *, clock: Clock, meter: Meter = UNMETERED) -> KubernetesStore:
    """The store that `kubernetes://[context]` names; nothing is asked yet.

    The context is one of the kubeconfig, the current one when it is empty; inside of a cluster without a kubeconfig
    it is the Pod's own account.

    Raises NotFound and Invalid when the kubeconfig, or what it names, cannot be used.
    """
    access = find_access(url.removeprefix(KUBERNETES))
    return KubernetesStore(connect(access, clock, meter=meter), kinds, clock=clock, source=access.source)


class KubernetesStore:
    """A `Store` that the API server of a cluster keeps. Belongs to one event loop."""

    def __init__(self, connection: Connection, kinds: Mapping[str, Kind], *, clock: Clock, source: str) -> None:
        self._connection = connection
        self._kinds = kinds
        self._clock = clock
        self._source = source
        self._caller = Caller(connection, clock, source)
        self._watches = Watches(self._caller, clock)
        self._closed = False
        self._accepted = 0
        self._finished = asyncio.Event()
        self._finished.set()

    async def check(self, group: str) -> None:
        """See that the cluster serves every kind of an API group as it is needed. Raises Unavailable, with advice."""
        kinds = [kind for kind in self._kinds.values() if kind.group == group]
        await asyncio.gather(*map(self._check, kinds))

    async def _check(self, kind: Kind) -> None:
        try:
            await self.list(Query(kind.name, excluded=dict.fromkeys(kind.indexes, "-")), limit=1)
        except Invalid:
            raise no_definition(kind, f"{self._source} has other definitions than Argosy's: it") from None

    async def get(self, key: Key) -> Document:
        with self._accept():
            return await self._get(key)

    async def _get(self, key: Key) -> Document:
        kind = self._kind(key.kind)
        if not key.name or (kind.namespaced and not key.namespace):
            raise not_found(kind, key)
        try:
            return document(kind, await self._caller.send("GET", kind, place(kind, key)))
        except NotFound as error:
            raise self._missing(error, kind, key) from None

    async def list(self, query: Query, *, limit: int = 0, more: str = "") -> Page:
        kind = self._kind(query.kind)
        check_fields(query, kind)
        with self._accept():
            if query.order is not Order.NAME:  # of which API servers know nothing
                return await by_age(await self._all(kind, query), kind, query.order, limit=limit, more=more)
            return await (self._page(kind, query, limit, more) if limit else self._all(kind, query, more))

    async def _all(self, kind: Kind, query: Query, more: str = "") -> Page:
        try:
            return await self._whole(kind, query, more, PAGE)
        except Gone:
            if more:
                raise
            # What a slow list began with is forgotten: all at once it cannot be.
            return await self._whole(kind, query, "", 0)

    async def _whole(self, kind: Kind, query: Query, more: str, size: int) -> Page:
        page = await self._page(kind, query, size, more)
        found, version = list(page.documents), page.version
        while page.more:
            page = await self._page(kind, query, size, page.more)
            found += page.documents
        return Page(sorted(found, key=lambda each: (each.key.namespace, each.key.name)), version)

    async def _page(self, kind: Kind, query: Query, limit: int, more: str) -> Page:
        chosen = selection(kind, query)
        asked = {"limit": str(limit) if limit else "", "continue": more}
        parameters = {**chosen.parameters, **{name: value for name, value in asked.items() if value}}
        try:
            answer = await self._caller.send("GET", kind, chosen.collection.path, parameters=parameters)
        except NotFound:
            raise no_definition(kind, self._source) from None
        except Invalid as error:
            if not more:
                raise
            raise Invalid(
                f"the continue token is not one of the cluster's: {error.message}", advice="List again."
            ) from None
        meta = answer["metadata"]
        found = [*documents(kind, answer.get("items") or [])]
        return Page(found, int(meta["resourceVersion"]), meta.get("continue", ""), meta.get("remainingItemCount"))

    async def watch(self, query: Query, *, since: int | None = None) -> AsyncGenerator[Event, None]:
        kind = self._kind(query.kind)
        check_fields(query, kind)
        if since is None:
            page = await self.list(query)
            for present in page.documents:
                yield Event(EventType.ADDED, present.version, present)
            yield Event(EventType.BOOKMARK, page.version, None)
            since = page.version
        elif since > (newest := await self.version()):
            # A server would wait for that version without a word; it comes from a cluster that was restored.
            raise Gone(f"version {since} is in the future: the newest is {newest}", advice="List again.")
        async with contextlib.aclosing(self._watches.follow(kind, selection(kind, query), since)) as events:
            async for event in events:
                yield event

    async def create(self, document: Mapping[str, Json], *, dry_run: bool = False) -> Document:
        with self._accept():
            if not is_unnamed(document):
                return await self._create(document, dry_run)
            return await _insist(
                lambda: self._create(with_random_name(document), dry_run), ATTEMPTS, against=AlreadyExists
            )

    async def _create(self, given: Mapping[str, Json], dry_run: bool) -> Document:
        kind = self._kind(given.get("kind"))
        data = created(given, kind, uid="-", now=self._clock.now())
        for field in _STAMPED:
            data["metadata"].pop(field)
        key = Key.of(data)
        path = Selection(kind, key.namespace).path
        content = written(data, kind)
        try:
            answer = await self._caller.send("POST", kind, path, parameters=_writing(dry_run), content=content)
        except NotFound as error:
            if error.message == _UNKNOWN:
                raise no_definition(kind, self._source) from None
            raise NotFound(error.message, advice="Create the Project or the Namespace first.") from None
        return document(kind, answer)

    async def update(self, document: Mapping[str, Json], *, status: bool = False, dry_run: bool = False) -> Document:
        key = key_of(document)
        kind = self._kind(key.kind)
        tries = 1 if document["metadata"].get("resourceVersion") else TRIES
        with self._accept():
            try:
                return await _insist(
                    lambda: self._update(kind, key, document, status=status, dry_run=dry_run), tries, against=Conflict
                )
            except Conflict as error:
                if error.advice:
                    raise
                name = resource_name(kind, key.name)
                raise Conflict(f"{name} was changed by somebody else since it was read", advice=_AGAIN) from None

    async def _update(
        self, kind: Kind, key: Key, document: Mapping[str, Json], *, status: bool, dry_run: bool
    ) -> Document:
        current = await self._get(key)
        data = replaced(current.data, document, kind, status=status)
        if data == current.data:
            return current
        return await self._replace(kind, key, data, status=status, dry_run=dry_run)

    async def _replace(
        self, kind: Kind, key: Key, data: Mapping[str, Json], *, status: bool, dry_run: bool
    ) -> Document:
        path = place(kind, key) + ("/status" if status else "")
        try:
            content, parameters = written(data, kind), _writing(dry_run)
            answer = await self._caller.send("PUT", kind, path, parameters=parameters, content=content)
        except NotFound as error:
            raise self._missing(error, kind, key) from None
        return document(kind, answer)

    async def patch(
        self, key: Key, patch: Json, type: PatchType = PatchType.MERGE, *, status: bool = False, dry_run: bool = False
    ) -> Document:
        kind = self._kind(key.kind)
        if type is PatchType.STRATEGIC and not kind.strategic:
            advice = "Use a merge patch or a JSON patch."
            raise Invalid(f"strategic merge patch is not served for {kind.name}", advice=advice)
        if status and not kind.status:
            raise Invalid(f"{kind.name} has no status subresource", advice="Write the whole resource instead.")
        path = place(kind, key) + ("/status" if status else "")
        content, parameters = _json(patch), _writing(dry_run)
        tries = 1 if _compares(patch) else TRIES

        async def write() -> Document:
            media = f"application/{type.value}"
            answer = await self._caller.send("PATCH", kind, path, parameters=parameters, content=content, type=media)
            return document(kind, answer)

        with self._accept():
            try:
                return await _insist(write, tries, against=Conflict)
            except NotFound as error:
                raise self._missing(error, kind, key) from None
            except Invalid:
                if type is PatchType.JSON:
                    # The server does not say which operation cannot be applied; this does.
                    patches.apply((await self._get(key)).data, patch, type.value, kind)
                raise

    async def apply(self, document: Mapping[str, Json], how: Applying, *, admit: Admit | None = None) -> Document:
        key = key_of(document)
        kind = self._kind(key.kind)
        with self._accept():
            before = await find(self, key) if admit is not None else None
            try:
                return await apply(self._caller, kind, document, how, before=before, admit=admit)
            except NotFound as error:
                raise self._missing(error, kind, key) from None

    async def delete(
        self,
        key: Key,
        *,
        uid: str = "",
        version: int = 0,
        propagation: Propagation = "Background",
        dry_run: bool = False,
    ) -> Document:
        kind = self._kind(key.kind)
        with self._accept():
            before = await self._get(key)
            conditions = {"uid": uid or before.uid, **({"resourceVersion": str(version)} if version else {})}
            options: dict[str, Any] = {
                "apiVersion": "v1",
                "kind": "DeleteOptions",
                "propagationPolicy": propagation,
                "preconditions": conditions,
            }
            if dry_run:
                options["dryRun"] = ["All"]
            try:
                answer = await self._caller.send("DELETE", kind, place(kind, key), content=orjson.dumps(options))
            except NotFound as error:
                raise self._missing(error, kind, key) from None
            # The answer is the resource as long as it is there, else only that it went.
            return document(kind, answer) if answer.get("kind") == kind.name else before

    async def version(self) -> int:
        page = await self.list(Query("Namespace"), limit=1)
        return page.version

    async def close(self) -> None:
        self._closed = True
        await self._watches.close()
        await self._finished.wait()
        await self._connection.close()

    @contextlib.contextmanager
    def _accept(self) -> Iterator[None]:
        """What begins before the store is closed is finished."""
        if self._closed:
            raise Unavailable("the store is closed")
        self._accepted += 1
        self._finished.clear()
        try:
            yield
        finally:
            self._accepted -= 1
            if not self._accepted:
                self._finished.set()

    def _kind(self, name: Json) -> Kind:
        return kind_of(self._kinds, name)

    def _missing(self, error: NotFound, kind: Kind, key: Key) -> NotFound | Unavailable:
        """What a 404 means: a definition that is not there answers like a resource that is not."""
        return no_definition(kind, self._source) if error.message == _UNKNOWN else not_found(kind, key)


async def _insist(write: Callable[[], Awaitable[Document]], tries: int, *, against: type[ArgosyError]) -> Document:
    """The result of `write`, tried again as long as that error comes, but not without end."""
    for _ in range(tries - 1):
        with contextlib.suppress(against):
            return await write()
    return await write()


def _compares(patch: Json) -> bool:
    """Whether a patch names the version that it is for."""
    if isinstance(patch, dict):
        meta = patch.get("metadata")
        return isinstance(meta, dict) and bool(meta.get("resourceVersion"))
    return isinstance(patch, list) and any(
        isinstance(operation, dict) and operation.get("path") == "/metadata/resourceVersion" for operation in patch
    )


def _json(patch: Json) -> bytes:
    try:
        return orjson.dumps(patch)
    except (TypeError, RecursionError) as error:
        raise Invalid(f"the patch cannot be written as JSON: {error}") from error


def _writing(dry_run: bool) -> dict[str, str]:
    """What every write says: in whose name its fields are set, and whether it is meant."""
    return {"fieldManager": manager.get(), **({"dryRun": "All"} if dry_run else {})}
