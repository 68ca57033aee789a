"""Is the server alive, and ready? And which version is it?"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from argosy.api import answer
from argosy.errors import ArgosyError, Unavailable
from argosy.store.base import Store

PROTOCOL = ("1", "37")
"""The minor version of Kubernetes whose protocol is served; kubectl compares it with its own."""

Check = Callable[[], Awaitable[str]]
"""Returns what to tell of something that is well, mostly nothing; raises what is wrong."""


@dataclass(slots=True)
class Health:
    """Answers to probes, in the form of Kubernetes' own servers: `?verbose` lists every check.

    Attributes:
        checks: what being ready takes, by name; others may be added later.
        ending: whether the server was told to end: then it is not ready any more.
        patience: seconds after which a check counts as failed; less than probes wait by themselves.
    """

    checks: dict[str, Check] = field(default_factory=dict)
    ending: bool = False
    patience: float = 3.0

    @property
    def routes(self) -> list[Route]:
        """Where probes ask."""
        return [*(Route(path, self.live) for path in ("/healthz", "/livez")), Route("/readyz", self.ready)]

    async def live(self, request: Request) -> Response:
        """The process answers."""
        return PlainTextResponse("ok")

    async def ready(self, request: Request) -> Response:
        """All checks are well; 503 otherwise, with what is not."""
        told, faults = [], []
        for name, check in {"shutdown": self._shutdown, **self.checks}.items():
            try:
                detail = await self._in_time(check)
                told.append(f"[+]{name} ok{f': {detail}' if detail else ''}")
            except ArgosyError as error:
                told.append(f"[-]{name} failed: {error.message}")
                faults.append(told[-1])
        verbose = "verbose" in request.query_params
        if faults:
            return PlainTextResponse("\n".join([*(told if verbose else faults), "readyz check failed"]) + "\n", 503)
        return PlainTextResponse("\n".join([*told, "readyz check passed"]) + "\n" if verbose else "ok")

    async def _in_time(self, check: Check) -> str:
        try:
            async with asyncio.timeout(self.patience):
                return await check()
        except TimeoutError:
            raise Unavailable(f"no answer within {self.patience:g} seconds") from None

    async def _shutdown(self) -> str:
        if self.ending:
            raise Unavailable("the server is ending")
        return ""


def store_check(store: Store) -> Check:
    """The check that a store answers."""

    async def check() -> str:
        try:
            await store.version()
        except ArgosyError as error:
            raise Unavailable(f"the store cannot serve: {error.message}") from error
        return ""

    return check


class Version:
    """Answers which version this is."""

    def __init__(self, version: str) -> None:
        self._version = version

    async def serve(self, request: Request) -> Response:
        """The version in the form that kubectl reads, with Argosy's own after the plus sign."""
        major, minor = PROTOCOL
        git = f"v{major}.{minor}.0+argosy.{self._version.replace('+', '.')}"
        system = f"{platform.system().lower()}/{platform.machine().lower()}"
        return answer.json({"major": major, "minor": minor, "gitVersion": git, "platform": system})
