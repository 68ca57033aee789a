"""Events of a Project over HTTP."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from argosy.api.stream import Stream
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.listing import Asked, list_of, listed
from argosy.api.v1beta1.ordered import part
from argosy.api.v1beta1.watch import STREAM, Watched, stream
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document
from argosy.store.base import Page

router = APIRouter(prefix="/v1beta1/projects/{project}/events", tags=["Events", "Project-Level"])

ABOUT = {"involvedObject.apiVersion": KINDS["Stage"].api_version}
"""Only what happened to resources of pipelines, as Kargo has it."""


@router.get("", response_model=list_of("Event"), responses=STREAM)
async def list_project_events(here: Here, project: Project, asked: Asked, watched: Watched) -> Response | Stream:
    """List Events.

    What happened to the resources of a Project, the newest first; with `watch`, a stream of what happens.
    """
    query = asked.query("Event", project, **ABOUT)
    if watched.wanted:
        return await stream(here, query, watched)
    found = await here.backend.store.list(query)
    documents, more = part(found.documents, _last, asked.limit, asked.more, newest_first=True)
    return listed("Event", Page(documents, found.version, more))


def _last(document: Document) -> list[str]:
    data = document.data
    return [str(data.get("lastTimestamp") or document.meta.get("creationTimestamp") or ""), document.key.name]
