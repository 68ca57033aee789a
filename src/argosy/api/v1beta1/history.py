"""The history of a Stage over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.listing import Asked, ListMeta
from argosy.api.v1beta1.promote import stage_of
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
    entries = [*history(found.status.freight_history, understood(promotions.documents, Promotion))]
    start = _place(asked.more)
    end = start + (asked.limit or len(entries))
    items = [entry.model_dump(mode="json", exclude_none=True) for entry in entries[start:end]]
    more = {"continue": str(end)} if end < len(entries) else {}
    return answer.json({"metadata": {"resourceVersion": str(promotions.version), **more}, "items": items})


def _place(token: str) -> int:
    """Raises Refused (400) for a token that is none."""
    if token and not (token.isascii() and token.isdecimal() and len(token) < 10):
        raise Refused(400, "the continue token is none of this list", advice="List anew, without one.")
    return int(token or 0)
