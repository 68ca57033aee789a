"""Explanations over HTTP: why a Stage runs what it runs, and why Freight is not elsewhere."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from argosy.api import answer
from argosy.api.v1beta1.given import Given, Here, Project
from argosy.api.v1beta1.stage import StageName
from argosy.resources.meta import Key
from argosy.rules.explain import explain_freight as freight_explained
from argosy.rules.explain import explain_stage as stage_explained
from argosy.rules.explanation import FreightExplanation, StageExplanation
from argosy.store.situation import Situations

router = APIRouter(prefix="/v1beta1/projects/{project}", tags=["Core", "Project-Level"])

FreightWord = Annotated[str, Path(description="Name or alias of the Freight.")]
Only = Annotated[str, Query(description="Only about this Freight, by name or alias, be it older than what is there.")]


@router.get("/stages/{stage}/explain", response_model=StageExplanation)
async def explain_stage(here: Here, project: Project, stage: StageName, freight: Only = "") -> Response:
    """Explain a Stage.

    What is there, what could come, and what each candidate waits for. Every reason has a code that stays the same, a
    sentence and advice; those that pass by themselves say when.
    """
    situation = await _situations(here).of_stage(Key("Stage", project, stage))
    return answer.json(stage_explained(situation, freight).document())


@router.get("/freight/{freight}/explain", response_model=FreightExplanation)
async def explain_freight(here: Here, project: Project, freight: FreightWord) -> Response:
    """Explain Freight.

    For each Stage that asks for Freight of its origin: whether it is there, was there, may go there, or why not.
    """
    situations = _situations(here)
    found = await situations.freight(project, freight)
    stages, others = await situations.of_freight(found)
    return answer.json(freight_explained(found, stages, others).document())


def _situations(here: Given) -> Situations:
    return Situations(here.backend.store, here.backend.own, here.clock)
