"""Projects over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.stream import Stream
from argosy.api.v1beta1.given import Given, Here
from argosy.api.v1beta1.given import Project as ProjectName
from argosy.api.v1beta1.listing import Asked, Listing, ListMeta, page
from argosy.api.v1beta1.verb import NOTHING, delete, one
from argosy.api.v1beta1.watch import STREAM, Watched, stream
from argosy.api.view import list_meta
from argosy.resources.meta import Document, Json, Key
from argosy.resources.project import Project
from argosy.store.base import Page
from argosy.store.principal import principal

router = APIRouter(prefix="/v1beta1/projects", tags=["Core", "Cluster-Scoped Resource"])

STEP = 500
"""Projects read at once."""


class ListProjectsResponse(BaseModel):
    """Projects by name."""

    metadata: ListMeta = Field(ListMeta(), description="About the list; not given with `pageSize`.")
    items: list[Project] = Field(description="The Projects.")
    total: int = Field(0, description="How many there are on all pages; not given with `limit`.")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which Projects are listed, and which page of them."""

    mine: bool
    name: str
    uids: frozenset[str]
    size: int
    number: int

    def keeps(self, document: Document) -> bool:
        """Whether a Project is among those to list."""
        if self.mine and document.key.name not in _own():
            return False
        return self.name in document.key.name.lower() and (not self.uids or document.uid in self.uids)


def _own() -> frozenset[str]:
    """The Projects in which a ServiceAccount is the caller's."""
    caller = principal.get()
    return frozenset(namespace for namespace, _ in caller.accounts) if caller is not None else frozenset()


async def _choice(
    mine: Annotated[bool, Query(description="Only Projects in which a ServiceAccount is the caller's.")] = False,
    name: Annotated[str, Query(alias="filter", description="Only Projects with this in their name.")] = "",
    uids: Annotated[list[str] | None, Query(alias="uid", description="Only Projects with one of these UIDs.")] = None,
    size: Annotated[int, Query(alias="pageSize", ge=0, le=10_000, description="How many on a page; 0 for all.")] = 0,
    number: Annotated[int, Query(alias="page", ge=0, lt=1 << 31, description="Which page, from 0.")] = 0,
) -> Choice:
    return Choice(mine, name.lower(), frozenset(uids or ()), size, number)


@router.get("", response_model=ListProjectsResponse, responses=STREAM)
async def list_projects(
    here: Here, asked: Asked, watched: Watched, chosen: Annotated[Choice, Depends(_choice)]
) -> Response | Stream:
    """List Projects.

    All Projects by name, in pages by `limit` and `continue`, or as Kargo's by `pageSize` and `page`.
    """
    if watched.wanted:
        return await stream(here, asked.query("Project"), watched, chosen.keeps)
    if asked.limit:
        found = await _part(here, asked, chosen.keeps)
        return _answer(found.documents, {"metadata": list_meta(found)})
    documents, version = await _all(here, asked, chosen.keeps)
    start = chosen.number * chosen.size
    shown = documents[start : start + chosen.size] if chosen.size else documents
    about = {} if chosen.size else {"metadata": {"resourceVersion": str(version)}}
    return _answer(shown, {**about, "total": len(documents)})


async def _part(here: Given, asked: Listing, keeps: Callable[[Document], bool]) -> Page:
    """As many as were asked for, of those that are kept."""
    documents: list[Document] = []
    query, more = asked.query("Project"), asked.more
    while True:
        found = await page(here, query, Listing(asked.limit - len(documents), more))
        documents.extend(document for document in found.documents if keeps(document))
        more = found.more
        if not more or len(documents) == asked.limit:
            return Page(documents, found.version, more)


async def _all(here: Given, asked: Listing, keeps: Callable[[Document], bool]) -> tuple[list[Document], int]:
    documents: list[Document] = []
    query, more = asked.query("Project"), asked.more
    while True:
        found = await page(here, query, Listing(STEP, more))
        documents.extend(document for document in found.documents if keeps(document))
        more = found.more
        if not more:
            return documents, found.version


def _answer(documents: Sequence[Document], about: Mapping[str, Json]) -> Response:
    """The resources as they are kept, and what there is to say of them all."""
    items = b",".join(document.raw for document in documents)
    return answer.json(b'{"items":[%b],%b' % (items, orjson.dumps(about)[1:]))


@router.get("/{project}", response_model=Project, responses=STREAM)
async def get_project(here: Here, project: ProjectName, watched: Watched) -> Response | Stream:
    """Get a Project.

    With `watch`, a stream of its changes.
    """
    return await one(here, Key("Project", "", project), watched)


@router.delete("/{project}", status_code=NOTHING)
async def delete_project(here: Here, project: ProjectName) -> Response:
    """Delete a Project.

    Its Namespace goes with it, and all that is in there.
    """
    return await delete(here, Key("Project", "", project))
