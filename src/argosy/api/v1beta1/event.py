"""Events of a Project over HTTP."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import Response

from argosy.api.stream import Stream
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.listing import Asked, list_of
from argosy.api.v1beta1.verb import many
from argosy.api.v1beta1.watch import STREAM, Watched
from argosy.resources.kinds import KINDS
from argosy.store.base import Order

router = APIRouter(prefix="/v1beta1/projects/{project}/events", tags=["Events", "Project-Level"])

ABOUT = {"involvedObject.apiVersion": KINDS["Stage"].api_version}
"""Only what happened to resources of pipelines, as Kargo has it."""


@router.get("", response_model=list_of("Event"), responses=STREAM)
async def list_project_events(here: Here, project: Project, asked: Asked, watched: Watched) -> Response | Stream:
    """List Events.

    What happened to the resources of a Project, the newest first; with `watch`, a stream of what happens.
    """
    query = replace(asked.query("Event", project, **ABOUT), order=Order.NEWEST)
    return await many(here, query, asked, watched)
