"""Argo CD's HTTP API over a shelf of Applications, as its gateway answers: paths, bodies, errors, and the stream.

What is played here is what `server/application/application.go` of Argo CD 3 does: a patch changes specification, labels
and annotations and nothing else; a sync is refused while another operation is asked for; an Application that is not
there is forbidden, for nobody without rights shall learn which there are.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from argosy.errors import Invalid, NotFound
from argosy.rules.argocd import REFRESH, Application
from argosy.rules.patch import json_patch
from argosy.testing.argocd_shelf import Data, Shelf, matches
from argosy.testing.serving import serving

TOKEN = "argocd-token"
ACCOUNT = "argosy"


@dataclass
class ArgoCdServer:
    """Serves Applications to whoever has `token`.

    Attributes:
        revision: the revision that a source is synced to.
        blocked: whether a sync window is closed.
        cut: whether streams end after the next event.
        asked: method and path of each request, in order.
    """

    shelf: Shelf
    revision: Callable[[Mapping[str, Any]], str]
    token: str = TOKEN
    blocked: bool = False
    cut: bool = False
    asked: list[str] = field(default_factory=list)
    url: str = ""

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[ArgoCdServer]:
        """Serve until the block ends; `url` is then known."""
        one = "/api/v1/applications/{name}"
        routes = [
            Route("/api/v1/stream/applications", self._for_users(self._stream)),
            Route("/api/v1/applications", self._for_users(self._list)),
            Route(one, self._for_users(self._get), methods=["GET"]),
            Route(one, self._for_users(self._patch), methods=["PATCH"]),
            Route(f"{one}/sync", self._for_users(self._sync), methods=["POST"]),
        ]
        async with serving(Starlette(routes=routes)) as url:
            self.url = url
            yield self

    def _for_users(self, answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def checked(request: Request) -> Response:
            self.asked.append(f"{request.method} {request.url.path}")
            if request.headers.get("authorization") != f"Bearer {self.token}":
                return _refusal(401, 16, "invalid session: token is malformed")
            try:
                found: Response = await answer(request)
            except NotFound:
                return _refusal(403, 7, "permission denied")
            return found

        return checked

    async def _list(self, request: Request) -> Response:
        namespace, selector = request.query_params.get("appNamespace", ""), request.query_params.get("selector", "")
        found = [
            app
            for app in await self.shelf.all()
            if namespace in ("", app["metadata"]["namespace"])
            and matches(selector, app["metadata"].get("labels") or {})
        ]
        return _json({"metadata": {}, "items": found or None})

    async def _get(self, request: Request) -> Response:
        namespace, name = request.query_params.get("appNamespace", "argocd"), request.path_params["name"]
        app = await self.shelf.get(namespace, name)
        wanted = request.query_params.get("refresh")
        if wanted is None:
            return _json(app)
        await self.shelf.patch(namespace, name, {"metadata": {"annotations": {REFRESH: wanted}}})
        async with contextlib.aclosing(self.shelf.watch()) as changes:
            async for change in changes:
                app = change.object
                meta = app["metadata"]
                if (meta["namespace"], meta["name"]) == (namespace, name) and not Application(app).is_refreshing:
                    break
        return _json(app)

    async def _patch(self, request: Request) -> Response:
        asked = await request.json()
        if asked.get("patchType") != "json":
            return _refusal(400, 3, f"Patch type '{asked.get('patchType')}' is not played here")
        app = await self.shelf.get(asked.get("appNamespace", "argocd"), asked["name"])
        try:
            patched: Data = json_patch(app, orjson.loads(asked["patch"]))
        except Invalid as error:
            return _refusal(500, 2, f"error applying patch: {error.message}")
        meta = {name: patched["metadata"].get(name) or {} for name in ("labels", "annotations")}
        change = {"spec": patched["spec"], "metadata": {name: value for name, value in meta.items() if value}}
        return _json(await self.shelf.patch(app["metadata"]["namespace"], app["metadata"]["name"], change))

    async def _sync(self, request: Request) -> Response:
        asked = await request.json()
        app = Application(await self.shelf.get(asked.get("appNamespace", "argocd"), request.path_params["name"]))
        if self.blocked:
            return _refusal(403, 7, "cannot sync: blocked by sync window")
        if app.requested is not None:
            return _refusal(400, 9, "error setting app operation: another operation is already in progress")
        revisions = [self.revision(source) for source in app.sources]
        several = bool(app.spec.get("sources"))
        sync = {"revisions": revisions} if several else {"revision": "".join(revisions), "source": app.sources[0]}
        policy = app.spec.get("syncPolicy") or {}
        if policy.get("syncOptions"):
            sync["syncOptions"] = policy["syncOptions"]
        operation = {"sync": sync, "initiatedBy": {"username": ACCOUNT}, "info": asked.get("infos") or []}
        if policy.get("retry"):
            operation["retry"] = policy["retry"]
        change = {"operation": operation, **({"status": {"operationState": None}} if app.status else {})}
        return _json(await self.shelf.patch(app.namespace, app.name, change))

    async def _stream(self, request: Request) -> Response:
        async def events() -> AsyncIterator[bytes]:
            async with contextlib.aclosing(self.shelf.watch()) as changes:
                async for change in changes:
                    yield orjson.dumps({"result": {"type": change.type, "application": change.object}}) + b"\n"
                    if self.cut:
                        return

        return StreamingResponse(events(), media_type="application/json")


def _json(document: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(document), media_type="application/json")


def _refusal(status: int, code: int, message: str) -> Response:
    content = orjson.dumps({"error": message, "code": code, "message": message})
    return Response(content, status, media_type="application/json")
