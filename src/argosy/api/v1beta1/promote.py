"""Promoting: to a Stage, and to all Stages after one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.v1beta1.freight import aliased
from argosy.api.v1beta1.given import Given, Here, Project, may_promote
from argosy.api.v1beta1.wire import wire
from argosy.errors import ArgosyError, NotFound
from argosy.resources.artifact import FreightOrigin
from argosy.resources.freight import Freight
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Json, Key
from argosy.resources.promotion import Promotion
from argosy.resources.stage import Stage
from argosy.rules.freight import is_available
from argosy.store import base
from argosy.store.typed import find, find_as, understood

router = APIRouter(prefix="/v1beta1/projects/{project}/stages/{stage}", tags=["Core", "Project-Level"])

StageName = Annotated[str, Path(description="Name of the Stage.")]
PROMOTION = KINDS["Promotion"]


class PromoteDownstreamRequest(BaseModel):
    """What to promote: exactly one of the two."""

    model_config = ConfigDict(extra="forbid")

    freight: str = Field("", description="Name of the Freight.")
    freightAlias: str = Field("", description="Alias of the Freight.")  # noqa: N815


class PromoteToStageRequest(PromoteDownstreamRequest):
    """What to promote: exactly one of the three."""

    origin: str = Field(
        "", description="Such as `Warehouse/app`: what auto-promotion would choose from there now, which ends a hold."
    )

    @property
    def given(self) -> list[str]:
        """What was said."""
        return [word for word in (self.freight, self.freightAlias, self.origin) if word]


class Promoted(BaseModel):
    """What was made of a wish to promote to all Stages after one."""

    promotions: list[Promotion] = Field(description="The Promotions.")
    errors: str = Field("", description="Why others could not be made.")


@router.post("/promotions", response_model=Promotion, status_code=201)
async def promote_to_stage(here: Here, project: Project, stage: StageName, wish: PromoteToStageRequest) -> Response:
    """Promote to a Stage.

    Makes a Promotion of Freight that the Stage may take.
    """
    one_of(wish)
    target = await stage_of(here, project, stage)
    await may_promote(here, project, stage)
    if wish.origin:
        return answer.json((await _create(here, target, {"origin": origin_of(wish.origin)})).raw, 201)
    freight = await freight_of(here, project, wish.freight, wish.freightAlias)
    _check(target, freight, here.clock.now(), f"Stage {stage!r}")
    return answer.json((await _create(here, target, {"freight": freight.name})).raw, 201)


@router.post(
    "/promotions/downstream",
    response_model=Promoted,
    status_code=201,
    responses={207: {"model": Promoted, "description": "Some could not be made."}},
)
async def promote_downstream(
    here: Here, project: Project, stage: StageName, wish: PromoteDownstreamRequest
) -> Response:
    """Promote to all Stages after one.

    Makes a Promotion to each Stage that takes Freight of this origin from the Stage named; to none, unless all of them
    may take it and the caller may promote to all. Stages without steps are passed over.
    """
    if bool(wish.freight) == bool(wish.freightAlias):
        raise Refused(400, "exactly one of freight or freightAlias must be provided")
    await stage_of(here, project, stage)
    freight = await freight_of(here, project, wish.freight, wish.freightAlias)
    targets = await _downstream(here, project, stage, freight)
    if not targets:
        raise NotFound(f"Stage {stage!r} has no downstream stages", advice=f"None takes {freight.origin} from it.")
    for target in targets:
        await may_promote(here, project, target.name)
    for target in targets:
        _check(target, freight, here.clock.now(), f"downstream Stage {target.name!r}")
    return await _promoted(here, [target for target in targets if not target.is_control_flow], freight)


async def _promoted(here: Given, targets: list[Stage], freight: Freight) -> Response:
    made: list[Document] = []
    errors: list[str] = []
    for target in targets:
        try:
            made.append(await _create(here, target, {"freight": freight.name}))
        except ArgosyError as error:
            errors.append(str(error))
    told = b',"errors":%b' % orjson.dumps("\n".join(errors)) if errors else b""
    body = b'{"promotions":[%b]%b}' % (b",".join(wire(document) for document in made), told)
    return answer.json(body, 207 if errors else 201)


async def stage_of(here: Given, project: str, name: str) -> Stage:
    """Raises NotFound."""
    found = await find_as(here.backend.store, Key("Stage", project, name), Stage)
    if found is None:
        raise NotFound(f"Stage {name!r} not found in project {project!r}")
    return found


async def freight_of(here: Given, project: str, name: str, alias: str) -> Freight:
    """The Freight of a name, or else of an alias. Raises NotFound."""
    if not name:
        return (await aliased(here, project, alias)).parse(Freight)
    found = await find(here.backend.store, Key("Freight", project, name))
    if found is None:
        raise NotFound(f"Freight {name!r} not found in project {project!r}")
    return found.parse(Freight)


def _check(stage: Stage, freight: Freight, now: datetime, called: str) -> None:
    if not is_available(stage, freight, now):
        raise Refused(
            400,
            f"Freight {freight.name!r} is not available to {called}",
            advice="It must be verified, and have soaked, in the Stages before; or approve it for this Stage.",
        )


def one_of(wish: PromoteToStageRequest) -> None:
    """Raises Refused (400) for a wish that says nothing, or too much."""
    if len(wish.given) != 1:
        raise Refused(400, "exactly one of freight, freightAlias, or origin must be provided")


def origin_of(word: str) -> dict[str, Json]:
    """The origin that a word such as `Warehouse/app` names. Raises Refused (400)."""
    kind, _, name = word.partition("/")
    if kind != "Warehouse" or not name:
        raise Refused(400, f"invalid origin {word[:100]!r}", advice="Write Warehouse/ and its name.")
    return FreightOrigin(kind=kind, name=name).model_dump(by_alias=True)


async def _create(here: Given, stage: Stage, what: dict[str, Json]) -> Document:
    return await here.backend.store.create(
        {
            "apiVersion": PROMOTION.api_version,
            "kind": PROMOTION.name,
            "metadata": {"generateName": "promo-", "namespace": stage.namespace},
            "spec": {"stage": stage.name, **what},
        }
    )


async def _downstream(here: Given, project: str, upstream: str, freight: Freight) -> list[Stage]:
    """The Stages that take Freight of this origin from `upstream`."""
    found = await here.backend.store.list(base.Query("Stage", project))
    return [
        stage
        for stage in understood(found.documents, Stage)
        if any(
            str(request.origin) == str(freight.origin) and upstream in request.sources.stages
            for request in stage.spec.requested_freight
        )
    ]
