"""What runs where, over HTTP."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.v1beta1.given import Given, Here, Project
from argosy.api.v1beta1.listing import ListMeta
from argosy.errors import Invalid
from argosy.resources.meta import Json
from argosy.resources.stage import Stage
from argosy.rules.matrix import MatrixStage, Row, column, columns, rows
from argosy.store.running import Everywhere, Place

router = APIRouter(prefix="/v1beta1", tags=["Core"])

PAGE = 200
"""Stages of a page where nothing is said."""

Limit = Annotated[int, Query(ge=1, le=1000, description="How many Stages at most.")]
More = Annotated[str, Query(alias="continue", description="The `metadata.continue` of the page before.")]


class Matrix(BaseModel):
    """What runs where: artifacts by Stage. A page holds some of the Stages, with all that they use."""

    metadata: ListMeta = Field(description="How to go on.")
    stages: list[MatrixStage] = Field(description="The columns: by Project, each with those before that it takes from.")
    rows: list[Row] = Field(
        description="The artifacts. Rows of several pages that are of one artifact belong together."
    )


@router.get("/projects/{project}/matrix", response_model=Matrix, tags=["Project-Level"])
async def get_project_matrix(here: Here, project: Project, limit: Limit = PAGE, more: More = "") -> Response:
    """Get what runs where in a Project.

    Every artifact by Stage, with how many newer versions its Warehouse has found.
    """
    everywhere = _everywhere(here)
    try:
        stages, rest = await everywhere.of_project(project, limit=limit, more=more)
    except Invalid as error:
        raise Refused(400, str(error)) from error
    return await _answer(everywhere, stages, rest)


@router.get("/matrix", response_model=Matrix, tags=["System-Level"])
async def get_matrix(here: Here, limit: Limit = PAGE, more: More = "") -> Response:
    """Get what runs where.

    In all Projects that the caller may look into. A page may have fewer Stages than asked for, and another follow.
    """
    everywhere = _everywhere(here)
    try:
        found = await everywhere.of_all(limit, _place(more))
    except Invalid as error:
        raise Refused(400, str(error)) from error
    return await _answer(everywhere, found.stages, _token(found.more))


def _everywhere(here: Given) -> Everywhere:
    return Everywhere(here.backend.store, here.backend.own)


async def _answer(everywhere: Everywhere, stages: list[Stage], more: str) -> Response:
    shown = columns(stages)
    found = rows(shown, await everywhere.found(shown), await everywhere.aliases(shown))
    meta: dict[str, Json] = {"continue": more} if more else {}
    told = {
        "metadata": meta,
        "stages": [column(stage).document() for stage in shown],
        "rows": [row.document() for row in found],
    }
    return answer.json(told)


def _token(place: Place | None) -> str:
    if place is None:
        return ""
    return base64.urlsafe_b64encode(orjson.dumps([place.projects, place.project, place.stages])).decode()


def _place(token: str) -> Place:
    """Raises Refused (400) for what is no token."""
    if not token:
        return Place()
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, orjson.JSONDecodeError, ValueError, TypeError):
        parts = None
    if not isinstance(parts, list) or len(parts) != 3 or not all(isinstance(part, str) for part in parts):
        raise Refused(400, "the continue parameter is no token of this list")
    return Place(*parts)
