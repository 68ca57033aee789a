"""The ClusterConfig over HTTP."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from argosy.api.stream import Stream
from argosy.api.v1beta1.action import refresh
from argosy.api.v1beta1.given import Here
from argosy.api.v1beta1.verb import NOTHING, delete, done, one
from argosy.api.v1beta1.watch import STREAM, Watched
from argosy.resources.cluster_config import ClusterConfig
from argosy.resources.meta import Key
from argosy.resources.names import CLUSTER_CONFIG_NAME

router = APIRouter(
    prefix="/v1beta1/system/cluster-config", tags=["System", "Config", "Cluster-Scoped Resource", "Singleton"]
)

KEY = Key("ClusterConfig", "", CLUSTER_CONFIG_NAME)


@router.get("", response_model=ClusterConfig, responses=STREAM)
async def get_cluster_config(here: Here, watched: Watched) -> Response | Stream:
    """Get the ClusterConfig.

    With `watch`, a stream of its changes.
    """
    return await one(here, KEY, watched)


@router.delete("", status_code=NOTHING)
async def delete_cluster_config(here: Here) -> Response:
    """Delete the ClusterConfig."""
    return await delete(here, KEY)


@router.post("/refresh", response_class=Response)
async def refresh_cluster_config(here: Here) -> Response:
    """Refresh the ClusterConfig."""
    await refresh(here, KEY)
    return done()
