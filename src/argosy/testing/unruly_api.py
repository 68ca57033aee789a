"""A front of a Kubernetes API server that plays trouble: watches are cut, writes come second, requests are put off.

Everything it does comes from one seed. What it passes on, it passes on as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from argosy.testing.cluster import ADMIN, Cluster
from argosy.testing.serving import serving
from argosy.testing.tls import Identity, make_identity, tls_front

_DROPPED = frozenset(
    {"host", "content-length", "connection", "transfer-encoding", "content-encoding", "accept-encoding"}
)
_MERGE = "application/merge-patch+json"


@dataclass
class Trouble:
    """What goes wrong, each as a share from 0 to 1 of the requests that it may happen to.

    Attributes:
        cut: watches that are cut at some moment within `cut_within` seconds.
        contended: changes that come second: somebody else has written just before. One that compares no version gets
            the conflict with which a server ends its own tries.
        throttled: requests that are told to come back after a second (429).
        unavailable: requests that are told 503, half of them after they were carried out.
    """

    cut: float = 0.0
    cut_within: float = 1.0
    contended: float = 0.0
    throttled: float = 0.0
    unavailable: float = 0.0


@dataclass
class UnrulyApi:
    """Stands before `cluster`. `seen` counts what was asked, by method, and what was played, by its name."""

    cluster: Cluster
    folder: Path
    seed: int = 0
    trouble: Trouble = field(default_factory=Trouble)
    seen: Counter[str] = field(default_factory=Counter)
    _port: int = field(default=0, init=False)
    _identity: Identity | None = field(default=None, init=False, repr=False)
    _there: httpx2.AsyncClient | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._watching: set[asyncio.Timeout] = set()

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[UnrulyApi]:
        """Serve until the block ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._identity = make_identity(self.folder)
        trust = ssl.create_default_context(cafile=str(self.cluster.ca_file))
        limits = httpx2.Limits(max_connections=None)
        async with (
            httpx2.AsyncClient(base_url=self.cluster.url, verify=trust, timeout=60, limits=limits) as self._there,
            serving(self._app) as url,
            tls_front(url, self._identity) as self._port,
        ):
            yield self

    def kubeconfig(self, user: str = ADMIN) -> Path:
        """A kubeconfig that leads here."""
        assert self._identity is not None
        content = orjson.loads(self.cluster.kubeconfig(user).read_bytes())
        content["clusters"][0]["cluster"] = {
            "server": f"https://127.0.0.1:{self._port}",
            "certificate-authority": str(self._identity.certificate),
        }
        path = self.folder / f"kubeconfig-{user}"
        path.touch(mode=0o600)
        path.write_bytes(orjson.dumps(content))
        return path

    def begin(self, trouble: Trouble) -> None:
        """Play this from now on; watches that are open are cut at once."""
        self.trouble = trouble
        for each in self._watching:
            each.reschedule(asyncio.get_running_loop().time())

    def _happens(self, share: float, name: str) -> bool:
        if self._random.random() >= share:
            return False
        self.seen[name] += 1
        return True

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        watches = request.query_params.get("watch") in ("true", "1")
        self.seen["WATCH" if watches else request.method] += 1
        answer = await self._answer(request, body, watches)
        with contextlib.suppress(OSError, httpx2.HTTPError):
            await answer(scope, receive, send)

    async def _answer(self, request: Request, body: bytes, watches: bool) -> Response:
        if self._happens(self.trouble.throttled, "throttled"):
            return _status(429, "TooManyRequests", {"Retry-After": "1"})
        lost = self._happens(self.trouble.unavailable, "unavailable")
        if lost and self._random.random() < 0.5:
            return _status(503, "ServiceUnavailable")
        if request.method in ("PUT", "PATCH") and self._happens(self.trouble.contended, "contended"):
            if not _version(body):
                return _status(409, "Conflict")
            await self._write_before(request)
        try:
            answer = await self._pass_on(request, body, watches)
        except httpx2.HTTPError:
            return _status(502, "BadGateway")
        return _status(503, "ServiceUnavailable") if lost and not watches else answer

    async def _write_before(self, request: Request) -> None:
        """Somebody else writes to the resource, something that nobody cares about."""
        assert self._there is not None
        path = request.url.path.removesuffix("/status")
        patch = {"metadata": {"annotations": {"example.com/written-before": str(self.seen["contended"])}}}
        headers = {"authorization": f"Bearer {self.cluster.token()}", "content-type": _MERGE}
        with contextlib.suppress(httpx2.HTTPError):
            await self._there.patch(path, content=orjson.dumps(patch), headers=headers)

    async def _pass_on(self, request: Request, body: bytes, watches: bool) -> Response:
        assert self._there is not None
        headers = [(name, value) for name, value in request.headers.items() if name not in _DROPPED]
        target = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        sent = self._there.build_request(request.method, target, headers=headers, content=body or None)
        if watches:
            sent.extensions["timeout"] = {"connect": 10.0, "read": None, "write": 10.0, "pool": 10.0}
        got = await self._there.send(sent, stream=True)
        kept = {name: value for name, value in got.headers.items() if name not in _DROPPED}
        if watches and got.status_code == 200:
            return StreamingResponse(self._watched(got), got.status_code, kept)
        content = await got.aread()
        await got.aclose()
        return Response(content, got.status_code, kept)

    async def _watched(self, got: httpx2.Response) -> AsyncIterator[bytes]:
        """What a watch says, until it is cut, in the middle of a line where it so happens."""
        cut = self._happens(self.trouble.cut, "cut")
        seconds = self._random.uniform(0.0, self.trouble.cut_within) if cut else None
        try:
            async with asyncio.timeout(seconds) as limit:
                self._watching.add(limit)
                async for piece in got.aiter_raw():
                    yield piece
        except TimeoutError:
            self.seen["cut off"] += 1
            yield b'{"type":"MODIFIED","object":{"kind"'
            raise ConnectionResetError("cut") from None
        finally:
            self._watching.discard(limit)
            await got.aclose()


def _version(body: bytes) -> str:
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    meta = data.get("metadata") if isinstance(data, dict) else None
    return str(meta.get("resourceVersion") or "") if isinstance(meta, dict) else ""


def _status(code: int, reason: str, headers: dict[str, str] | None = None) -> Response:
    content = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}
    return JSONResponse({**content, "message": f"played: {reason}"}, code, headers)
