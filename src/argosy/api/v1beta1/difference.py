"""Differences between Stages over HTTP."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from argosy.api import answer
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.stage import StageName
from argosy.resources.freight import Freight
from argosy.resources.meta import Key
from argosy.resources.stage import Stage
from argosy.rules.stage_difference import StageDifference, difference, references
from argosy.store.typed import find

router = APIRouter(prefix="/v1beta1/projects/{project}/stages/{stage}/diff", tags=["Core", "Project-Level"])

OtherName = Annotated[str, Path(description="Name of the Stage to compare with.")]


@router.get("/{other}", response_model=StageDifference)
async def diff_stages(here: Here, project: Project, stage: StageName, other: OtherName) -> Response:
    """Compare two Stages.

    Which version of each artifact the one and the other use.
    """
    store = here.backend.store
    left = (await store.get(Key("Stage", project, stage))).parse(Stage)
    right = (await store.get(Key("Stage", project, other))).parse(Stage)
    names = {reference.name for each in (left, right) for reference in references(each)}
    found = await asyncio.gather(*(find(store, Key("Freight", project, name)) for name in sorted(names)))
    freight = [known for each in found if each is not None and (known := each.understood(Freight)) is not None]
    return answer.json(difference(left, right, {each.name: each for each in freight}).document())
