"""A small, real OCI registry: push, pull, pages of tags, three ways to log in, and trouble on demand."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson
from starlette.requests import Request
from starlette.responses import Response

from argosy.testing.registry_content import RegistryContent, Repository, digest_of
from argosy.testing.serving import serving

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_PATH = re.compile(r"/v2/(.+?)/(tags/list|manifests/[^/]+|blobs/uploads/[^/]*|blobs/[^/]+)")


@dataclass
class Fault:
    """Trouble for the next `times` requests whose line (such as `GET /v2/app/tags/list?n=5`) holds `match`.

    Either an answer (`status`, `headers`, `body`) or, with `hang`, none at all.
    """

    match: str = ""
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    hang: bool = False
    times: int = 1


@dataclass
class Registry:
    """Serves repositories by the OCI distribution protocol.

    Args:
        auth: `none`, `basic`, or `token`: bearer tokens from a token server of its own at `/token`.
        users: user name to password; with `token`, anonymous clients may pull from repositories in `public`.
        public: names of repositories that need no login in mode `token`.
        page: the most tags in one answer, the rest behind a Link header; 0 means all at once.
        refuse_large_pages: answer 400 when a client asks for more than `page` at once, as some registries do.
        blobs_at: send clients to this origin for blobs, as registries with a CDN do.
        content: what it holds; give it a folder to keep that.
        faults: trouble to make, in order.
        requests: what was asked for so far: method, path and query.
        life: the seconds that tokens live.
    """

    auth: Literal["none", "basic", "token"] = "none"
    users: dict[str, str] = field(default_factory=dict)
    public: set[str] = field(default_factory=set)
    page: int = 0
    refuse_large_pages: bool = False
    blobs_at: str = ""
    content: RegistryContent = field(default_factory=RegistryContent)
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    life: int = 300
    url: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, bytearray] = field(default_factory=dict)

    @classmethod
    def kept(cls, folder: Path) -> Registry:
        """A registry without logins whose content survives in `folder`."""
        return cls(content=RegistryContent(folder))

    @property
    def host(self) -> str:
        """Host and port, as image references begin with."""
        return self.url.removeprefix("http://")

    @contextlib.asynccontextmanager
    async def serve(self, *, port: int = 0) -> AsyncIterator[Registry]:
        """Serve on loopback until the block ends; `url` and `host` are then known."""
        async with serving(self.app, port=port) as url:
            self.url = url
            yield self

    def count(self, part: str = "") -> int:
        """How many requests so far hold `part`."""
        return sum(part in request for request in self.requests)

    async def app(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """The ASGI application."""
        request = Request(scope, receive)
        query = f"?{request.url.query}" if request.url.query else ""
        line = f"{request.method} {request.url.path}{query}"
        self.requests.append(line)
        fault = self._fault(line)
        if fault is None:
            response = self._answer(request, await request.body())
        elif fault.hang:
            await _until_gone(receive)
            return
        else:
            response = Response(fault.body, fault.status, dict(fault.headers))
        await response(scope, receive, send)

    def _fault(self, line: str) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fault.match in line:
                fault.times -= 1
                return fault
        return None

    def _answer(self, request: Request, body: bytes) -> Response:
        if request.url.path == "/token":
            return self._issue(request)
        matched = _PATH.fullmatch(request.url.path)
        name, rest = (matched[1], matched[2]) if matched else ("", "")
        action = "pull" if request.method in ("GET", "HEAD") else "push"
        if not self._may(request, name, action):
            return self._challenge(name, action)
        if request.url.path == "/v2/":
            return _json({})
        if not rest:
            return _error(404, "UNSUPPORTED")
        if rest.startswith("blobs/uploads/"):
            return self._upload(request, name, rest.removeprefix("blobs/uploads/"), body)
        kind, _, reference = rest.partition("/")
        if kind == "manifests" and request.method == "PUT":
            return self._put_manifest(request, name, reference, body)
        repository = self.content.repositories.get(name)
        if repository is None:
            return _error(404, "NAME_UNKNOWN")
        if kind == "manifests" and request.method == "DELETE":
            self.content.delete_tag(name, reference)
            return Response(status_code=202)
        if kind == "tags":
            return self._tags(request, name, repository)
        return (
            _manifest(request, repository, reference)
            if kind == "manifests"
            else self._blob(repository, reference, request)
        )

    # --- who may ---

    def _may(self, request: Request, name: str, action: str) -> bool:
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        if self.auth == "basic":
            return kind == "Basic" and self._known(value)
        if self.auth == "token":
            return kind == "Bearer" and f"repository:{name}:{action}" in self.tokens.get(value, "").split()
        return True

    def _known(self, value: str) -> bool:
        user, _, password = b64decode(value).decode().partition(":")
        return user in self.users and self.users[user] == password

    def _challenge(self, name: str, action: str) -> Response:
        scope = f"repository:{name}:{action}"
        demand = (
            f'Bearer realm="{self.url}/token",service="{self.host}",scope="{scope}"'
            if self.auth == "token"
            else 'Basic realm="registry"'
        )
        return _error(401, "UNAUTHORIZED", {"www-authenticate": demand})

    def _issue(self, request: Request) -> Response:
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        known = kind == "Basic" and self._known(value)
        if kind and not known:
            return _error(401, "UNAUTHORIZED")
        granted = []
        for scope in request.query_params.getlist("scope"):
            type_, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            granted += [
                f"{type_}:{name}:{action}"
                for action in actions.split(",")
                if known or (action == "pull" and name in self.public)
            ]
        token = secrets.token_urlsafe(16)
        self.tokens[token] = " ".join(granted)
        return _json({"token": token, "expires_in": self.life})

    # --- content ---

    def _tags(self, request: Request, name: str, repository: Repository) -> Response:
        tags = sorted(repository.tags)
        asked = int(request.query_params.get("n", "0"))
        if self.page and asked > self.page and self.refuse_large_pages:
            return _error(400, "PAGINATION_NUMBER_INVALID")
        size = min(filter(None, (asked, self.page)), default=len(tags))
        last = request.query_params.get("last", "")
        rest = [tag for tag in tags if tag > last]
        headers = {}
        if len(rest) > size:
            headers["link"] = f'</v2/{name}/tags/list?last={rest[size - 1]}&n={size}>; rel="next"'
        content = orjson.dumps({"name": name, "tags": rest[:size]})
        return _content(request, content, "application/json", {"etag": f'"{digest_of(content)}"', **headers})

    def _put_manifest(self, request: Request, name: str, reference: str, body: bytes) -> Response:
        if ":" in reference and reference != digest_of(body):
            return _error(400, "DIGEST_INVALID")
        media_type = request.headers.get("content-type", "")
        digest = self.content.put_manifest(name, reference, media_type, body)
        return Response(
            status_code=201, headers={"docker-content-digest": digest, "location": f"/v2/{name}/manifests/{digest}"}
        )

    def _upload(self, request: Request, name: str, upload: str, body: bytes) -> Response:
        if request.method == "POST":
            upload = secrets.token_hex(8)
            self.uploads[upload] = bytearray()
        if upload not in self.uploads:
            return _error(404, "BLOB_UPLOAD_UNKNOWN")
        self.uploads[upload] += body
        digest = request.query_params.get("digest", "")
        if not digest:
            location = f"/v2/{name}/blobs/uploads/{upload}"
            return Response(status_code=202, headers={"location": location, "docker-upload-uuid": upload})
        content = bytes(self.uploads.pop(upload))
        if digest_of(content) != digest:
            return _error(400, "DIGEST_INVALID")
        self.content.put_blob(name, content)
        return Response(status_code=201, headers={"location": f"/v2/{name}/blobs/{digest}"})

    def _blob(self, repository: Repository, digest: str, request: Request) -> Response:
        if digest not in repository.blobs:
            return _error(404, "BLOB_UNKNOWN")
        if self.blobs_at:
            return Response(status_code=307, headers={"location": f"{self.blobs_at}/{digest}"})
        headers = {"docker-content-digest": digest}
        return _content(request, repository.blobs[digest], "application/octet-stream", headers)


def _manifest(request: Request, repository: Repository, reference: str) -> Response:
    digest = repository.tags.get(reference, reference)
    if digest not in repository.manifests:
        return _error(404, "MANIFEST_UNKNOWN")
    media_type, content = repository.manifests[digest]
    return _content(request, content, media_type, {"etag": f'"{digest}"', "docker-content-digest": digest})


def _content(request: Request, content: bytes, media_type: str, headers: dict[str, str]) -> Response:
    if headers.get("etag") and request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    headers |= {"content-length": str(len(content)), "content-type": media_type}
    return Response(b"" if request.method == "HEAD" else content, headers=headers)


def _json(body: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")


def _error(status: int, code: str, headers: Mapping[str, str] | None = None) -> Response:
    body = orjson.dumps({"errors": [{"code": code, "message": code.lower()}]})
    return Response(body, status, headers, "application/json")


async def _until_gone(receive: _Receive) -> None:
    """Answer nothing until the client gives up."""
    with contextlib.suppress(asyncio.CancelledError):
        while (await receive())["type"] != "http.disconnect":
            pass
