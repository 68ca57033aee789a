"""Plans over HTTP: what a promotion would do, told before anybody promotes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.promote import PromoteToStageRequest, freight_of, one_of, origin_of
from argosy.resources.meta import Json, Key

router = APIRouter(prefix="/v1beta1/projects/{project}/stages/{stage}/plan", tags=["Core", "Project-Level"])


class PlannedFreight(BaseModel):
    """What would be promoted."""

    name: str = Field(description="Its name.")
    alias: str = Field(description="Its alias.")
    origin: str = Field(description="Where it comes from, such as `Warehouse/app`.")


class PlannedChange(BaseModel):
    """What would happen to the world."""

    verb: str = Field(description="What would be done.")
    target: str = Field(description="With what.")
    diff: str = Field("", description="The difference, as text.")
    details: dict[str, Json] = Field({}, description="More about it.")


class PlannedStep(BaseModel):
    """What one step would do."""

    alias: str = Field(description="Its name.")
    uses: str = Field(description="Its kind.")
    status: str = Field(description="How it would end; Running where nobody can know.")
    changes: list[PlannedChange] = Field(description="What would happen to the world.")
    message: str = Field("", description="Why it would end so.")
    waitsFor: str = Field("", description="What would be waited for.")  # noqa: N815
    dependsOn: str = Field("", description="What decides whether it runs, where that is not known yet.")  # noqa: N815
    unclearWithout: str = Field("", description="What must be known to tell more.")  # noqa: N815
    outputs: dict[str, Json] = Field({}, description="Its outputs, as far as they are known.")
    knownAfter: list[str] = Field([], description="Outputs that only the deed itself gives.")  # noqa: N815


class Plan(BaseModel):
    """What a promotion would do."""

    project: str = Field(description="Name of the Project.")
    stage: str = Field(description="Name of the Stage.")
    freight: PlannedFreight = Field(description="What would be promoted.")
    phase: str = Field(description="How the Promotion would end.")
    message: str = Field(description="Why.")
    changes: bool = Field(description="Whether anything would happen to the world.")
    steps: list[PlannedStep] = Field(description="What each step would do.")


@router.post("", response_model=Plan)
async def plan_promotion(
    here: Here,
    project: Project,
    stage: Annotated[str, Path(description="Name of the Stage.")],
    wish: PromoteToStageRequest,
) -> Response:
    """Plan a promotion.

    Every step is run in a place of its own, and what would reach the world is told instead of done. Nothing is
    promoted; whoever may promote to the Stage may plan.
    """
    if here.backend.plans is None:
        raise Refused(501, "plans are not made here", advice="Ask a server that runs promotions.")
    one_of(wish)
    if wish.origin:
        wanted: dict[str, Json] = {"origin": origin_of(wish.origin)}
    else:
        wanted = {"freight": (await freight_of(here, project, wish.freight, wish.freightAlias)).name}
    return answer.json(await here.backend.plans.plan(Key("Stage", project, stage), wanted))
