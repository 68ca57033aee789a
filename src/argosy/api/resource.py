"""The verbs of resources: one method each, thin, between the request and the store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from argosy.api import answer, watch
from argosy.api.accept import view_of
from argosy.api.address import Address, Catalogue, parse_path
from argosy.api.answer import Refused
from argosy.api.backend import Backend
from argosy.api.body import media_type, parse_json, parse_yaml, read_body, read_object
from argosy.api.log import pieces
from argosy.api.option import Parameters, Reading, Writing, deleting, include, reading, writing
from argosy.api.stream import Stream
from argosy.api.unknown import without_unknown
from argosy.api.view import View
from argosy.clock import Clock
from argosy.errors import ArgosyError, Gone, Invalid, NotFound
from argosy.resources.meta import Document, Json, Key
from argosy.resources.validation import validate
from argosy.rules.authorization import PROMOTING
from argosy.rules.field_ownership_write import NAME_LENGTH
from argosy.store.base import Applying, Page, PatchType, Query
from argosy.store.manager import manager
from argosy.store.permission import selecting
from argosy.store.typed import find

Verb = Callable[[Request, Address, Parameters], Awaitable[ASGIApp]]

_PATCHES = {f"application/{type_.value}": type_ for type_ in PatchType}
_APPLY = ("application/apply-patch+yaml", "application/apply-patch+cbor")
BATCH = 500
"""Resources listed at once to be deleted."""


class Resources:
    """The ASGI endpoint of all resources."""

    def __init__(self, backend: Backend, kinds: Catalogue, *, clock: Clock, closing: asyncio.Event) -> None:
        self._store = backend.store
        self._own = backend.own
        self._rights = backend.rights
        self._kinds = kinds
        self._logs = backend.logs
        self._plans = backend.plans
        self._clock = clock
        self._closing = closing
        item = {"GET": self.get, "PUT": self.replace, "PATCH": self.patch}
        self._verbs: Mapping[str, Mapping[str, Verb]] = {
            "collection": {"GET": self.list_or_watch, "POST": self.create, "DELETE": self.delete_collection},
            "item": {**item, "DELETE": self.delete},
            "status": item,
            "log": {"GET": self.log},
            "plan": {"POST": self.plan},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = parse_path(scope["path"], self._kinds)
        try:
            response = await self._answer(Request(scope, receive), address)
        except Exception as error:
            response = answer.failure(error, address.kind if address else None, address.name if address else "")
        await response(scope, receive, send)

    async def _answer(self, request: Request, address: Address | None) -> ASGIApp:
        if address is None:
            raise Refused(
                404,
                "the server could not find the requested resource",
                advice="`kubectl api-resources` lists what it serves.",
            )
        verbs = self._verbs[address.sub or ("item" if address.name else "collection")]
        verb = verbs.get(request.method)
        if verb is None:
            raise Refused(
                405,
                f"the method {request.method[:32]} is not served here",
                headers={"Allow": ", ".join(verbs)},
            )
        return await verb(request, address, Parameters(request.scope["query_string"]))

    def _view(self, request: Request, address: Address, include: str = "Metadata") -> View:
        return view_of(request.headers.get("accept", ""), address.kind, self._clock, include)

    async def get(self, request: Request, address: Address, parameters: Parameters) -> ASGIApp:
        if not address.sub and parameters.flag("watch"):
            return await self.list_or_watch(request, address, parameters)
        view = self._view(request, address, include(parameters))
        return answer.json(view.one(await self._store.get(address.key)))

    async def list_or_watch(self, request: Request, address: Address, parameters: Parameters) -> ASGIApp:
        asked = reading(parameters, address)
        view = self._view(request, address, asked.include)
        await self._check_version(asked)
        if asked.watch:
            await self._rights.demand(selecting("watch", asked.query))  # before the answer begins
            lines = watch.events(self._store, address, asked, view)
            return Stream(lines, answer.JSON, closing=self._closing, clock=self._clock, seconds=watch.seconds(asked))
        try:
            page = await self._store.list(asked.query, limit=asked.limit, more=asked.more)
        except Invalid as error:
            raise Refused(400, str(error)) from error
        if asked.match == "Exact" and page.version != asked.version:
            raise Gone(f"version {asked.version} is gone: the newest is {page.version}", advice="List the newest.")
        return answer.json(view.page(page))

    async def _check_version(self, asked: Reading) -> None:
        """A version that is yet to come cannot be served. Raises Refused (504), as Kubernetes does."""
        if asked.version and asked.version > (newest := await self._store.version()):
            raise Refused(
                504,
                f"Too large resource version: {asked.version}, current: {newest}",
                advice="It was not given by this server: list again without one.",
            )

    def _writing(self, request: Request, parameters: Parameters) -> Writing:
        """What a write asks for; from here on the request writes as the manager that it names, or by its program."""
        asked = writing(parameters)
        program = request.headers.get("user-agent", "").partition("/")[0]
        manager.set(asked.manager or program[:NAME_LENGTH] or "unknown")
        return asked

    async def create(self, request: Request, address: Address, parameters: Parameters) -> ASGIApp:
        if address.kind.namespaced and address.namespace is None:
            raise Refused(
                405,
                f"{address.kind.plural} are created in a namespace",
                advice="Name it in the path.",
                headers={"Allow": "GET, DELETE"},
            )
        asked = self._writing(request, parameters)
        data = _placed(await read_object(request), address)
        data, warnings = await self._pruned(data, address, asked)
        try:
            created = await self._store.create(data, dry_run=asked.dry_run)
        except ArgosyError as error:
            return answer.failure(error, address.kind, str(data["metadata"].get("name") or ""))
        return self._written(request, address, created, warnings, code=201)

    async def replace(self, request: Request, address: Address, parameters: Parameters) -> ASGIApp:
        asked = self._writing(request, parameters)
        data = _placed(await read_object(request), address)
        data, warnings = await self._pruned(data, address, asked)
        status = address.sub == "status"
        updated = await self._store.update(data, status=status, dry_run=asked.dry_run)
        return self._written(request, address, updated, warnings)

    async def patch(self, request: Request, address: Address, parameters: Parameters) -> ASGIApp:
        if media_type(request) in _APPLY:
            return await self.apply(request, address, parameters)
        asked = self._writing(request, parameters)
        type_ = _patch_type(media_type(request), address)
        patch = parse_json(await read_body(request))
        warnings: list[str] = []
        if isinstance(patch, dict) and type_ is not PatchType.JSON:
            patch, warnings = await self._pruned(patch, address, asked)
        status = address.sub == "status"
        patched = await self._store.patch(address.key, patch, type_, status=status, dry_run=asked.dry_run)
        return self._written(request, address, patched, warnings)

    async def apply(self, request: Request, address: Address, parameters: Parameters) -> ASGIApp:
        """Server-side apply."""
        asked = self._writing(request, parameters)
        if media_type(request) != _APPLY[0]:
            raise Refused(415, "CBOR is not read", advice=f"Send {_APPLY[0]}.")
        data = _placed(parse_yaml(await read_body(request)), address)
        data, warnings = await self._pruned(data, address, asked)
        if asked.validation == "Strict":
            await self._refuse_unknown(data, address)
        is_new = not address.sub and await find(self._store, address.key) is None
        how = Applying(asked.manager, asked.force, address.sub == "status", asked.dry_run)
        applied = await self._store.apply(data, how)
        return self._written(request, address, applied, warnings, code=201 if is_new else 200)

    async def _refuse_unknown(self, data: dict[str, Json], address: Address) -> None:
        """Tell about unknown fields before conflicts: nobody should force what was only a typo. Raises Invalid."""
        found = await find(self._store, address.key)
        problems = validate(data, previous=found.data if found else {})
        unknown = [problem for problem in problems if problem.message.startswith("unknown field")]
        if unknown:
            raise Invalid(f"{address.kind.name} {address.name!r} is invalid", unknown)

    async def _pruned(
        self, data: dict[str, Json], address: Address, asked: Writing
    ) -> tuple[dict[str, Json], list[str]]:
        """What to write, and warnings about what was left out, where the caller does not want to be refused."""
        if asked.validation == "Strict":
            return data, []
        try:
            previous = (await self._store.get(address.key)).data if address.name else {}
        except NotFound:
            previous = {}
        data, unknown = without_unknown(address.kind, data, previous)
        return data, [f'unknown field "{path}"' for path in unknown] if asked.validation == "Warn" else []

    def _written(
        self, request: Request, address: Address, document: Document, warnings: list[str], code: int = 200
    ) -> ASGIApp:
        response = answer.json(self._view(request, address).one(document), code)
        for warning in warnings:
            text = warning.encode("ascii", "replace").decode().replace("\\", "\\\\").replace('"', '\\"')
            response.headers.append("Warning", f'299 - "{text}"')
        return response

    async def delete(self, request: Request, address: Address, parameters: Parameters) -> ASGIApp:
        asked = deleting(parameters, await read_object(request, optional=True))
        last = await self._store.delete(
            address.key,
            uid=asked.uid,
            version=asked.version,
            propagation=asked.propagation,
            dry_run=asked.dry_run,
        )
        waits = last.meta.get("finalizers") or address.kind.name == "Namespace"  # which its content holds
        if last.meta.get("deletionTimestamp") and waits:
            return answer.json(self._view(request, address).one(last))
        return answer.deleted(address.kind, address.name, last.uid)

    async def delete_collection(self, request: Request, address: Address, parameters: Parameters) -> ASGIApp:
        asked = deleting(parameters, await read_object(request, optional=True))
        query = reading(parameters, address).query
        if asked.uid or asked.version:
            raise Refused(400, "preconditions cannot hold for a whole collection", advice="Delete one by one.")
        await self._rights.demand(selecting("deletecollection", query))
        # The right to delete them one by one is not asked for; that to promote is, of each.
        store = self._store if address.kind.name in PROMOTING else self._own
        gone: list[Document] = []
        for key in await self._keys(query):
            try:
                gone.append(await store.delete(key, propagation=asked.propagation, dry_run=asked.dry_run))
            except NotFound:
                continue
        view = self._view(request, address)
        return answer.json(view.page(Page(gone, await self._store.version())))

    async def _keys(self, query: Query) -> list[Key]:
        keys: list[Key] = []
        more = ""
        while True:
            page = await self._own.list(query, limit=BATCH, more=more)
            keys.extend(document.key for document in page.documents)
            more = page.more
            if not more:
                return keys

    async def log(self, request: Request, address: Address, parameters: Parameters) -> ASGIApp:
        promotion = await self._store.get(address.key)
        follow = bool(parameters.flag("follow"))
        body = pieces(self._store, promotion.key, promotion.uid, self._logs, self._clock, follow=follow)
        return Stream(body, "text/plain; charset=utf-8", closing=self._closing, clock=self._clock)

    async def plan(self, request: Request, address: Address, parameters: Parameters) -> ASGIApp:
        if self._plans is None:
            raise Refused(501, "plans are not made here", advice="Ask a server that runs promotions.")
        return answer.json(await self._plans.plan(address.key, await read_object(request)))


def _placed(data: dict[str, Json], address: Address) -> dict[str, Json]:
    """The document with what the path says about it filled in. Raises Refused (400) where the two disagree."""
    kind = address.kind
    meta = data.get("metadata", {})
    if not isinstance(meta, dict):
        raise Refused(400, "the metadata of the document is not an object")
    said: dict[str, tuple[Any, Any]] = {
        "apiVersion": (data.get("apiVersion"), kind.api_version),
        "kind": (data.get("kind"), kind.name),
        "name": (meta.get("name"), address.name or meta.get("name")),
        "namespace": (meta.get("namespace"), address.namespace or ""),
    }
    for what, (given, wanted) in said.items():
        if given and given != wanted:
            raise Refused(
                400,
                f"the {what} of the document ({str(given)[:100]!r}) does not match the {what} of the request "
                f"({str(wanted)[:100]!r})",
                advice="Change one of the two.",
            )
    places = {"name": address.name, "namespace": address.namespace}
    filled = {**meta, **{key: value for key, value in places.items() if value}}
    return {**data, "apiVersion": kind.api_version, "kind": kind.name, "metadata": filled}


def _patch_type(type_: str, address: Address) -> PatchType:
    """Raises Refused (415) for types that are not served for the kind."""
    found = _PATCHES.get(type_)
    if found is None or (found is PatchType.STRATEGIC and not address.kind.strategic):
        served = [name for name, patch in _PATCHES.items() if address.kind.strategic or patch != PatchType.STRATEGIC]
        raise Refused(
            415,
            f"the body of the request was in an unknown format: {type_[:100]!r}",
            advice=f"Accepted media types are {', '.join(served)}.",
        )
    return found
