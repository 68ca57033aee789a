"""Puts the API together: one ASGI application with the Kubernetes resource protocol and Kargo's HTTP API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from argosy.api.access import Access
from argosy.api.address import catalogue
from argosy.api.answer import Refused
from argosy.api.authentication.bearer import Authentication
from argosy.api.backend import Backend
from argosy.api.browser import Browser
from argosy.api.compressed import Compressed
from argosy.api.discovery import Discovery
from argosy.api.guard import Guard, told
from argosy.api.health import Health, Version, store_check
from argosy.api.impersonation import Impersonation
from argosy.api.openapi import OpenApi
from argosy.api.resource import Resources
from argosy.api.v1beta1 import app as v1beta1
from argosy.api.v1beta1 import page
from argosy.api.web import Web
from argosy.clock import Clock
from argosy.resources.kind import Kind


def create_app(
    backend: Backend,
    kinds: Mapping[str, Kind],
    *,
    authentication: Authentication,
    clock: Clock,
    version: str,
    health: Health | None = None,
) -> Starlette:
    """The API.

    Args:
        backend: what answers.
        kinds: what is served, by name.
        authentication: tells who calls; everybody may read the paths in `guard.OPEN`.
        clock: for ages, and the ends of watches.
        version: of Argosy.
        health: answers probes; without, only the store is looked at.

    The application's `state.closing` is an event to set when the server ends, so that long answers end, too.
    """
    closing = asyncio.Event()
    discovery = Discovery(kinds.values())
    documents = OpenApi(kinds.values(), version)
    health = health or Health({"store": store_check(backend.own)})
    resources = Resources(backend, catalogue(kinds.values()), clock=clock, closing=closing)
    kargo = v1beta1.create(backend, clock=clock, closing=closing, version=version)
    routes = [
        *health.routes,
        Route("/version", Version(version).serve),
        *(Route(path, discovery.serve) for path in discovery.paths),
        Route("/openapi/v2", documents.legacy),
        Route("/openapi/v3", documents.index),
        Route("/openapi/v3/{place:path}", documents.group),
        *Access(backend.rights).routes,
        Route("/api/{path:path}", resources),
        Route("/apis/{path:path}", resources),
        Route("/v1beta1/{path:path}", kargo),
        Route("/openapi.json", kargo),
        *page.routes,
        *Browser(backend.sign_in, authentication).routes,
    ]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Compressed),
            Middleware(Guard, authentication=authentication, sign_in=backend.sign_in),
            Middleware(Impersonation),
        ],
        exception_handlers={HTTPException: _refuse},
    )
    app.router.default = Web()  # no route: it would answer for paths that are there, by other methods
    app.state.closing = closing
    return app


async def _refuse(request: Request, error: Exception) -> Response:
    """What the router itself refuses, told as everything else is."""
    code = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    message = "the server could not find the requested resource" if code == 404 else str(error)
    refused = Refused(code, message, headers=headers)
    return told(refused, request.url.path)
