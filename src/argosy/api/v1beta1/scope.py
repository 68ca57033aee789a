"""Where ConfigMaps and credentials are: in a Project, shared by all Projects, or of the system."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request

from argosy.api.v1beta1.given import Here, existing_project


@dataclass(frozen=True, slots=True)
class Scope:
    """One of the places.

    Attributes:
        word: what it is called in the names of operations.
        prefix: of paths.
        tag: in the documentation.
        told: which of the things it has are meant, for people.
    """

    word: str
    prefix: str
    tag: str
    told: str


PROJECT = Scope("project", "/v1beta1/projects/{project}", "Project-Level", "of a Project")
SHARED = Scope("shared", "/v1beta1/shared", "Shared", "that all Projects share")
SYSTEM = Scope("system", "/v1beta1/system", "System-Level", "of the system")


async def _namespace(request: Request, here: Here) -> str:
    settings, project = here.backend.settings, request.path_params.get("project")
    if project is not None:
        return str(project)
    is_shared = request.url.path.startswith(f"{SHARED.prefix}/")
    return settings.shared_namespace if is_shared else settings.system_namespace


Namespace = Annotated[str, Depends(_namespace)]
"""The parameter by which a route gets the namespace of its scope."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One operation, as it is in every scope.

    Attributes:
        method: of HTTP.
        path: after the prefix.
        name: of the operation, with `{}` for the word of the scope.
        route: what serves it.
        model: of what it answers.
        code: of an answer that is none of an error.
    """

    method: str
    path: str
    name: str
    route: Callable[..., Awaitable[Any]]
    model: Any = None
    code: int = 200


def routes(scopes: Sequence[Scope], verbs: Sequence[Verb], tags: Sequence[str]) -> APIRouter:
    """A router with every operation in every scope. The routes' docstrings say `{}` for what a scope has."""
    router = APIRouter()
    for scope in scopes:
        for verb in verbs:
            router.add_api_route(
                f"{scope.prefix}{verb.path}",
                verb.route,
                methods=[verb.method],
                name=verb.name.format(scope.word),
                description=str(verb.route.__doc__).format(scope.told),
                response_model=verb.model,
                status_code=verb.code,
                tags=[*tags, scope.tag],
                dependencies=[Depends(existing_project)] if scope is PROJECT else [],
            )
    return router
