"""Answers that go on for long: sent piece by piece until their end, the caller's, the server's or their time's.

They end, too, once their caller would not be let in any more: a watch must not outlive the token it was asked for with.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from argosy.clock import Clock

ADMITTED: Final = "argosy.admitted"
"""The key in the scope of a request under which it can be asked whether its caller would be let in now, too."""

AGAIN = 30.0
"""Seconds after which that is asked again."""


class Stream(Response):
    """An ASGI answer made of the pieces of `body`.

    Args:
        body: the pieces, of which empty ones are left out; closed in any case.
        media_type: of the answer.
        closing: set when the server ends.
        clock: measures `seconds`.
        seconds: when to end at the latest; None for never.
        headers: more of the answer.
    """

    def __init__(
        self,
        body: AsyncGenerator[bytes, None],
        media_type: str,
        *,
        closing: asyncio.Event,
        clock: Clock,
        seconds: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._body = body
        self._closing = closing
        self._clock = clock
        self._seconds = seconds
        super().__init__(headers={"content-type": media_type, **(headers or {})})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        pump = asyncio.ensure_future(self._pump(send))
        ends: list[asyncio.Future[Any]] = [asyncio.ensure_future(end) for end in self._ends(scope, receive)]
        try:
            await asyncio.wait({pump, *ends}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _stop(pump, *ends)
            await self._body.aclose()
        if not pump.cancelled():
            pump.result()  # a fault leaves the answer without its end, so that its caller knows
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _ends(self, scope: Scope, receive: Receive) -> list[Awaitable[Any]]:
        ends: list[Awaitable[Any]] = [_gone(receive), self._closing.wait()]
        if ADMITTED in scope:
            ends.append(_shut_out(scope[ADMITTED], self._clock))
        return ends if self._seconds is None else [*ends, self._clock.sleep(self._seconds)]

    async def _pump(self, send: Send) -> None:
        async for piece in self._body:
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _shut_out(is_admitted: Callable[[], Awaitable[bool]], clock: Clock) -> None:
    """Return once the caller would not be let in any more."""
    while await is_admitted():
        await clock.sleep(AGAIN)


async def _stop(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
