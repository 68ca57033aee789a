"""Stages over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from argosy.api import answer
from argosy.api.stream import Stream
from argosy.api.v1beta1.action import refresh
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.listing import Asked, list_of, listed, page
from argosy.api.v1beta1.watch import STREAM, Watched, stream
from argosy.resources.meta import Document, Key
from argosy.resources.stage import Stage
from argosy.store import base
from argosy.store.base import Page

router = APIRouter(prefix="/v1beta1/projects/{project}/stages", tags=["Core", "Project-Level"])

StageName = Annotated[str, Path(description="Name of the Stage.")]
Origins = Annotated[
    list[str] | None, Query(alias="freightOrigins", description="Only for Freight of these Warehouses.")
]


@router.get("", response_model=list_of("Stage"), responses={200: {"content": STREAM}})
async def list_stages(
    here: Here, project: Project, asked: Asked, watched: Watched, origins: Origins = None
) -> Response | Stream:
    """List Stages.

    The Stages of a Project by name; with `watch`, a stream of their changes.
    """
    query = asked.query("Stage", project)
    wanted = frozenset(origins or ())
    if watched.wanted:
        return stream(here, query, watched, lambda document: _takes(document, wanted))
    found = await page(here, query, asked)
    documents = [document for document in found.documents if _takes(document, wanted)]
    return listed("Stage", Page(documents, found.version, found.more))


def _takes(document: Document, origins: frozenset[str]) -> bool:
    """Whether a Stage asks for Freight of one of some Warehouses, or of any where none are named."""
    if not origins:
        return True
    requests = (document.data.get("spec") or {}).get("requestedFreight") or []
    return any((request.get("origin") or {}).get("name") in origins for request in requests)


@router.get("/{stage}", response_model=Stage, responses={200: {"content": STREAM}})
async def get_stage(here: Here, project: Project, stage: StageName, watched: Watched) -> Response | Stream:
    """Get a Stage.

    With `watch`, a stream of its changes.
    """
    found = await here.backend.store.get(Key("Stage", project, stage))
    if watched.wanted:
        return stream(here, base.Query("Stage", project, fields={"metadata.name": stage}), watched)
    return answer.json(found.raw)


@router.delete("/{stage}", status_code=204)
async def delete_stage(here: Here, project: Project, stage: StageName) -> Response:
    """Delete a Stage."""
    await here.backend.store.delete(Key("Stage", project, stage))
    return Response(status_code=204)


@router.post("/{stage}/refresh", status_code=200)
async def refresh_stage(here: Here, project: Project, stage: StageName) -> Response:
    """Refresh a Stage.

    Its controller looks at it now, and at the Promotion that it runs.
    """
    found = await refresh(here, Key("Stage", project, stage))
    running = ((found.data.get("status") or {}).get("currentPromotion") or {}).get("name")
    if running:
        await refresh(here, Key("Promotion", project, running))
    return Response(status_code=200)
