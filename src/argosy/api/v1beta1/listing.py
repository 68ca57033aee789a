"""Lists: what may be asked of every one of them, and how they are answered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import orjson
from fastapi import Depends, Query
from pydantic import BaseModel, Field, create_model
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.selector import parse_fields, parse_labels
from argosy.api.v1beta1.given import Given
from argosy.api.v1beta1.wire import wire
from argosy.api.view import list_meta
from argosy.errors import Invalid
from argosy.resources.kinds import KINDS
from argosy.store import base
from argosy.store.base import Page
from argosy.store.selection import check_fields

MOST = 10_000
"""Entries of a page at most."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list asks for."""

    limit: int = 0
    more: str = ""
    labels: str = ""
    fields: str = ""

    def query(self, kind: str, namespace: str | None = None, **fields: str) -> base.Query:
        """What to select. Raises Refused (400) for selectors that cannot be read."""
        equal, differ = parse_fields(self.fields)
        query = base.Query(kind, namespace, parse_labels(self.labels), {**equal, **fields}, differ)
        try:
            check_fields(query, KINDS[kind])
        except Invalid as error:
            raise Refused(400, str(error)) from error
        return query


async def _listing(
    limit: Annotated[int, Query(ge=0, le=MOST, description="How many at most; 0 for all.")] = 0,
    more: Annotated[str, Query(alias="continue", description="The `metadata.continue` of the page before.")] = "",
    labels: Annotated[str, Query(alias="labelSelector", description="Only with these labels.")] = "",
    fields: Annotated[str, Query(alias="fieldSelector", description="Only with these values of fields.")] = "",
) -> Listing:
    return Listing(limit, more, labels, fields)


Asked = Annotated[Listing, Depends(_listing)]
"""The parameter by which a route gets what is asked of a list."""


async def page(here: Given, query: base.Query, asked: Listing, store: base.Store | None = None) -> Page:
    """The page that was asked for, of what the caller may list, or of another store.

    Raises Refused (400) for a token that is none, Gone for one that is too old, Denied.
    """
    try:
        return await (store or here.backend.store).list(query, limit=asked.limit, more=asked.more)
    except Invalid as error:
        raise Refused(400, str(error)) from error


def listed(kind: str, found: Page) -> Response:
    """A page of resources as they are kept: their bytes go from the store to the socket."""
    head = orjson.dumps({"apiVersion": KINDS[kind].api_version, "kind": f"{kind}List", "metadata": list_meta(found)})
    return answer.json(b'%b,"items":[%b]}' % (head[:-1], b",".join(map(wire, found.documents))))


class ListMeta(BaseModel):
    """About a list as a whole."""

    resource_version: str = Field("", alias="resourceVersion", description="From where to watch.")
    more: str = Field("", alias="continue", description="What gets the next page; empty on the last.")
    remaining: int = Field(0, alias="remainingItemCount", description="How many follow, where that is known.")


@cache
def list_of(kind: str) -> type[BaseModel]:
    """The form of a list of resources, for documentation."""
    items: Any = list.__class_getitem__(KINDS[kind].model)
    made: type[BaseModel] = create_model(
        f"{kind}List",
        __doc__=f"A list of {KINDS[kind].plural}.",
        apiVersion=(str, Field(description="Group and version of the kind.")),
        kind=(str, Field(description=f"`{kind}List`.")),
        metadata=(ListMeta, Field(description="About the list.")),
        items=(items, Field(description="The resources, by name.")),
    )
    return made
