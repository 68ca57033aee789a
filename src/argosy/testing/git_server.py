"""A Git server: smart HTTP by `git http-backend` behind ASGI, on loopback, with basic authentication if wanted."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argosy.testing.git_repository import GitRepository
from argosy.testing.serving import serving

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_CONFIG = {
    "http.receivepack": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "receive.denyDeleteCurrent": "ignore",
    "gc.auto": "0",
}


@dataclass
class GitServer:
    """Serves every repository below `root`.

    Args:
        root: the folder of the repositories.
        users: user name to password; empty means that nobody is asked to log in.
        retry_after: what those answers say of when to ask again.
        answers: status codes to answer the next requests with, for playing a server in trouble.
        partial: whether clones may leave out what they do not need.
        hang: set, and requests are accepted but never answered.
        requests: what was asked for so far, such as `POST /app.git/git-upload-pack`.
    """

    root: Path
    users: dict[str, str] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    partial: bool = True
    hang: bool = False
    retry_after: str = ""
    requests: list[str] = field(default_factory=list)
    url: str = ""

    @contextlib.asynccontextmanager
    async def serve(self, *, port: int = 0) -> AsyncIterator[GitServer]:
        """Serve until the block ends; `url` is then known."""
        async with serving(self.app, port=port) as url:
            self.url = url
            yield self

    def create(self, name: str) -> GitRepository:
        """Make an empty repository, served as `url_of(name)`."""
        return GitRepository.create(self.root / f"{name}.git")

    def url_of(self, name: str) -> str:
        return f"{self.url}/{name}.git"

    def count(self, part: str) -> int:
        """How many requests so far hold `part`."""
        return sum(part in request for request in self.requests)

    async def app(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """The ASGI application."""
        query = scope["query_string"].decode()
        self.requests.append(f"{scope['method']} {scope['path']}{'?' if query else ''}{query}")
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        if self.hang:
            await _disconnected(receive)
        elif self.answers:
            await _answer(send, self.answers.pop(0), {"retry-after": self.retry_after} if self.retry_after else {})
        elif not self._may(headers.get("authorization", "")):
            await _answer(send, 401, {"www-authenticate": 'Basic realm="git"'})
        else:
            await self._backend(scope, headers, receive, send)

    def _may(self, authorization: str) -> bool:
        if not self.users:
            return True
        kind, _, value = authorization.partition(" ")
        if kind.lower() != "basic":
            return False
        user, _, password = base64.b64decode(value).decode().partition(":")
        return self.users.get(user) == password

    async def _backend(self, scope: _Message, headers: dict[str, str], receive: _Receive, send: _Send) -> None:
        process = await asyncio.create_subprocess_exec(
            "git",
            "http-backend",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=self._environment(scope, headers),
        )
        feeding = asyncio.create_task(_feed(process, receive))
        try:
            await _relay(process, send)
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
            await asyncio.shield(_end(process))

    def _environment(self, scope: _Message, headers: dict[str, str]) -> dict[str, str]:
        known = {
            "CONTENT_TYPE": headers.get("content-type"),
            "CONTENT_LENGTH": headers.get("content-length"),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding"),
            "GIT_PROTOCOL": headers.get("git-protocol"),
        }
        config = {**_CONFIG, "uploadpack.allowFilter": str(self.partial).lower()}
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": scope["method"],
            "PATH_INFO": scope["path"],
            "QUERY_STRING": scope["query_string"].decode(),
            "REMOTE_USER": "git",
            "REMOTE_ADDR": "127.0.0.1",
            "GIT_CONFIG_COUNT": str(len(config)),
            **{f"GIT_CONFIG_KEY_{index}": key for index, key in enumerate(config)},
            **{f"GIT_CONFIG_VALUE_{index}": value for index, value in enumerate(config.values())},
            **{name: value for name, value in known.items() if value is not None},
        }


async def _feed(process: asyncio.subprocess.Process, receive: _Receive) -> None:
    assert process.stdin is not None
    more = True
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            process.stdin.write(message.get("body", b""))
            await process.stdin.drain()
            more = message.get("more_body", False)
    process.stdin.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let a program end that has lost its reader or its input; most have ended already."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    while await process.stdout.read(1 << 16):
        pass
    await process.wait()


async def _relay(process: asyncio.subprocess.Process, send: _Send) -> None:
    """Pass the answer of a CGI program on: headers, an empty line, the body."""
    assert process.stdout is not None
    status, headers = 200, []
    while line := (await process.stdout.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"status":
            status = int(value.split()[0])
        else:
            headers.append((name.lower(), value.strip()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    while chunk := await process.stdout.read(1 << 16):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _answer(send: _Send, status: int, headers: dict[str, str]) -> None:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": b""})


async def _disconnected(receive: _Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
