"""Images of a Project over HTTP: which Stages have, and had, which tag."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.v1beta1.given import Here, Project
from argosy.resources.meta import Json
from argosy.resources.stage import Stage
from argosy.rules.image_use import image_use
from argosy.store import base
from argosy.store.typed import understood

router = APIRouter(prefix="/v1beta1/projects/{project}/images", tags=["Core", "Project-Level"])


class ImageStageMap(BaseModel):
    """Stages that have, or had, an image."""

    stages: dict[str, int] = Field({}, description="How long ago, by name: 0 for now, 1 for the one before, and so on.")


class TagMap(BaseModel):
    """Tags of a repository."""

    tags: dict[str, ImageStageMap] = Field({}, description="By tag.")


@router.get("", response_model=dict[str, TagMap])
async def list_images(here: Here, project: Project) -> Response:
    """List images.

    The images of the Freight that the Stages of a Project have and had, by repository.
    """
    found = await here.backend.store.list(base.Query("Stage", project))
    use = image_use(understood(found.documents, Stage))
    told: dict[str, Json] = {
        repository: {"tags": {tag: {"stages": stages} for tag, stages in tags.items()}}
        for repository, tags in use.items()
    }
    return answer.json(told)
