"""Resources of any kind over HTTP, written as manifests in YAML or JSON: what `kargo apply` and `kargo create` send."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.body import parse_json
from argosy.api.v1beta1.boundary import MOST_MANIFESTS
from argosy.api.v1beta1.credential import shown
from argosy.api.v1beta1.error import Unfit
from argosy.api.v1beta1.given import Given, Here
from argosy.errors import AlreadyExists, ArgosyError, NotFound, Problem
from argosy.resources.kinds import KINDS
from argosy.resources.manifest import parse_manifests
from argosy.resources.meta import Document, Json, Key
from argosy.resources.yaml_text import Limits
from argosy.rules.document import resource_name
from argosy.rules.escalation import KINDS_THAT_GIVE, TOKEN
from argosy.store.base import Store
from argosy.store.draft import is_unnamed, key_of, kind_of, with_random_name
from argosy.store.typed import find

router = APIRouter(prefix="/v1beta1/resources", tags=["Resources"])

_TYPES = ("text/plain", "application/yaml", "application/json")
_BODY: dict[str, Json] = {
    "requestBody": {
        "description": "One or more manifests: YAML documents, or JSON.",
        "required": True,
        "content": {type_: {"schema": {"type": "string"}} for type_ in _TYPES},
    }
}

Data = dict[str, Json]


class CreateResourceResult(BaseModel):
    """What became of one manifest."""

    createdResourceManifest: Data | None = Field(None, description="The resource.")  # noqa: N815
    error: str = Field("", description="Why there is none.")


class CreateResourceResponse(BaseModel):
    """What became of each manifest; Projects come first."""

    results: list[CreateResourceResult] = Field(description="One for each.")


class CreateOrUpdateResourceResult(CreateResourceResult):
    """What became of one manifest."""

    updatedResourceManifest: Data | None = Field(None, description="The resource, if it was there before.")  # noqa: N815


class CreateOrUpdateResourceResponse(BaseModel):
    """What became of each manifest; Projects come first."""

    results: list[CreateOrUpdateResourceResult] = Field(description="One for each.")


class DeleteResourceResult(BaseModel):
    """What became of one manifest."""

    deletedResourceManifest: Data | None = Field(None, description="The manifest.")  # noqa: N815
    error: str = Field("", description="Why the resource was not deleted.")


class DeleteResourceResponse(BaseModel):
    """What became of each manifest; Projects come last."""

    results: list[DeleteResourceResult] = Field(description="One for each.")


@dataclass(slots=True)
class _Writer:
    """Writes one resource after the other.

    Attributes:
        made: Projects made by this very request: whoever makes one may fill it, also before roles say so.
    """

    here: Given
    made: set[str] = field(default_factory=set)

    async def create(self, data: Data) -> Data:
        """Raises AlreadyExists before anything else that may be wrong, and what the store does."""
        store = self._store(data)
        if not is_unnamed(data) and await _kept(store, data) is not None:
            name = resource_name(KINDS[Key.of(data).kind], Key.of(data).name)
            raise AlreadyExists(f"create resource: {name} already exists")
        return {"createdResourceManifest": _told(await self._create(store, data))}

    async def update(self, data: Data) -> Data:
        """Raises NotFound, and what the store does."""
        return await self._replace(data, upsert=False)

    async def upsert(self, data: Data) -> Data:
        """Replace a resource, or create it. Raises what the store does."""
        return await self._replace(data, upsert=True)

    async def delete(self, data: Data) -> Data:
        """Raises what the store does."""
        with _telling("delete resource"):
            await self.here.backend.store.delete(key_of(data))
        return {"deletedResourceManifest": _told(Document.of(data))}

    async def _replace(self, data: Data, *, upsert: bool) -> Data:
        store = self._store(data)
        old = None if is_unnamed(data) else await _kept(store, data)
        if old is None:
            if not upsert:
                raise NotFound("resource does not exist", advice="Create it, or ask for `upsert=true`.")
            return {"createdResourceManifest": _told(await self._create(store, data))}
        version = data["metadata"].get("resourceVersion") or old.meta.get("resourceVersion")
        meta = {**data["metadata"], "resourceVersion": version}
        with _telling("update resource"):
            return {"updatedResourceManifest": _told(await store.update({**data, "metadata": meta}))}

    async def _create(self, store: Store, data: Data) -> Document:
        with _telling("create resource"):
            made = await store.create(data)
        if made.key.kind == "Project":
            self.made.add(made.key.name)
        return made

    def _store(self, data: Data) -> Store:
        """Where to write a resource: what gives rights is asked about in any case. Raises Invalid."""
        key_of(with_random_name(data) if is_unnamed(data) else data)
        kind = kind_of(KINDS, data.get("kind"))
        gives = kind.name in KINDS_THAT_GIVE and not (kind.name == "Secret" and data.get("type") != TOKEN)
        fills = kind.namespaced and data["metadata"].get("namespace") in self.made
        return self.here.backend.own if fills and not gives else self.here.backend.store


@contextlib.contextmanager
def _telling(what: str) -> Iterator[None]:
    """Errors begin with what was tried, as Kargo's do."""
    try:
        yield
    except ArgosyError as error:
        error.message = f"{what}: {error.message}"
        raise


