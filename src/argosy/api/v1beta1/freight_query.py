"""Freight of a Project, chosen, put into groups and ordered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cmp_to_key
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.stream import Stream
from argosy.api.v1beta1.given import Given, Here, Project
from argosy.api.v1beta1.listing import Asked, Listing, ListMeta, page
from argosy.api.v1beta1.watch import STREAM, Watched, stream
from argosy.errors import NotFound
from argosy.resources.freight import Freight
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Json, Key
from argosy.resources.stage import Stage
from argosy.rules.freight import is_available
from argosy.rules.freight_order import Tag, by_tag, group_names
from argosy.store import base
from argosy.store.age import merged
from argosy.store.base import Order, Page
from argosy.store.typed import find_as

router = APIRouter(prefix="/v1beta1/projects/{project}/freight", tags=["Core", "Project-Level"])

Grouping = Literal["", "image_repo", "git_repo", "chart_repo"]
Ordering = Literal["", "first_seen", "tag"]

_BY_TAG = cmp_to_key(by_tag)

BREATH = 100
"""Freight looked at before others get a turn."""

GROWTH = 4
"""How much more is read when what was read did not hold enough: a cluster reads all of it every time."""


class FreightGroup(BaseModel):
    """Freight that belongs together, in the order that was asked for."""

    items: list[Freight] = Field(description="The Freight.")


class QueryFreightsResponse(BaseModel):
    """Freight in groups."""

    groups: dict[str, FreightGroup] = Field(description="By repository; one without a name where none was asked for.")
    resourceVersion: str = Field("", description="From where to watch; not given with `stage`.")  # noqa: N815
    metadata: ListMeta = Field(ListMeta(), description="How to go on, where a `limit` was given.")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which Freight, in which groups and which order."""

    stage: str
    origins: tuple[str, ...]
    group: str
    group_by: Grouping
    order_by: Ordering
    reverse: bool = False


async def _choice(
    stage: Annotated[str, Query(description="Only what this Stage may take now.")] = "",
    origins: Annotated[list[str] | None, Query(description="Only of these Warehouses.")] = None,
    group: Annotated[str, Query(description="Only this group; needs `groupBy`.")] = "",
    group_by: Annotated[Grouping, Query(alias="groupBy", description="What makes a group.")] = "",
    order_by: Annotated[
        Ordering, Query(alias="orderBy", description="The order within a group: by age, or by version.")
    ] = "",
    reverse: Annotated[bool, Query(description="Whether to turn the order round.")] = False,
) -> Choice:
    if group and not group_by:
        raise Refused(400, "cannot filter by group without group by", advice="Add `groupBy`.")
    if order_by == "tag" and group_by not in ("image_repo", "chart_repo"):
        raise Refused(400, "tag ordering only valid when grouping by: image_repo, chart_repo")
    return Choice(stage, tuple(dict.fromkeys(origins or ())), group, group_by, order_by, reverse)


@router.get("", response_model=QueryFreightsResponse, responses=STREAM, name="query_freights_rest")
async def query_freight(
    here: Here, project: Project, asked: Asked, watched: Watched, chosen: Annotated[Choice, Depends(_choice)]
) -> Response | Stream:
    """Query Freight.

    The Freight of a Project in groups, oldest first unless `reverse`. With `limit`, which needs that nothing is
    grouped or ordered by version, so many at most; with `watch`, a stream of changes.
    """
    if watched.wanted:
        return await stream(here, asked.query("Freight", project), watched, _keeper(chosen.origins))
    if asked.limit and (chosen.group_by or chosen.order_by == "tag"):
        raise Refused(400, "a limit goes with Freight in one group and ordered by age", advice="Leave out one of them.")
    found = await _found(here, project, asked, chosen)
    groups = _grouped(found.documents, chosen) if chosen.group_by else {"": found.documents}
    return _answer(groups, 0 if chosen.stage else found.version, found.more)


def _keeper(origins: Sequence[str]) -> Callable[[Document], bool] | None:
    if not origins:
        return None
    return lambda document: (document.data.get("origin") or {}).get("name") in origins


async def _found(here: Given, project: str, asked: Listing, chosen: Choice) -> Page:
    """What was asked for, by age. Raises NotFound for a Stage that is not there."""
    stage = await _stage(here, project, chosen.stage) if chosen.stage else None
    origins: Sequence[str] = chosen.origins
    if stage is not None:
        origins = tuple(dict.fromkeys(request.origin.name for request in stage.spec.requested_freight))
    narrowed = [{"origin.name": origin} for origin in origins]
    queries = [asked.query("Freight", project, **fields) for fields in (narrowed if stage or narrowed else [{}])]
    order = Order.NEWEST if chosen.reverse and not chosen.group_by else Order.OLDEST
    now = here.clock.now()

    def keeps(document: Document) -> bool:
        return stage is None or is_available(stage, document.parse(Freight), now)

    pages = [await _part(here, replace(query, order=order), asked, keeps) for query in queries]
    return merged(pages, KINDS["Freight"], order, asked.limit)


async def _part(here: Given, query: base.Query, asked: Listing, keeps: Callable[[Document], bool]) -> Page:
    """As many as were asked for, of those that are kept."""
    kept: list[Document] = []
    more, size = asked.more, asked.limit
    while True:
        found = await page(here, query, Listing(size, more))
        for index, document in enumerate(found.documents, 1):
            if keeps(document):
                kept.append(document)
            if index % BREATH == 0:
                await asyncio.sleep(0)
        more, size = found.more, size * GROWTH
        if not more or len(kept) >= asked.limit:
            return Page(kept, found.version, more)


async def _stage(here: Given, project: str, name: str) -> Stage:
    found = await find_as(here.backend.store, Key("Stage", project, name), Stage)
    if found is None:
        raise NotFound(f"Stage {name!r} not found in project {project!r}")
    return found


def _grouped(documents: Iterable[Document], chosen: Choice) -> dict[str, list[Document]]:
    groups: dict[str, list[Document]] = {}
    for document in documents:
        for name in group_names(document.data, chosen.group_by):
            if chosen.group in ("", name):
                groups.setdefault(name, []).append(document)
    for group in groups.values():
        if chosen.order_by == "tag":
            group.sort(key=lambda document: _BY_TAG(Tag.of(document.data)))
        if chosen.reverse:
            group.reverse()
    return groups


def _answer(groups: Mapping[str, Sequence[Document]], version: int, more: str = "") -> Response:
    parts = [
        b'%b:{"items":[%b]}' % (orjson.dumps(name), b",".join(document.raw for document in group))
        for name, group in groups.items()
    ]
    about: dict[str, Json] = {"resourceVersion": str(version)} if version else {}
    if more:
        about["metadata"] = {"continue": more}
    tail = orjson.dumps(about)[1:-1]
    return answer.json(b'{"groups":{%b}%b}' % (b",".join(parts), b"," + tail if tail else b""))
