"""OCI registries: tags, manifests and blobs by the distribution protocol, every content checked against its digest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import orjson

from argosy.clients.challenge import Grant, Tokens, advice
from argosy.clients.http import MIB, Http, Refused, Request, Response, joined, nonsense
from argosy.clients.login import Login, PlainHttp
from argosy.clock import Clock
from argosy.errors import Permanent, Temporary
from argosy.rules import git_url
from argosy.rules.image_url import Repository

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEXES = (OCI_INDEX, DOCKER_INDEX)
MANIFESTS = (OCI_MANIFEST, DOCKER_MANIFEST)

_ACCEPT = ", ".join((*INDEXES, *MANIFESTS))
# Registries answer with as many tags as they like when asked for too many; a few refuse, so smaller pages come next.
_PAGE_SIZES = (10_000, 1_000, 0)
_PAGE_REFUSED = (400, 405, 416, 422)
_MAX_TAGS = 500_000
_MAX_PAGES = 2_000
_TAG_PAGE = 32 * MIB
_NEXT = re.compile(r"""<([^<>]*)>\s*;[^,]*\brel\s*=\s*["']?(?:[^"',;]*\s)?next\b""", re.IGNORECASE)
_CODE = re.compile(r"[A-Z_]{1,40}")
_HASHES = ("sha256", "sha512")


@dataclass(frozen=True, slots=True)
class Access:
    """How registries may be spoken to.

    Attributes:
        plain_http: registries (`host` or `host:port`) that speak only plain HTTP. Those on loopback need no mention.
        logins: whether logins may be sent over plain HTTP.
    """

    plain_http: frozenset[str] = frozenset()
    logins: PlainHttp = PlainHttp.LOOPBACK


@dataclass(frozen=True, slots=True)
class Target:
    """A repository and who we are to it; `verify` False accepts any certificate."""

    repository: Repository
    login: Login | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """One request below `/v2/<repository>/`; an absolute `path` (from a Location) is taken as it is. `reads` is
    the path of another repository that the request reads from, too."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = field(default=b"", repr=False)
    limit: int = 4 * MIB
    actions: str = "pull"
    reads: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """All tags of a repository in the registry's order. `etag` lets the next listing be answered with "the same"."""

    tags: tuple[str, ...]
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest or an index, its content checked against `digest`."""

    digest: str
    media_type: str
    data: Mapping[str, Any]
    content: bytes = field(default=b"", repr=False)


class Oci:
    """Talks to every registry. Login state is kept per registry and login, so one instance serves a process.

    Every method raises Temporary when the registry cannot answer now or answers nonsense, and Refused (a Permanent)
    when it says no.
    """

    def __init__(self, http: Http, clock: Clock, access: Access = Access()) -> None:
        self._http = http
        self._access = access
        self._tokens = Tokens(http, clock, access.logins)
        self._schemes: dict[str, str] = {}
        self._page_sizes: dict[str, int] = {}

    async def tags(self, target: Target, known: Listing | None = None) -> Listing:
        """List all tags. `known` is returned as it is when the registry says that nothing changed."""
        first = await self._first_page(target, known)
        if first.status == 304 and known is not None:
            return known
        tags = dict.fromkeys(_page(first, target))
        response, seen = first, {first.url}
        while following := _next_page(response):
            if following in seen or len(seen) >= _MAX_PAGES or len(tags) > _MAX_TAGS:
                raise Temporary(f"{target.repository} lists its tags without end")
            seen.add(following)
            response = _expect(await self.call(target, Call(following, limit=_TAG_PAGE)), target, "its tags")
            tags.update(dict.fromkeys(_page(response, target)))
        return Listing(tuple(tags), first.headers.get("etag", "") if response is first else "")

    async def digest(self, target: Target, tag: str) -> str | None:
        """The digest that a tag points to now; None when there is no such tag. Transfers no content."""
        response = await self.call(target, Call(f"manifests/{quote(tag)}", "HEAD", {"accept": _ACCEPT}))
        if response.status == 404:
            return None
        digest = response.headers.get("docker-content-digest", "")
        if response.status == 200 and digest.partition(":")[0] in _HASHES:
            return digest
        manifest = await self.manifest(target, tag)
        return manifest.digest if manifest else None

    async def manifest(self, target: Target, reference: str) -> Manifest | None:
        """The manifest or index under a tag or digest; None when there is none."""
        response = await self.call(target, Call(f"manifests/{quote(reference, safe=':')}", headers={"accept": _ACCEPT}))
        if response.status == 404:
            return None
        _expect(response, target, f"the manifest {reference}")
        promised = reference if ":" in reference else response.headers.get("docker-content-digest", "")
        digest = _verified(response.content, promised, f"the manifest {reference} of {target.repository}")
        data = response.json()
        if not isinstance(data, dict):
            raise nonsense(response, "a manifest")
        media_type = response.headers.get("content-type", "").partition(";")[0].strip()
        if media_type not in (*INDEXES, *MANIFESTS):
            media_type = str(data.get("mediaType") or media_type)
        return Manifest(digest, media_type, data, response.content)

    async def blob(self, target: Target, digest: str, *, limit: int = 8 * MIB) -> bytes:
        """The content of a blob of at most `limit` bytes."""
        response = await self.call(target, Call(f"blobs/{quote(digest, safe=':')}", limit=limit))
        _expect(response, target, f"the blob {digest}")
        _verified(response.content, digest, f"the blob {digest} of {target.repository}")
        return response.content

    async def call(self, target: Target, call: Call) -> Response:
        """Send a request with the login that the registry demands. Any status may come back, 401 included."""
        scopes = [f"repository:{target.repository.path}:{call.actions}"]
        if call.reads:
            scopes.append(f"repository:{call.reads}:pull")
        grant = Grant(target.repository.registry, target.login, tuple(scopes), target.verify)
        authorization = await self._tokens.authorization(grant, self._origin(target))
        response = await self._send(target, call, authorization)
        # Another host, to which this one redirected, is not asked where to send the login.
        if response.status != 401 or not response.url.startswith(f"{self._origin(target)}/"):
            return response
        header = response.headers.get("www-authenticate", "")
        better = await self._tokens.answer(header, grant, self._origin(target), refused=authorization)
        return await self._send(target, call, better) if better else response

    async def _first_page(self, target: Target, known: Listing | None) -> Response:
        registry = target.repository.registry
        headers = {"if-none-match": known.etag} if known and known.etag else {}
        for size in _PAGE_SIZES[self._page_sizes.get(registry, 0) :]:
            path = f"tags/list?n={size}" if size else "tags/list"
            response = await self.call(target, Call(path, headers=headers, limit=_TAG_PAGE))
            if not size or response.status not in _PAGE_REFUSED:
                self._page_sizes[registry] = _PAGE_SIZES.index(size)
                break
        if response.status == 304:
            return response
        return _expect(response, target, "its tags")

    async def _send(self, target: Target, call: Call, authorization: str) -> Response:
        response = await self._http.send(self._request(target, call, authorization))
        registry = target.repository.registry
        if response.status == 400 and registry not in self._schemes and self._origin(target).startswith("http://"):
            return await self._try_tls(target, call, response)
        self._schemes.setdefault(registry, urlsplit(self._origin(target)).scheme)
        return response

    async def _try_tls(self, target: Target, call: Call, refused: Response) -> Response:
        """A TLS port answers plain HTTP with 400, and no login was sent yet: try it the other way, once."""
        registry = target.repository.registry
        self._schemes[registry] = "https"
        try:
            return await self._http.send(self._request(target, call, ""))
        except Temporary:
            self._schemes[registry] = "http"
            return refused

    def _request(self, target: Target, call: Call, authorization: str) -> Request:
        url = joined(f"{self._origin(target)}/v2/{target.repository.path}/", call.path)
        headers = dict(call.headers)
        if authorization and url.startswith(f"{self._origin(target)}/"):
            headers["authorization"] = authorization
        return Request(call.method, url, headers, call.content, call.limit, target.verify)

    def _origin(self, target: Target) -> str:
        registry = target.repository.registry
        plain = registry in self._access.plain_http or git_url.is_loopback(target.repository.host)
        return f"{self._schemes.get(registry, 'http' if plain else 'https')}://{registry}"


def _page(response: Response, target: Target) -> list[str]:
    body = response.json()
    # An empty repository may list null.
    tags = (body.get("tags") or []) if isinstance(body, dict) else None
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise nonsense(response, f"a list of the tags of {target.repository}")
    return tags


def _next_page(response: Response) -> str:
    """The URL of the next page; empty after the last.

    Always on the same server, whatever host the link names: behind proxies, registries name themselves wrongly, and a
    login must not leave for another.
    """
    link = _NEXT.search(response.headers.get("link", ""))
    if link is None:
        return ""
    return urlunsplit((*urlsplit(response.url)[:2], *urlsplit(joined(response.url, str(link[1])))[2:4], ""))


def _verified(content: bytes, promised: str, what: str) -> str:
    """The digest of `content`. Raises Temporary when it is not the promised one (empty: nothing was promised)."""
    algorithm, _, _ = (promised or "sha256:").partition(":")
    if algorithm not in _HASHES:
        raise Permanent(f"{what} has a digest of the unknown kind {algorithm!r}")
    digest = f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"
    if promised and digest != promised:
        raise Temporary(
            f"{what} arrived damaged: its digest is {digest}",
            advice="If it stays so, the registry or a proxy in between changes content",
        )
    return digest


def _expect(response: Response, target: Target, what: str) -> Response:
    """Returns an answer with status 200. Raises Refused for any other, with the registry's own error codes."""
    if response.status == 200:
        return response
    raise refused(response, target, what)


def refused(response: Response, target: Target, what: str, deed: str = "show") -> Refused:
    """The error for a registry that would not, with its own error codes."""
    codes = _codes(response.content)
    message = f"{target.repository} refused to {deed} {what}: {response.status}" + (f" ({codes})" if codes else "")
    return Refused(message, status=response.status, advice=advice(response.status, target.login))


def _codes(content: bytes) -> str:
    """The registry's error codes; its messages are left out, for what they hold is not ours to show."""
    try:
        errors = orjson.loads(content)["errors"]
        codes = [error["code"] for error in errors[:3]]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
    return ", ".join(code for code in codes if isinstance(code, str) and _CODE.fullmatch(code))
