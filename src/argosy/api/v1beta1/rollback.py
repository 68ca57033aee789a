"""Rollbacks over HTTP."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.v1beta1.error import Unfit
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.stage import StageName
from argosy.resources.meta import Key
from argosy.resources.promotion import Promotion
from argosy.resources.stage import Stage
from argosy.rules import rollback
from argosy.store.situation import Situations

router = APIRouter(prefix="/v1beta1/projects/{project}", tags=["Core", "Project-Level"])


class RollbackRequest(BaseModel):
    """What to go back to; what the Stage used before when nothing is said."""

    model_config = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True)

    freight: str = Field("", description="Name of the Freight to go back to.")
    freight_alias: str = Field("", alias="freightAlias", description="Its alias, instead.")
    dry_run: bool = Field(False, alias="dryRun", description="Whether to tell only which Promotion would be made.")


@router.post(
    "/stages/{stage}/rollback", status_code=201, response_model=Promotion, responses={200: {"model": Promotion}}
)
async def rollback_stage(
    here: Here, project: Project, stage: StageName, asked: RollbackRequest | None = None
) -> Response:
    """Roll a Stage back.

    Makes a Promotion of what the Stage used before what it uses now, or of the named Freight that it remembers. It
    is an ordinary one, marked as a rollback; auto-promotion of its origin is held. With `dryRun`, 200 and the Promotion
    that would be made.
    """
    asked = asked or RollbackRequest.model_validate({})
    if asked.freight and asked.freight_alias:
        raise Unfit("only one of freight and freightAlias can be given")
    store = here.backend.store
    found = (await store.get(Key("Stage", project, stage))).parse(Stage)
    name = asked.freight
    if asked.freight_alias:
        situations = Situations(store, here.backend.own, here.clock)
        name = (await situations.freight(project, asked.freight_alias)).name
    wanted = rollback.before(found, name)
    made = await store.create(rollback.promotion(found, wanted.name), dry_run=asked.dry_run)
    return answer.json(made.raw, 200 if asked.dry_run else 201)
