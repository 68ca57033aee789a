"""Stages over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from argosy.api.stream import Stream
from argosy.api.v1beta1.action import refresh
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.link import Links, links_of
from argosy.api.v1beta1.listing import Asked, list_of
from argosy.api.v1beta1.verb import NOTHING, delete, done, many, one
from argosy.api.v1beta1.watch import STREAM, Watched
from argosy.resources.meta import Document, Key
from argosy.resources.stage import Stage

router = APIRouter(prefix="/v1beta1/projects/{project}/stages", tags=["Core", "Project-Level"])

StageName = Annotated[str, Path(description="Name of the Stage.")]
Origins = Annotated[
    list[str] | None, Query(alias="freightOrigins", description="Only for Freight of these Warehouses.")
]


@router.get("", response_model=list_of("Stage"), responses=STREAM)
async def list_stages(
    here: Here, project: Project, asked: Asked, watched: Watched, origins: Origins = None
) -> Response | Stream:
    """List Stages.

    The Stages of a Project by name; with `watch`, a stream of their changes.
    """
    wanted = frozenset(origins or ())
    keeps = (lambda document: _takes(document, wanted)) if wanted else None
    return await many(here, asked.query("Stage", project), asked, watched, keeps)


def _takes(document: Document, origins: frozenset[str]) -> bool:
    """Whether a Stage asks for Freight of one of some Warehouses."""
    requests = (document.data.get("spec") or {}).get("requestedFreight") or []
    return any((request.get("origin") or {}).get("name") in origins for request in requests)


@router.get("/{stage}", response_model=Stage, responses=STREAM)
async def get_stage(here: Here, project: Project, stage: StageName, watched: Watched) -> Response | Stream:
    """Get a Stage.

    With `watch`, a stream of its changes.
    """
    return await one(here, Key("Stage", project, stage), watched)


@router.delete("/{stage}", status_code=NOTHING)
async def delete_stage(here: Here, project: Project, stage: StageName) -> Response:
    """Delete a Stage."""
    return await delete(here, Key("Stage", project, stage))


@router.post("/{stage}/refresh", response_class=Response)
async def refresh_stage(here: Here, project: Project, stage: StageName) -> Response:
    """Refresh a Stage.

    Its controller looks at it now, and at the Promotion that it runs.
    """
    found = await refresh(here, Key("Stage", project, stage))
    running = ((found.data.get("status") or {}).get("currentPromotion") or {}).get("name")
    if running:
        await refresh(here, Key("Promotion", project, running))
    return done()


@router.get("/{stage}/links", response_model=Links)
async def get_stage_links(here: Here, project: Project, stage: StageName) -> Response:
    """Get the links of a Stage.

    Those of the ClusterConfig first, then those of the ProjectConfig, made for this Stage.
    """
    return await links_of(here, await here.backend.store.get(Key("Stage", project, stage)))