async def _kept(store: Store, data: Data) -> Document | None:
    with _telling("get resource"):
        return await find(store, Key.of(data))


def _told(document: Document) -> Data:
    return shown(document) if document.key.kind == "Secret" else document.data


@router.post("", response_model=CreateResourceResponse, status_code=201, openapi_extra=_BODY)
async def create_resource(here: Here, request: Request) -> Response:
    """Create resources.

    From one or more manifests, Projects first. The only one of a request is refused as a whole; of several, each tells
    what became of it.
    """
    return await _each(await _manifests(request), _Writer(here).create, 201)


@router.put("", response_model=CreateOrUpdateResourceResponse, openapi_extra=_BODY)
async def update_resource(
    here: Here,
    request: Request,
    upsert: Annotated[bool, Query(description="Whether to create what is not there.")] = False,
) -> Response:
    """Replace resources.

    By one or more manifests, Projects first.
    """
    writer = _Writer(here)
    return await _each(await _manifests(request), writer.upsert if upsert else writer.update, 200)


@router.delete("", response_model=DeleteResourceResponse, openapi_extra=_BODY)
async def delete_resource(here: Here, request: Request) -> Response:
    """Delete resources.

    Those that one or more manifests name, Projects last.
    """
    manifests = await _manifests(request)
    manifests.sort(key=_is_project)
    return await _each(manifests, _Writer(here).delete, 200)


async def _manifests(request: Request) -> list[Data]:
    """The resources in a body, Projects first. Raises Refused (400) and Unfit, with everything that cannot be read."""
    body = await request.body()
    if body.lstrip().startswith(b"["):
        value = parse_json(body)
        found = value if isinstance(value, list) else []
        problems = [
            Problem("a resource is an object", f"[{at}]") for at, each in enumerate(found) if not _is_data(each)
        ]
    else:
        limits = Limits(size=MOST_MANIFESTS)
        read, problems = await asyncio.to_thread(lambda: parse_manifests(body, limits=limits))
        found = [each.document for each in read]
    if problems:
        raise Unfit("the manifests cannot be read", problems)
    if not found:
        raise Refused(400, "no resources found in request body", advice="Send YAML documents, or JSON.")
    return sorted(found, key=lambda data: not _is_project(data))


def _is_data(value: Json) -> bool:
    return isinstance(value, dict)


def _is_project(data: Data) -> bool:
    return data.get("kind") == "Project"


async def _each(manifests: Iterable[Data], write: Callable[[Data], Awaitable[Data]], code: int) -> Response:
    """What became of each. Raises what became of the only one."""
    every = list(manifests)
    results: list[Data] = []
    for data in every:
        try:
            results.append(await write(data))
        except ArgosyError as error:
            if len(every) == 1:
                raise
            results.append({"error": str(error)})
    return answer.json({"results": results}, code)
