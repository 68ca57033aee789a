"""The ProjectConfig over HTTP."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from argosy.api.stream import Stream
from argosy.api.v1beta1.action import refresh
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.verb import NOTHING, delete, done, one
from argosy.api.v1beta1.watch import STREAM, Watched
from argosy.resources.meta import Key
from argosy.resources.project_config import ProjectConfig

router = APIRouter(prefix="/v1beta1/projects/{project}/config", tags=["Core", "Project-Level", "Config", "Singleton"])


@router.get("", response_model=ProjectConfig, responses=STREAM)
async def get_project_config(here: Here, project: Project, watched: Watched) -> Response | Stream:
    """Get the ProjectConfig.

    With `watch`, a stream of its changes.
    """
    return await one(here, Key("ProjectConfig", project, project), watched)


@router.delete("", status_code=NOTHING)
async def delete_project_config(here: Here, project: Project) -> Response:
    """Delete the ProjectConfig."""
    return await delete(here, Key("ProjectConfig", project, project))


@router.post("/refresh", response_class=Response)
async def refresh_project_config(here: Here, project: Project) -> Response:
    """Refresh the ProjectConfig."""
    await refresh(here, Key("ProjectConfig", project, project))
    return done()
