"""The pipeline of a Project over HTTP: what a page needs to draw it, in one answer and no more than that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.v1beta1.given import Here
from argosy.api.v1beta1.given import Project as ProjectName
from argosy.resources.freight import Freight
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Json, Key
from argosy.resources.project import Project
from argosy.resources.promotion import Promotion
from argosy.resources.stage import Stage
from argosy.resources.warehouse import Warehouse
from argosy.rules import pipeline as rules
from argosy.store import base
from argosy.store.age import merged
from argosy.store.base import Order
from argosy.store.typed import find

router = APIRouter(prefix="/v1beta1/projects/{project}/pipeline", tags=["Core", "Project-Level"])

BREATH = 50
"""Resources read before others get a turn."""
_UNENDED = ("", "Pending", "Running")

T = TypeVar("T")


class Pipeline(BaseModel):
    """A Project with all that its pipeline is made of. Resources are shortened: what nobody draws is left out."""

    project: Project = Field(description="The Project.")
    warehouses: list[Warehouse] = Field(description="Its Warehouses, without what they discovered.")
    stages: list[Stage] = Field(description="Its Stages, with what they use now, without what they used before.")
    freight: list[Freight] = Field(description="The newest of each Warehouse and all that is in a Stage, newest first.")
    promotions: list[Promotion] = Field(description="Those that have not ended.")
    resourceVersion: str = Field(description="From where to watch each of the kinds.")  # noqa: N815


@router.get("", response_model=Pipeline)
async def get_pipeline(
    here: Here,
    project: ProjectName,
    most: Annotated[int, Query(alias="freight", ge=0, le=500, description="How much Freight of each Warehouse.")] = 50,
) -> Response:
    """Get a pipeline.

    What a page needs to draw it, at once.
    """
    store = here.backend.store
    # Kargo's roles of a Project do not let their people read it: whoever may read all that is in it sees its name here.
    whole = await here.backend.own.get(Key("Project", "", project))
    queries = [base.Query(kind, project) for kind in ("Warehouse", "Stage")]
    queries += [base.Query("Promotion", project, fields={"status.phase": phase}) for phase in _UNENDED]
    warehouses, stages, *running = await asyncio.gather(*(store.list(query) for query in queries))
    promotions = [document.data for page in running for document in page.documents]
    drawn = await _told(stages.documents, rules.stage)
    origins = rules.origins((document.key.name for document in warehouses.documents), drawn)
    freight = await _shown(store, project, origins, rules.used(drawn, promotions), most)
    told: dict[str, Json] = {
        "project": rules.project(whole.data),
        "warehouses": [rules.warehouse(document.data) for document in warehouses.documents],
        "stages": drawn,
        "freight": await _told(freight, rules.freight),
        "promotions": [*map(rules.promotion, promotions)],
        "resourceVersion": str(min(page.version for page in (warehouses, stages, *running))),
    }
    return answer.json(told)


async def _shown(
    store: base.Store, project: str, origins: Sequence[str], used: Collection[str], most: int
) -> list[Document]:
    """The newest Freight of each origin and what is used, the newest first."""
    newest = await _newest(store, project, origins, most) if most and origins else []
    known = {document.key.name for document in newest}
    others = await asyncio.gather(*(find(store, Key("Freight", project, name)) for name in used if name not in known))
    parts = [newest, [document for document in others if document is not None]]
    return [*merged([base.Page(part, 0) for part in parts], KINDS["Freight"], Order.NEWEST, 0).documents]


async def _newest(store: base.Store, project: str, origins: Sequence[str], most: int) -> list[Document]:
    """One list has them all where no origin has far more than the others: a cluster reads everything for each."""
    query = base.Query("Freight", project, order=Order.NEWEST)
    page = await store.list(query, limit=most * len(origins))
    found: dict[str, list[Document]] = {origin: [] for origin in origins}
    for document in page.documents:
        found.setdefault(rules.origin(document.data), []).append(document)
    rare = [origin for origin in origins if page.more and len(found[origin]) < most]
    queries = (replace(query, fields={"origin.name": origin}) for origin in rare)
    pages = await asyncio.gather(*(store.list(query, limit=most) for query in queries))
    found |= {origin: [*page.documents] for origin, page in zip(rare, pages, strict=True)}
    return [document for documents in found.values() for document in documents[:most]]


async def _told(documents: Iterable[Document], tell: Callable[[dict[str, Json]], T]) -> list[T]:
    """Something of every document; others get a turn in between."""
    told: list[T] = []
    for document in documents:
        told.append(tell(document.data))
        if len(told) % BREATH == 0:
            await asyncio.sleep(0)
    return told
