"""Promotions over HTTP: listed, read, followed, aborted. `promote` makes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from argosy.api.log import pieces
from argosy.api.stream import Stream
from argosy.api.v1beta1.action import refresh
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.listing import Asked, list_of
from argosy.api.v1beta1.verb import done, many, one
from argosy.api.v1beta1.watch import STREAM, Watched
from argosy.resources.meta import Key
from argosy.resources.names import Annotation
from argosy.resources.promotion import Promotion
from argosy.rules.abort import TERMINATE
from argosy.store.base import Order

router = APIRouter(prefix="/v1beta1/projects/{project}/promotions", tags=["Core", "Project-Level"])

PromotionName = Annotated[str, Path(description="Name of the Promotion.")]
TEXT = "text/plain; charset=utf-8"


@router.get("", response_model=list_of("Promotion"), responses=STREAM)
async def list_promotions(
    here: Here,
    project: Project,
    asked: Asked,
    watched: Watched,
    stage: Annotated[str, Query(description="Only those to this Stage.")] = "",
    newest_first: Annotated[bool, Query(alias="reverse", description="Whether to begin with the newest.")] = False,
) -> Response | Stream:
    """List Promotions.

    The Promotions of a Project by name, which for those to one Stage is by age; with `watch`, a stream of their
    changes.
    """
    query = asked.query("Promotion", project, **({"spec.stage": stage} if stage else {}))
    order = Order.NEWEST if newest_first else Order.NAME
    return await many(here, replace(query, order=order), asked, watched)


@router.get("/{promotion}", response_model=Promotion, responses=STREAM)
async def get_promotion(here: Here, project: Project, promotion: PromotionName, watched: Watched) -> Response | Stream:
    """Get a Promotion.

    With `watch`, a stream of its changes.
    """
    return await one(here, Key("Promotion", project, promotion), watched)


@router.post("/{promotion}/refresh", response_class=Response)
async def refresh_promotion(here: Here, project: Project, promotion: PromotionName) -> Response:
    """Refresh a Promotion.

    What it waits for is looked at now.
    """
    await refresh(here, Key("Promotion", project, promotion))
    return done()


@router.post("/{promotion}/abort", response_class=Response)
async def abort_promotion(here: Here, project: Project, promotion: PromotionName) -> Response:
    """Abort a Promotion.

    What its steps have done stays done; one that has ended stays as it is.
    """
    key = Key("Promotion", project, promotion)
    found = (await here.backend.store.get(key)).parse(Promotion)
    if not found.status.is_terminal:
        mark = {"metadata": {"annotations": {Annotation.ABORT.value: TERMINATE}}}
        await here.backend.store.patch(key, mark)
    return done()


@router.get(
    "/{promotion}/log",
    response_model=None,
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "The log."}},
)
async def get_promotion_log(
    here: Here,
    project: Project,
    promotion: PromotionName,
    follow: Annotated[bool, Query(description="Whether to go on until the Promotion has ended.")] = False,
) -> Stream:
    """Get the log of a Promotion.

    What its steps had to say, as text.
    """
    backend = here.backend
    found = await backend.store.get(Key("Promotion", project, promotion))
    body = pieces(backend.store, found.key, found.uid, backend.logs, here.clock, follow=follow)
    return Stream(body, TEXT, closing=here.closing, clock=here.clock)
