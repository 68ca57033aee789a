"""`http-download` and `oci-download` of large content: memory stays small, limits hold, nothing half done stays."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from argosy.clients.oci import OCI_MANIFEST
from argosy.errors import Permanent, Temporary
from argosy.steps import http_download, oci_download
from argosy.steps.base import AnyStep, Done
from argosy.testing.context import FakeContext

MIB = 1 << 20
LIMIT = 100 * MIB
_RANGE = re.compile(rb"\r\nrange: bytes=(\d+)-(\d+)\r\n", re.IGNORECASE)


@dataclass
class Zeros:
    """A server, and registry, of so many bytes 0, made on the fly.

    Attributes:
        size: bytes of the content, and as the manifest says.
        declared: whether it says beforehand how long its answer is.
        drips: whether it sends one byte, and then another from time to time.
        ranges: whether it gives parts when it is asked for them.
        sent: bytes of content sent so far.
    """

    size: int = LIMIT
    declared: bool = True
    drips: bool = False
    ranges: bool = True
    sent: int = 0
    url: str = ""
    open: dict[asyncio.Task[Any], asyncio.StreamWriter] = field(default_factory=dict)

    @property
    def manifest(self) -> bytes:
        digest = hashlib.sha256()
        for _ in range(self.size // MIB):
            digest.update(bytes(MIB))
        layer = {"digest": f"sha256:{digest.hexdigest()}", "size": self.size, "mediaType": "application/octet-stream"}
        return orjson.dumps({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [layer]})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.open[task] = writer
        with suppress(OSError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.close()
        del self.open[task]

    async def close(self) -> None:
        """End what still goes on."""
        for writer in self.open.values():
            writer.transport.abort()
        await asyncio.gather(*self.open)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        status, kind, size, content = b"200 OK", b"application/octet-stream", self.size, b""
        if b"/manifests/" in head:
            kind, content = OCI_MANIFEST.encode(), await asyncio.to_thread(lambda: self.manifest)
            size = len(content)
        elif self.ranges and (asked := _RANGE.search(head)):
            status, size = b"206 Partial Content", int(asked[2]) - int(asked[1]) + 1
        length = b"content-length: %d\r\n" % size if self.declared else b""
        writer.write(
            b"HTTP/1.1 %s\r\ncontent-type: %s\r\n%sconnection: close\r\n\r\n" % (status, kind, length) + content
        )
        await (writer.drain() if content else self._send(writer, size))

    async def _send(self, writer: asyncio.StreamWriter, left: int) -> None:
        while left > 0:
            part = 1 if self.drips else min(left, MIB)
            writer.write(bytes(part))
            await writer.drain()
            self.sent, left = self.sent + part, left - part
            if self.drips:
                await asyncio.sleep(0.02)


@pytest.fixture
async def zeros() -> AsyncIterator[Zeros]:
    made = Zeros()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield made
        await made.close()


async def download(ctx: FakeContext, zeros: Zeros, kind: str, **more: object) -> int:
    """The bytes by which the memory of the process grew."""
    config = {"outPath": "big", "url": f"{zeros.url}/big", **more}
    step: AnyStep = http_download.STEP
    if kind == "oci":
        config = {"outPath": "big", "imageRef": f"{zeros.url.removeprefix('http://')}/app:1"}
        step = oci_download.STEP
    before = most = _resident()
    going = asyncio.create_task(ctx.run(step, config))
    while not going.done():
        await asyncio.wait([going], timeout=0.01)
        most = max(most, _resident())
    assert await going == Done()
    return most - before


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.parametrize(("kind", "most"), [("http", 32 * MIB), ("oci", 90 * MIB)])
async def test_what_is_as_large_as_may_be_takes_little_memory(
    ctx: FakeContext, zeros: Zeros, kind: str, most: int
) -> None:
    assert await download(ctx, zeros, kind) < most
    with (ctx.tree.root / "big").open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() in zeros.manifest.decode()
    assert [path.name for path in ctx.tree.root.iterdir()] == ["big"]


async def test_a_registry_that_knows_no_parts_gives_the_whole(ctx: FakeContext, zeros: Zeros) -> None:
    zeros.ranges = False
    assert await download(ctx, zeros, "oci") < 2 * LIMIT
    assert (ctx.tree.root / "big").stat().st_size == LIMIT
    assert zeros.sent == LIMIT


@pytest.mark.parametrize(
    ("kind", "size", "declared", "sent"),
    [
        pytest.param("http", 1 << 40, True, 16 * MIB, id="told beforehand"),
        pytest.param("http", LIMIT + 1, False, LIMIT + 1, id="not told, one byte"),
        pytest.param("http", 1 << 40, False, LIMIT + 16 * MIB, id="not told, without end"),
        pytest.param("oci", LIMIT + MIB, True, 0, id="told by the manifest"),
    ],
)
async def test_what_is_larger_is_refused_and_leaves_nothing(
    ctx: FakeContext, zeros: Zeros, kind: str, size: int, declared: bool, sent: int
) -> None:
    zeros.size, zeros.declared = size, declared
    with pytest.raises(Permanent, match=str(LIMIT)):
        await download(ctx, zeros, kind)
    assert zeros.sent <= sent
    assert list(ctx.tree.root.iterdir()) == []


async def test_a_server_that_never_finishes_is_left_and_so_is_nothing_else(ctx: FakeContext, zeros: Zeros) -> None:
    zeros.drips = True
    with pytest.raises(Temporary, match="did not answer within"):
        await download(ctx, zeros, "http", timeout="500ms")
    assert zeros.sent > 0
    assert list(ctx.tree.root.iterdir()) == []
