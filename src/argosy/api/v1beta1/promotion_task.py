"""PromotionTasks and ClusterPromotionTasks over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from argosy.api.stream import Stream
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.listing import Asked, list_of
from argosy.api.v1beta1.verb import many, one
from argosy.api.v1beta1.watch import STREAM, Watched
from argosy.resources.cluster_promotion_task import ClusterPromotionTask
from argosy.resources.meta import Key
from argosy.resources.promotion_task import PromotionTask

router = APIRouter(prefix="/v1beta1")

_OF_PROJECT = "/projects/{project}/promotion-tasks"
_OF_ALL = "/shared/cluster-promotion-tasks"
_TAGS, _SHARED = ["Core", "Project-Level"], ["Core", "Shared", "Cluster-Scoped Resource"]

TaskName = Annotated[str, Path(description="Name of the task.")]


@router.get(_OF_PROJECT, response_model=list_of("PromotionTask"), responses=STREAM, tags=[*_TAGS])
async def list_promotion_tasks(here: Here, project: Project, asked: Asked, watched: Watched) -> Response | Stream:
    """List PromotionTasks.

    The PromotionTasks of a Project by name; with `watch`, a stream of their changes.
    """
    return await many(here, asked.query("PromotionTask", project), asked, watched)


@router.get(f"{_OF_PROJECT}/{{promotion_task}}", response_model=PromotionTask, tags=[*_TAGS])
async def get_promotion_task(here: Here, project: Project, promotion_task: TaskName) -> Response | Stream:
    """Get a PromotionTask."""
    return await one(here, Key("PromotionTask", project, promotion_task))


@router.get(_OF_ALL, response_model=list_of("ClusterPromotionTask"), responses=STREAM, tags=[*_SHARED])
async def list_cluster_promotion_tasks(here: Here, asked: Asked, watched: Watched) -> Response | Stream:
    """List ClusterPromotionTasks.

    By name; with `watch`, a stream of their changes.
    """
    return await many(here, asked.query("ClusterPromotionTask"), asked, watched)


@router.get(f"{_OF_ALL}/{{cluster_promotion_task}}", response_model=ClusterPromotionTask, tags=[*_SHARED])
async def get_cluster_promotion_task(here: Here, cluster_promotion_task: TaskName) -> Response | Stream:
    """Get a ClusterPromotionTask."""
    return await one(here, Key("ClusterPromotionTask", "", cluster_promotion_task))
