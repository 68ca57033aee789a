"""LFS servers: where the contents of pointers can be had (Batch API), and fetching them (basic transfer).

The address of the server is that of the repository with `/info/lfs`, or what its host says over SSH; a `.lfsconfig` in
the repository is not read.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import orjson
from pydantic import BaseModel, Field, ValidationError

from argosy.clients.git import Remote
from argosy.clients.git_error import AuthenticationRefused, RepositoryNotFound
from argosy.clients.git_ssh import HostKeys
from argosy.clients.http import MIB, Response, nonsense, place_of, retry_after
from argosy.clients.lfs_ssh import authenticate
from argosy.clients.login import PlainHttp
from argosy.clients.web import Ask, Web
from argosy.clock import Clock
from argosy.errors import ArgosyError, NotFound, Permanent, Temporary
from argosy.rules import git_url
from argosy.rules.lfs_pointer import LfsObject

_TYPE = "application/vnd.git-lfs+json"
_PORTION = 100  # objects asked for at once, as git-lfs does
_ATTEMPTS, _PAUSE, _PATIENCE = 3, 0.5, 5.0
_LATER = frozenset({408, 429, 500, 502, 503, 504, 509})
_Headers = Sequence[tuple[str, str]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """Where one object can be had: a URL, and the headers to send there, which may hold secrets."""

    object: LfsObject
    url: str
    headers: Sequence[tuple[str, str]] = field(default=(), repr=False)


class _Action(BaseModel):
    href: str
    header: dict[str, str] = Field(default_factory=dict)


class _Actions(BaseModel):
    download: _Action | None = None


class _Error(BaseModel):
    code: int = 0
    message: str = ""


class _Object(BaseModel):
    oid: str
    size: int = -1
    authenticated: bool | None = None
    actions: _Actions | None = None
    error: _Error | None = None


class _Answer(BaseModel):
    transfer: str | None = None
    objects: list[_Object]


@dataclass(frozen=True, slots=True)
class Lfs:
    """Talks to LFS servers.

    Attributes:
        plain_http: where a login may be sent without TLS.
        seconds: how long one exchange may take.
        hosts: which hosts are trusted over SSH.
    """

    web: Web
    clock: Clock
    plain_http: PlainHttp = PlainHttp.NEVER
    seconds: float = 600.0
    hosts: HostKeys = field(default_factory=HostKeys)

    async def locate(self, remote: Remote, wanted: Sequence[LfsObject], ref: str = "") -> list[Source]:
        """Ask the server of `remote` for `wanted`, which `ref` holds; all are granted, or an error is raised.

        Raises AuthenticationRefused, RepositoryNotFound, NotFound (an object is not there), Temporary or Permanent.
        """
        found: list[Source] = []
        for start in range(0, len(wanted), _PORTION):
            portion = wanted[start : start + _PORTION]
            found += await self._persist(lambda portion=portion: self._batch(remote, portion, ref))  # type: ignore[misc]
        return found

    async def download(self, source: Source, target: Path, *, verify_tls: bool) -> None:
        """Write an object to the new file `target`; it is as the pointer says, or an error is raised and no file left.

        Raises NotFound, AuthenticationRefused, Temporary or Permanent; OSError.
        """

        async def attempt() -> None:
            try:
                await self._download(source, target, verify_tls)
            except BaseException:
                target.unlink(missing_ok=True)  # noqa: ASYNC240 - one quick call
                raise

        await self._persist(attempt)

    async def _persist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        for number in range(1, _ATTEMPTS):
            try:
                return await attempt()
            except Temporary as error:
                if (error.after or 0.0) > _PATIENCE:
                    raise
                await self.clock.sleep(max(error.after or 0.0, _PAUSE * number))
        return await attempt()

    async def _batch(self, remote: Remote, wanted: Sequence[LfsObject], ref: str) -> list[Source]:
        url, login = await self._server(remote)
        question = {
            "operation": "download",
            "transfers": ["basic"],
            "objects": [{"oid": one.oid, "size": one.size} for one in wanted],
            "hash_algo": "sha256",
            **({"ref": {"name": ref}} if ref else {}),
        }
        headers = [("accept", _TYPE), ("content-type", _TYPE), *login]
        response = await self.web.send(
            Ask(
                url,
                "POST",
                headers,
                content=orjson.dumps(question),
                timeout=min(self.seconds, 60.0),
                verify=remote.verify_tls,
                limit=4 * MIB,
            )
        )
        if response.status != 200:
            raise _refusal(response, self.clock)
        try:
            answer = _Answer.model_validate_json(response.content)
        except ValidationError:
            raise nonsense(response, "an answer of a Git LFS server") from None
        return _sources(url, answer, wanted, login)

    async def _server(self, remote: Remote) -> tuple[str, _Headers]:
        """Where to ask, and the headers that log in there."""
        if git_url.parse(remote.url).scheme != "ssh":
            return batch_url(remote.url), self._authorization(remote)
        granted = await authenticate(remote, self.hosts)
        if granted.headers:
            parts = urlsplit(granted.url)
            self.plain_http.check(parts.scheme, parts.hostname or "", where=granted.url)
        return f"{granted.url}/objects/batch", granted.headers

    def _authorization(self, remote: Remote) -> list[tuple[str, str]]:
        login = remote.login
        if login is None or not (login.username or login.password):
            return []
        parts = urlsplit(remote.url)
        self.plain_http.check(parts.scheme, parts.hostname or "", where=remote.url)
        basic = base64.b64encode(f"{login.username or 'git'}:{login.password}".encode()).decode()
        return [("authorization", f"Basic {basic}")]

    async def _download(self, source: Source, target: Path, verify_tls: bool) -> None:
        wanted = source.object
        what = f"{place_of(source.url)}, where LFS object {wanted.oid[:12]} should be,"
        ask = Ask(source.url, headers=source.headers, timeout=self.seconds, verify=verify_tls, limit=wanted.size)
        got = await self.web.download(ask, target)
        if got.status != 200:
            raise _no_download(what, got.status)
        if got.size < wanted.size:
            raise Temporary(f"{what} answered with {got.size} bytes instead of {wanted.size}")
        if got.sha256 != wanted.oid:
            raise Permanent(
                f"{what} answered with another content", advice="Find out what is wrong with the LFS server"
            )


def batch_url(url: str) -> str:
    """Where the LFS server of a repository takes questions."""
    bare = url.rstrip("/")
    return f"{bare}{'' if bare.endswith('.git') else '.git'}/info/lfs/objects/batch"


def _sources(url: str, answer: _Answer, wanted: Sequence[LfsObject], login: _Headers) -> list[Source]:
    """Raises NotFound, AuthenticationRefused, Temporary or Permanent unless every object is granted."""
    if answer.transfer not in (None, "", "basic"):
        raise Permanent(f"{place_of(url)} wants to transfer LFS objects by {answer.transfer!r}, which was not offered")
    granted = {one.oid: one for one in answer.objects}
    return [_source(url, granted.get(one.oid), one, login) for one in wanted]


def _source(url: str, told: _Object | None, wanted: LfsObject, login: _Headers) -> Source:
    place = place_of(url)
    if told is not None and told.error is not None:
        raise _object_error(place, told.error, wanted)
    action = told.actions.download if told is not None and told.actions is not None else None
    if told is None or action is None:
        raise Permanent(
            f"{place} does not say where LFS object {wanted.oid[:12]} can be had",
            advice="Push the object once more: git lfs push --all",
        )
    if told.size not in (-1, wanted.size):
        raise Permanent(f"{place} has {told.size} bytes for LFS object {wanted.oid[:12]}, not {wanted.size}")
    try:
        href = urljoin(url, action.href)
    except ValueError:
        raise Permanent(f"{place} names a URL for LFS object {wanted.oid[:12]} that cannot be read") from None
    if urlsplit(url).scheme == "https" and urlsplit(href).scheme != "https":
        raise Permanent(
            f"{place} sends us to plain http:// for LFS object {wanted.oid[:12]}, which was not followed",
            advice="Let the LFS server hand out https:// URLs",
        )
    headers = tuple(action.header.items())
    # Who says nothing of a login there wants that of the repository; no other server is to see it.
    if (
        not told.authenticated
        and _origin(href) == _origin(url)
        and "authorization" not in map(str.lower, action.header)
    ):
        headers += tuple(login)
    return Source(wanted, href, headers)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _object_error(place: str, error: _Error, wanted: LfsObject) -> ArgosyError:
    what = f"{place} has no LFS object {wanted.oid[:12]} of {wanted.size} bytes: {error.code} {error.message[:200]}"
    if error.code in (404, 410):
        return NotFound(what.rstrip(), advice="Push it from a clone that has it: git lfs push --all origin")
    if error.code in (401, 403):
        return AuthenticationRefused(what.rstrip(), advice="Give these credentials access to the repository's LFS")
    if error.code in _LATER:
        return Temporary(what.rstrip())
    return Permanent(what.rstrip(), advice="Check the pointer in the repository: git lfs fsck --pointers")


def _refusal(response: Response, clock: Clock) -> ArgosyError:
    place, status = place_of(response.url), response.status
    if status in (401, 403):
        return AuthenticationRefused(
            f"{place} refused the login of the repository ({status})",
            advice="Check the credentials Secret for this repository, and that its token may read LFS objects",
        )
    if status in (404, 410):
        return RepositoryNotFound(
            f"{place} answered {status}: there is no LFS server for this repository, or the login may not see it",
            advice="Turn on Git LFS for the repository on its server, or leave out lfs: true",
        )
    if status in _LATER:
        return Temporary(f"{place} answered {status}", after=retry_after(response, clock))
    return Permanent(f"{place} answered {status}", advice="Check that the repository's server has Git LFS")


def _no_download(what: str, status: int) -> ArgosyError:
    if status in _LATER:
        return Temporary(f"{what} answered {status}")
    if status in (401, 403):
        return AuthenticationRefused(f"{what} answered {status}", advice="Find out why its own server cannot read it")
    if status in (404, 410):
        return NotFound(f"{what} answered {status}", advice="Push it from a clone that has it: git lfs push --all")
    return Permanent(f"{what} answered {status}")


async def gather_few(jobs: Sequence[Callable[[], Awaitable[None]]], most: int) -> None:
    """Run jobs, at most `most` at once; the first error ends them all."""
    turn = asyncio.Semaphore(most)

    async def run(job: Callable[[], Awaitable[None]]) -> None:
        async with turn:
            await job()

    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(run(job))
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
