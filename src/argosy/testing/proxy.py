"""A forward proxy on loopback: `CONNECT`, and requests for whole URLs. It alone knows where its hosts are."""

from __future__ import annotations

import asyncio
import contextlib
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from argosy.testing.tls import relay


@dataclass
class Proxy:
    """Leads to `routes`: names of hosts, which need not exist, to ports on loopback.

    Attributes:
        login: `user:password` that clients must give; empty for everyone.
        breaks: for the next connections, after how many bytes of the answer they break.
        asked: method and target of every request, such as `CONNECT git.example.test:443`.
    """

    routes: Mapping[str, int] = field(default_factory=dict)
    login: str = ""
    breaks: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[Proxy]:
        """Serve until the block ends; `url` is then known."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()
            return
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        self.asked.append(f"{method} {target}")
        host = target.rpartition(":")[0] if method == "CONNECT" else urlsplit(target).hostname or ""
        wanted = f"proxy-authorization: basic {b64encode(self.login.encode()).decode()}\r\n".lower()
        if self.login and wanted not in head.decode().lower():
            await _refuse(writer, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=proxy")
        elif host not in self.routes:
            await _refuse(writer, "502 Bad Gateway")
        elif method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await relay(reader, writer, self.routes[host], most=self._most())
        else:
            # Servers understand requests for whole URLs too.
            await relay(reader, writer, self.routes[host], head, most=self._most())

    def _most(self) -> int | None:
        return self.breaks.pop(0) if self.breaks else None


async def _refuse(writer: asyncio.StreamWriter, status: str) -> None:
    writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
    with contextlib.suppress(OSError):
        await writer.drain()
    writer.close()
