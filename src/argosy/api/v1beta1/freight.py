"""Freight over HTTP: read, named, approved, deleted. `freight_query` lists it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.stream import Stream
from argosy.api.v1beta1.given import Given, Here, Project, may_promote
from argosy.api.v1beta1.link import Links, links_of
from argosy.api.v1beta1.verb import NOTHING, delete, done, one
from argosy.api.v1beta1.watch import STREAM, Watched
from argosy.clock import rfc3339
from argosy.errors import NotFound
from argosy.resources.freight import Freight
from argosy.resources.meta import Document, Key
from argosy.resources.stage import Stage
from argosy.store import base
from argosy.store.typed import find, find_as

router = APIRouter(prefix="/v1beta1/projects/{project}/freight", tags=["Core", "Project-Level"])

NameOrAlias = Annotated[str, Path(alias="freight_name_or_alias", description="Name or alias of the Freight.")]


async def named(here: Given, project: str, word: str) -> Document:
    """The Freight of a name or, where there is none, of an alias. Raises NotFound."""
    found = await find(here.backend.store, Key("Freight", project, word))
    return found or await aliased(here, project, word, f"Freight with name or alias {word!r}")


async def aliased(here: Given, project: str, alias: str, called: str = "") -> Document:
    """The Freight of an alias. Raises NotFound."""
    page = await here.backend.store.list(base.Query("Freight", project, fields={"alias": alias}), limit=1)
    if not alias or not page.documents:
        raise NotFound(f"{called or f'Freight with alias {alias!r}'} not found in project {project!r}")
    return page.documents[0]


@router.get("/{freight_name_or_alias}", response_model=Freight, responses=STREAM)
async def get_freight(here: Here, project: Project, word: NameOrAlias, watched: Watched) -> Response | Stream:
    """Get Freight.

    By its name or its alias; with `watch`, a stream of its changes.
    """
    found = await named(here, project, word)
    return await one(here, found.key, watched) if watched.wanted else answer.json(found.raw)


@router.delete("/{freight_name_or_alias}", status_code=NOTHING)
async def delete_freight(here: Here, project: Project, word: NameOrAlias) -> Response:
    """Delete Freight.

    Freight that a Stage uses stays.
    """
    return await delete(here, (await named(here, project, word)).key)


@router.get("/{freight_name_or_alias}/links", response_model=Links)
async def get_freight_links(here: Here, project: Project, word: NameOrAlias) -> Response:
    """Get the links of Freight.

    Those of the ClusterConfig first, then those of the ProjectConfig, made for this Freight.
    """
    return await links_of(here, await named(here, project, word))


@router.patch("/{freight_name_or_alias}/alias", response_class=Response)
async def patch_freight_alias(
    here: Here,
    project: Project,
    word: NameOrAlias,
    alias: Annotated[str, Query(alias="newAlias", min_length=1, description="The alias.")],
) -> Response:
    """Give Freight another alias.

    No other Freight of the Project may have it.
    """
    found = await named(here, project, word)
    await here.backend.store.patch(found.key, {"alias": alias})
    return done()


@router.post("/{freight_name_or_alias}/approve", response_class=Response)
async def approve_freight(
    here: Here,
    project: Project,
    word: NameOrAlias,
    stage: Annotated[str, Query(min_length=1, description="Name of the Stage.")],
) -> Response:
    """Approve Freight for a Stage.

    It need not be verified elsewhere then. Whoever may promote to the Stage may do that.
    """
    found = await named(here, project, word)
    target = await find_as(here.backend.store, Key("Stage", project, stage), Stage)
    if target is None:
        raise NotFound(f"Stage {stage!r} not found in project {project!r}")
    await may_promote(here, project, stage)
    freight = found.parse(Freight)
    wanted = [str(request.origin) for request in target.spec.requested_freight]
    if str(freight.origin) not in wanted:
        raise Refused(
            400,
            f"Stage {stage!r} does not request Freight from origin {str(freight.origin)!r}",
            advice=f"It asks for {', '.join(wanted)}.",
        )
    if stage not in freight.status.approved_for:
        approval = {"status": {"approvedFor": {stage: {"approvedAt": rfc3339(here.clock.now())}}}}
        await here.backend.store.patch(found.key, approval, status=True)
    return done()
