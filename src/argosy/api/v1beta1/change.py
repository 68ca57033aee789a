"""What happens in a Project, as one stream: what a page follows that shows much of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from argosy.api.stream import Stream
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.watch import STREAM, Watching, streams
from argosy.store import base

router = APIRouter(prefix="/v1beta1/projects/{project}/changes", tags=["Core", "Project-Level"])

KINDS = ("Stage", "Warehouse", "Freight", "Promotion")
"""What a pipeline is made of."""

Since = Annotated[
    int | None,
    Query(alias="resourceVersion", ge=0, lt=1 << 62, description="From where to watch; by default from now."),
]


@router.get("", responses=STREAM, response_class=Response, response_model=None)
async def watch_project(here: Here, project: Project, version: Since = None) -> Stream:
    """Watch a Project.

    A stream of the changes of its Stages, Warehouses, Freight and Promotions, with events as of the watch of one
    kind. Changes of different kinds come in no order: a client that was cut off reads anew.
    """
    since = version or await here.backend.store.version()
    queries = [base.Query(kind, project) for kind in KINDS]
    return await streams(here, queries, replace(Watching(wanted=True), since=since))
