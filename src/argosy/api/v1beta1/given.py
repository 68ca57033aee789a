"""What every route gets: where it reads and writes, and the Project that its path names."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path
from starlette.requests import Request

from argosy.api.backend import Backend
from argosy.clock import Clock
from argosy.resources.meta import Key


@dataclass(frozen=True, slots=True)
class Given:
    """What routes are served from.

    Attributes:
        backend: the stores, and what stands beside them.
        clock: for times, and the pauses of streams.
        closing: set when the server ends; streams end then.
        version: of Argosy.
    """

    backend: Backend
    clock: Clock
    closing: asyncio.Event
    version: str


async def _given(request: Request) -> Given:
    given: Given = request.app.state.given
    return given


Here = Annotated[Given, Depends(_given)]
"""The parameter by which a route gets it."""


async def existing_project(here: Here, project: Annotated[str, Path(description="Name of the Project.")]) -> str:
    """The Project that the path names. Raises NotFound."""
    await here.backend.own.get(Key("Project", "", project))
    return project


Project = Annotated[str, Depends(existing_project)]
"""The parameter of a route below a Project: its name, of a Project that is there. Raises NotFound."""


async def may_promote(here: Given, project: str, stage: str) -> None:
    """The right that is no operation on a resource: to promote to a Stage. Raises Denied."""
    await here.backend.rights.require("promote", "stages", project, stage)
