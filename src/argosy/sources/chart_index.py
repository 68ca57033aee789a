"""Chart indexes: which versions the classic chart repositories hold, shared by all who watch them.

The index of a large repository has tens of megabytes, so it is transferred and read only when it changed, and once for
all who ask at the same time.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from argosy.clients.challenge import basic
from argosy.clients.http import MIB, Http, Refused, Request, Response, nonsense, place_of
from argosy.clients.login import Login, PlainHttp
from argosy.sources.chart_index_text import Versions, versions_in
from argosy.sources.coalescence import Coalescence

_LONGEST = 128 * MIB
_KEPT = 256
_VALIDATORS = {"etag": "if-none-match", "last-modified": "if-modified-since"}


@dataclass(frozen=True, slots=True)
class Place:
    """A classic chart repository and who we are to it; `verify` False accepts any certificate."""

    url: str
    login: Login | None = None
    verify: bool = True

    @property
    def index(self) -> str:
        """The URL of the index."""
        return f"{self.url.removesuffix('/')}/index.yaml"


@dataclass(frozen=True, slots=True)
class _Index:
    versions: Versions
    conditions: Mapping[str, str]
    """Headers with which a server answers 304 while the index is the same."""


class ChartIndexes:
    """The indexes of repositories. `logins` says whether passwords may be sent over plain HTTP."""

    def __init__(self, http: Http, logins: PlainHttp = PlainHttp.LOOPBACK) -> None:
        self._http = http
        self._logins = logins
        # By login and verification too: "unchanged" says something only of what the same question was answered before.
        self._known: OrderedDict[Place, _Index] = OrderedDict()
        self._parsing = asyncio.Semaphore(os.cpu_count() or 1)
        # One at a time of each server: reading a large index takes seconds, and nobody else is to wait for many.
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._reads = Coalescence[Place, Versions](self._read)

    async def get(self, place: Place) -> Versions:
        """What a repository holds, as its index says when this is asked: the server judges each login each time.

        Raises:
            Refused: the server says no, or has no index.
            Permanent: the URL cannot be used, the login may not be sent, or the index is too long.
            Temporary: the server cannot answer now, or what it answers is no index.
        """
        return await self._reads.get(place)

    async def _read(self, place: Place) -> Versions:
        known = self._known.get(place)
        response = await self._http.send(self._request(place, known))
        if known is not None and response.status == 304:
            return known.versions
        if response.status != 200:
            raise _refused(response, place)
        async with self._turns[urlsplit(place.url).netloc], self._parsing:
            versions = await asyncio.to_thread(_parse, response)
        conditions = {
            condition: response.headers[header]
            for header, condition in _VALIDATORS.items()
            if header in response.headers
        }
        self._keep(place, _Index(versions, conditions))
        return versions

    def _keep(self, place: Place, index: _Index) -> None:
        self._known[place] = index
        self._known.move_to_end(place)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)

    def _request(self, place: Place, known: _Index | None) -> Request:
        headers = dict(known.conditions) if known else {}
        request = Request("GET", place.index, headers, limit=_LONGEST, verify=place.verify)
        if place.login is None:
            return request
        parts = urlsplit(place.url)
        self._logins.check(parts.scheme, parts.hostname or "", where=place_of(place.url))
        return replace(request, headers={**headers, "authorization": basic(place.login)})


def _refused(response: Response, place: Place) -> Refused:
    where = place_of(place.index)
    if response.status == 404:
        return Refused(
            f"{where} is not there",
            status=404,
            advice="repoURL is the folder that holds index.yaml; for a chart in a registry write it with oci://.",
        )
    advice = "Open the URL yourself to see what the server says."
    if response.status in (401, 403):
        advice = "Check the login in the Secret for this repository, and that it may read the charts."
        if place.login is None:
            advice = (
                "If the repository is private, add a Secret labelled kargo.akuity.io/cred-type: helm to the Project, "
                "with its repoURL, username and password."
            )
    return Refused(f"{where} answered {response.status}", status=response.status, advice=advice)


def _parse(response: Response) -> Versions:
    """The versions in an index. Raises Temporary for what is none: proxies and login pages come and go."""
    try:
        return versions_in(response.content)
    except ValueError:
        raise nonsense(response, "the index of a chart repository") from None
