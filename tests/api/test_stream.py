from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from argosy.api.stream import ADMITTED, AGAIN, Stream
from argosy.testing.clock import FakeClock, settle


class Caller:
    """The other end of an answer: notes what is sent, and goes when told to."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.ended = False
        self.gone = asyncio.Event()
        self._asked = False

    async def receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.body":
            self.sent += [message["body"]] if message["body"] else []
            self.ended = not message["more_body"]


class Source:
    """Pieces, then silence; knows whether it was closed."""

    def __init__(self, *pieces: bytes, error: Exception | None = None, ends: bool = False) -> None:
        self._pieces = pieces
        self._error = error
        self._ends = ends
        self.closed = False

    async def __call__(self) -> AsyncGenerator[bytes, None]:
        try:
            for piece in self._pieces:
                yield piece
            if self._error:
                raise self._error
            if not self._ends:
                await asyncio.Event().wait()
        finally:
            self.closed = True


@pytest.mark.parametrize("end", ["the caller goes", "the server ends", "the time is over", "the pieces are over"])
async def test_whatever_ends_an_answer_its_source_is_closed(end: str) -> None:
    caller, clock, closing = Caller(), FakeClock(), asyncio.Event()
    source = Source(b"one", b"", b"two", ends=end == "the pieces are over")
    stream = Stream(source(), "text/plain", closing=closing, clock=clock, seconds=60)
    answering = asyncio.create_task(stream({"type": "http"}, caller.receive, caller.send))
    await settle()
    assert caller.sent == [b"one", b"two"]
    if end != "the pieces are over":
        assert not answering.done()
    match end:
        case "the caller goes":
            caller.gone.set()
        case "the server ends":
            closing.set()
        case "the time is over":
            await clock.advance(60)
    async with asyncio.timeout(5):
        await answering
    assert source.closed
    assert caller.ended


async def test_an_answer_ends_when_its_caller_would_not_be_let_in_any_more() -> None:
    caller, clock, source = Caller(), FakeClock(), Source(b"one")
    said = [True, True, False]

    async def is_admitted() -> bool:
        return said.pop(0)

    stream = Stream(source(), "text/plain", closing=asyncio.Event(), clock=clock)
    scope = {"type": "http", ADMITTED: is_admitted}
    answering = asyncio.create_task(stream(scope, caller.receive, caller.send))
    await clock.advance(AGAIN)
    assert (len(said), caller.ended) == (1, False)
    await clock.advance(AGAIN)
    async with asyncio.timeout(5):
        await answering
    assert source.closed
    assert caller.ended


async def test_an_answer_that_is_given_up_closes_its_source() -> None:
    caller, source = Caller(), Source(b"one")
    stream = Stream(source(), "text/plain", closing=asyncio.Event(), clock=FakeClock())
    answering = asyncio.create_task(stream({"type": "http"}, caller.receive, caller.send))
    await settle()
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering
    assert source.closed


async def test_a_fault_in_the_middle_is_not_hidden() -> None:
    caller = Caller()
    stream = Stream(
        Source(b"one", error=RuntimeError("broken"))(), "text/plain", closing=asyncio.Event(), clock=FakeClock()
    )
    with pytest.raises(RuntimeError, match="broken"):
        await stream({"type": "http"}, caller.receive, caller.send)
    assert caller.sent == [b"one"]
    assert not caller.ended
