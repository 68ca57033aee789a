"""Warehouses over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from argosy.api.stream import Stream
from argosy.api.v1beta1.action import refresh
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.listing import Asked, list_of
from argosy.api.v1beta1.verb import NOTHING, delete, done, many, one
from argosy.api.v1beta1.watch import STREAM, Watched
from argosy.resources.meta import Key
from argosy.resources.warehouse import Warehouse

router = APIRouter(prefix="/v1beta1/projects/{project}/warehouses", tags=["Core", "Project-Level"])

WarehouseName = Annotated[str, Path(description="Name of the Warehouse.")]


@router.get("", response_model=list_of("Warehouse"), responses=STREAM)
async def list_warehouses(here: Here, project: Project, asked: Asked, watched: Watched) -> Response | Stream:
    """List Warehouses.

    The Warehouses of a Project by name; with `watch`, a stream of their changes.
    """
    return await many(here, asked.query("Warehouse", project), asked, watched)


@router.get("/{warehouse}", response_model=Warehouse, responses=STREAM)
async def get_warehouse(here: Here, project: Project, warehouse: WarehouseName, watched: Watched) -> Response | Stream:
    """Get a Warehouse.

    With `watch`, a stream of its changes.
    """
    return await one(here, Key("Warehouse", project, warehouse), watched)


@router.delete("/{warehouse}", status_code=NOTHING)
async def delete_warehouse(here: Here, project: Project, warehouse: WarehouseName) -> Response:
    """Delete a Warehouse."""
    return await delete(here, Key("Warehouse", project, warehouse))


@router.post("/{warehouse}/refresh", response_class=Response)
async def refresh_warehouse(here: Here, project: Project, warehouse: WarehouseName) -> Response:
    """Refresh a Warehouse.

    It looks for artifacts now, not when its time comes.
    """
    await refresh(here, Key("Warehouse", project, warehouse))
    return done()
