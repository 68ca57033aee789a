"""A Git server with Git LFS, in memory: Batch API, basic transfers and verification, as their documentation says."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from argosy.testing.git_server import GitServer

_Message = MutableMapping[str, Any]
_TYPE = "application/vnd.git-lfs+json"
_API, _TRANSFER = "/info/lfs/", "/lfs-transfer/"


def pointer_to(content: bytes) -> str:
    """The pointer that a repository holds in place of `content`."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid_of(content)}\nsize {len(content)}\n"


def oid_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class LfsServer(GitServer):
    """Serves every repository below `root`, and the objects of each.

    Args:
        objects: content by repository (`app`) and oid.
        batches: what the Batch API was asked, in order.
        transfers: the headers of each download, with its `path`, in order.
        batch_answers: responses to the next questions to the Batch API, for playing a server in trouble.
        errors: error codes by oid, told for single objects.
        served: what is sent as the content of an oid instead of it.
        href: makes the URL for downloads of an oid from the right one.
        status: the statuses of the next downloads.
        authenticated: what is said of downloads, which then name no login; None for those that do.
        drips: whether downloads never end, a byte at a time.
    """

    objects: dict[str, dict[str, bytes]] = field(default_factory=dict)
    batches: list[dict[str, Any]] = field(default_factory=list)
    transfers: list[dict[str, str]] = field(default_factory=list)
    batch_answers: list[Response] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    served: dict[str, bytes] = field(default_factory=dict)
    href: Callable[[str], str] = lambda url: url
    status: list[int] = field(default_factory=list)
    authenticated: bool | None = None
    drips: bool = False
    _grant: str = field(default_factory=lambda: f"RemoteAuth {secrets.token_hex(8)}", repr=False)

    def keep(self, name: str, content: bytes) -> str:
        """Have an object in repository `name`; returns the pointer to it."""
        self.objects.setdefault(name, {})[oid_of(content)] = content
        return pointer_to(content)

    async def app(
        self, scope: _Message, receive: Callable[[], Awaitable[_Message]], send: Callable[[_Message], Awaitable[None]]
    ) -> None:
        path = scope["path"]
        if _API not in path and _TRANSFER not in path:
            await super().app(scope, receive, send)
            return
        self.requests.append(f"{scope['method']} {path}")
        request = Request(scope, receive)
        answer = await (self._ask(request) if _API in path else self._transfer(request))
        await answer(scope, receive, send)

    async def _ask(self, request: Request) -> Response:
        name, _, what = request.url.path.lstrip("/").removesuffix("/").partition(f".git{_API}")
        authorization = request.headers.get("authorization", "")
        if not (self._may(authorization) or (what == "verify" and authorization == self._grant)):
            return _json({"message": "Credentials needed"}, 401, {"LFS-Authenticate": 'Basic realm="Git LFS"'})
        if request.headers.get("accept", "").split(";")[0] != _TYPE:
            return _json({"message": "not acceptable"}, 406)
        body = orjson.loads(await request.body() or b"{}")
        if what == "verify":
            uploaded = self.objects.get(name, {}).get(body["oid"])
            return Response(status_code=200 if uploaded is not None and len(uploaded) == body["size"] else 404)
        if what != "objects/batch" or not (self.root / f"{name}.git").exists():
            return _json({"message": "Not found"}, 404)
        self.batches.append(body)
        if self.batch_answers:
            return self.batch_answers.pop(0)
        kept = self.objects.setdefault(name, {})
        told = [self._object(name, body["operation"], one, one["oid"] in kept) for one in body["objects"]]
        return _json({"transfer": "basic", "objects": told, "hash_algo": "sha256"})

    def _object(self, name: str, operation: str, asked: dict[str, Any], known: bool) -> dict[str, Any]:
        oid, size = asked["oid"], asked["size"]
        code = self.errors.get(oid) or (404 if operation == "download" and not known else 0)
        if code:
            return {"oid": oid, "size": size, "error": {"code": code, "message": "Object does not exist"}}
        if operation == "upload" and known:
            return {"oid": oid, "size": size}
        header = {"Authorization": self._grant}
        href = f"{self.url}{_TRANSFER}{name}/{oid}"
        actions: dict[str, Any] = {operation: {"href": href, "header": header, "expires_in": 3600}}
        if operation == "download":
            actions[operation]["href"] = self.href(href)
        else:
            actions["verify"] = {"href": f"{self.url}/{name}.git{_API}verify", "header": header}
        if operation == "download" and self.authenticated is not None:
            del actions[operation]["header"]
        return {"oid": oid, "size": size, "authenticated": self.authenticated is not False, "actions": actions}

    async def _transfer(self, request: Request) -> Response:
        name, _, oid = request.url.path.removeprefix(_TRANSFER).rpartition("/")
        if request.method == "GET":
            self.transfers.append({"path": request.url.path, **request.headers})
        authorization = request.headers.get("authorization", "")
        if authorization != self._grant and not (self.authenticated is False and self._may(authorization)):
            return Response(status_code=403)
        if request.method == "PUT":
            content = await request.body()
            if oid_of(content) != oid:
                return Response(status_code=422)
            self.objects.setdefault(name, {})[oid] = content
            return Response()
        if self.status and (status := self.status.pop(0)) != 200:
            return Response(status_code=status)
        content = self.served.get(oid, self.objects.get(name, {}).get(oid, b""))
        if self.drips:
            return StreamingResponse(_dripping(content), media_type="application/octet-stream")
        # In chunks, so that a length that is wrong is not told beforehand.
        return StreamingResponse(_chunks(content), media_type="application/octet-stream")


def _json(content: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, media_type=_TYPE)


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1 << 16):
        yield content[start : start + (1 << 16)]


async def _dripping(content: bytes) -> AsyncIterator[bytes]:
    yield content[:1]
    await asyncio.Event().wait()
