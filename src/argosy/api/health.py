"""Is the server alive, and ready? And which version is it?"""

from __future__ import annotations

import platform

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from argosy.api import answer
from argosy.errors import ArgosyError
from argosy.store.base import Store

PROTOCOL = ("1", "37")
"""The minor version of Kubernetes whose protocol is served; kubectl compares it with its own."""


class Health:
    """Answers to probes."""

    def __init__(self, store: Store, version: str) -> None:
        self._store = store
        self._version = version

    async def live(self, request: Request) -> Response:
        """The process answers."""
        return PlainTextResponse("ok")

    async def ready(self, request: Request) -> Response:
        """The store answers, too."""
        try:
            await self._store.version()
        except ArgosyError as error:
            return PlainTextResponse(f"the store cannot serve: {error.message}", 503)
        return PlainTextResponse("ok")

    async def version(self, request: Request) -> Response:
        """The version in the form that kubectl reads, with Argosy's own after the plus sign."""
        major, minor = PROTOCOL
        git = f"v{major}.{minor}.0+argosy.{self._version.replace('+', '.')}"
        system = f"{platform.system().lower()}/{platform.machine().lower()}"
        return answer.json({"major": major, "minor": minor, "gitVersion": git, "platform": system})
