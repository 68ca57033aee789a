"""The links that are shown with a Stage or with Freight."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.v1beta1.given import Given
from argosy.resources.cluster_config import ClusterConfig
from argosy.resources.meta import Document, Key
from argosy.resources.names import CLUSTER_CONFIG_NAME
from argosy.resources.project_config import DeepLink, ProjectConfig
from argosy.rules.deep_link import resolved
from argosy.store.typed import find_as


class ResolvedLink(BaseModel):
    """A link made for one resource."""

    title: str = Field(description="What it is called.")
    url: str = Field(description="Where it leads.")
    description: str = Field("", description="What is there.")


class Links(BaseModel):
    """The links of one resource."""

    links: list[ResolvedLink] = Field(description="Those to show.")
    errors: list[str] = Field([], description="Why others could not be made.")


async def links_of(here: Given, document: Document) -> Response:
    """The answer with the links of a Stage, or of Freight."""
    is_stage = document.key.kind == "Stage"
    found = await _links(here, document.key.namespace, is_stage=is_stage)
    shown, faults = resolved(found, "stage" if is_stage else "freight", document.data, here.clock.now())
    links = [
        {"title": link.title, "url": link.url, **({"description": link.description} if link.description else {})}
        for link in shown
    ]
    return answer.json({"links": links, **({"errors": list(faults)} if faults else {})})


async def _links(here: Given, project: str, *, is_stage: bool) -> Iterable[DeepLink]:
    """Links are for everybody who sees the resource, also for those who may not read the configurations."""
    store = here.backend.own
    cluster = await find_as(store, Key("ClusterConfig", "", CLUSTER_CONFIG_NAME), ClusterConfig)
    own = await find_as(store, Key("ProjectConfig", project, project), ProjectConfig)
    specs = [each.spec for each in (cluster, own) if each is not None]
    return [link for spec in specs for link in (spec.stage_links if is_stage else spec.freight_links)]
