"""Verifications over HTTP: asked for again, aborted."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Path
from starlette.responses import Response

from argosy.api.v1beta1.given import Given, Here, Project
from argosy.api.v1beta1.promote import stage_of
from argosy.api.v1beta1.verb import done
from argosy.errors import Conflict
from argosy.resources.meta import Key
from argosy.resources.names import Annotation
from argosy.resources.stage import Stage
from argosy.resources.verification import VerificationInfo
from argosy.store.actor import actor

router = APIRouter(
    prefix="/v1beta1/projects/{project}/stages/{stage}/verification", tags=["Verifications", "Project-Level"]
)

StageName = Annotated[str, Path(description="Name of the Stage.")]


@router.post("", response_class=Response)
async def reverify(here: Here, project: Project, stage: StageName) -> Response:
    """Verify the Freight of a Stage again.

    What the Stage uses now is checked once more; what was verified stays so.
    """
    found = await stage_of(here, project, stage)
    await _ask(here, found, Annotation.REVERIFY, _latest(found))
    return done()


@router.post("/abort", response_class=Response)
async def abort_verification(here: Here, project: Project, stage: StageName) -> Response:
    """Abort the verification of a Stage.

    One that has ended stays as it is.
    """
    found = await stage_of(here, project, stage)
    latest = _latest(found)
    if not latest.is_terminal:
        await _ask(here, found, Annotation.ABORT, latest)
    return done()


def _latest(stage: Stage) -> VerificationInfo:
    """Raises Conflict where there is none."""
    current = stage.status.current_freight
    if current is None or not current.items:
        raise Conflict(f"Stage {stage.name!r} has no current freight", advice="Promote some to it.")
    if not current.verification_history or not current.verification_history[0].id:
        raise Conflict(f"Stage {stage.name!r} has no current verification info", advice="Wait until it is verified.")
    return current.verification_history[0]


async def _ask(here: Given, stage: Stage, what: Annotation, verification: VerificationInfo) -> None:
    wish = {"id": verification.id, **({"actor": actor.get()} if actor.get() else {})}
    mark = {"metadata": {"annotations": {what.value: orjson.dumps(wish).decode()}}}
    await here.backend.store.patch(Key("Stage", stage.namespace, stage.name), mark)
