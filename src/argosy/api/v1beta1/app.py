"""Puts Kargo's HTTP API together: the routers of its nouns, one form of failures, the document that describes it."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from argosy.api.backend import Backend
from argosy.api.v1beta1 import (
    analysis,
    api_token,
    change,
    cluster_config,
    config_map,
    difference,
    editing,
    event,
    explain,
    freight,
    freight_query,
    generic_credential,
    grant,
    history,
    image,
    login,
    manifest,
    matrix,
    pipeline,
    plan,
    project,
    project_config,
    promote,
    promotion,
    promotion_task,
    repo_credential,
    role,
    rollback,
    stage,
    system,
    verification,
    warehouse,
)
from argosy.api.v1beta1.boundary import Boundary
from argosy.api.v1beta1.document import document, operation_id
from argosy.api.v1beta1.error import handle
from argosy.api.v1beta1.given import Given
from argosy.clock import Clock
from argosy.errors import ArgosyError

NOUNS: tuple[APIRouter, ...] = (
    project.router,
    project_config.router,
    pipeline.router,
    warehouse.router,
    freight_query.router,
    freight.router,
    stage.router,
    promote.router,
    plan.router,
    history.router,
    verification.router,
    promotion.router,
    promotion_task.router,
    analysis.router,
    event.router,
    change.router,
    image.router,
    config_map.router,
    repo_credential.router,
    generic_credential.router,
    manifest.router,
    editing.router,
    cluster_config.router,
    system.router,
    login.router,
    api_token.router,
    grant.router,
    role.router,
    role.system_router,
    explain.router,
    rollback.router,
    difference.router,
    matrix.router,
)
"""Every router; a new noun is added here."""


def create(backend: Backend, *, clock: Clock, closing: asyncio.Event, version: str) -> FastAPI:
    """The application that serves `/v1beta1` and `/openapi.json`.

    Args:
        backend: what answers.
        clock: for times, and the pauses of streams.
        closing: set when the server ends.
        version: of Argosy.
    """
    app = described(version)
    app.state.given = Given(backend, clock, closing, version)
    return app


def described(version: str) -> FastAPI:
    """The application as its document knows it, with nothing to answer from yet."""
    app = FastAPI(
        title="Argosy",
        version=version,
        description="Continuous promotion, with the HTTP API of Kargo.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=dict.fromkeys((ArgosyError, HTTPException, RequestValidationError), handle),
        generate_unique_id_function=operation_id,
        separate_input_output_schemas=False,
        strict_content_type=False,
    )
    for noun in NOUNS:
        app.include_router(noun)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    app.add_middleware(Boundary)
    return app


def _described(app: FastAPI) -> dict[str, object]:
    if app.openapi_schema is None:
        app.openapi_schema = document(app)
    return app.openapi_schema
