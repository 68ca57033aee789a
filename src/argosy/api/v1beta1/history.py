"""The history of a Stage over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.listing import Asked, ListMeta
from argosy.api.v1beta1.ordered import part
from argosy.api.v1beta1.promote import stage_of
from argosy.resources.meta import Json
from argosy.resources.promotion import Promotion
from argosy.rules.history import HistoryEntry, history
from argosy.store import base
from argosy.store.typed import understood

router = APIRouter(prefix="/v1beta1/projects/{project}/stages/{stage}/history", tags=["Core", "Project-Level"])


class StageHistory(BaseModel):
    """What came into a Stage, the newest first."""

    metadata: ListMeta = Field(ListMeta(), description="How to go on, where a `limit` was given.")
    items: list[HistoryEntry] = Field(description="What came.")


@router.get("", response_model=StageHistory)
async def get_stage_history(
    here: Here, project: Project, stage: Annotated[str, Path(description="Name of the Stage.")], asked: Asked
) -> Response:
    """Get the history of a Stage.

    Which Freight it used when, who wanted it, and how its verification went; the newest first.
    """
    found = await stage_of(here, project, stage)
    fields = {"spec.stage": stage, "status.phase": "Succeeded"}
    promotions = await here.backend.store.list(base.Query("Promotion", project, fields=fields))
    entries = enumerate(history(found.status.freight_history, understood(promotions.documents, Promotion)))
    shown, more = part(entries, lambda pair: [f"{pair[0]:09}"], asked.limit, asked.more)
    items = [entry.model_dump(mode="json", exclude_none=True) for _, entry in shown]
    meta: dict[str, Json] = {"resourceVersion": str(promotions.version), **({"continue": more} if more else {})}
    return answer.json({"metadata": meta, "items": items})
