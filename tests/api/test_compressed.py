"""Long answers, compressed for those who can read that."""

from __future__ import annotations

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from argosy.api.compressed import LEAST, Compressed, reads_gzip

LONG = b'"%b"' % (b"x" * LEAST)


async def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    if name == "stream":
        return StreamingResponse(iter([LONG, LONG]), media_type="application/json")
    body = LONG[: LEAST - 1] if name == "short" else LONG
    return Response(body, media_type="text/plain" if name == "text" else "application/json", headers={"Vary": "Cookie"})


async def ask(path: str, accepted: str = "gzip, deflate") -> httpx2.Response:
    app = Compressed(Starlette(routes=[Route("/{name}", _serve)]))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        return await client.get(path, headers={"Accept-Encoding": accepted})


async def test_a_long_answer_is_compressed() -> None:
    answer = await ask("/long")
    assert answer.content == LONG
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < LEAST / 100
    assert answer.headers["vary"] == "Cookie, Accept-Encoding"


@pytest.mark.parametrize(
    ("path", "accepted"),
    [
        pytest.param("/short", "gzip", id="a short one"),
        pytest.param("/text", "gzip", id="one that is no JSON"),
        pytest.param("/stream", "gzip", id="a stream"),
        pytest.param("/long", "identity", id="for who cannot read it"),
    ],
)
async def test_others_are_sent_as_they_are(path: str, accepted: str) -> None:
    answer = await ask(path, accepted)
    assert "content-encoding" not in answer.headers
    assert answer.content.startswith(LONG[:100])
    assert len(answer.content) >= LEAST - 1


@pytest.mark.parametrize(
    ("accepted", "reads"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("", False),
        ("gzip;q=0", False),
        ("gzip; q=0.00", False),
        ("br", False),
    ],
)
def test_who_reads_gzip_says_so(accepted: str, reads: bool) -> None:
    assert reads_gzip(accepted) is reads
