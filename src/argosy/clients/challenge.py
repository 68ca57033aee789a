"""Challenges: what a registry demands after 401 (`WWW-Authenticate`), and the tokens that answer it."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from argosy.clients.http import Http, Refused, Request, joined, nonsense
from argosy.clients.login import Login, PlainHttp
from argosy.clock import Clock
from argosy.errors import Permanent

_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = re.compile(rf'[\s,]*({_NAME})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|({_NAME}))')
_SCHEME = re.compile(rf"[\s,]*({_NAME})")
_DEFAULT_LIFE = 60.0
_MARGIN = 10.0
_KEPT_TOKENS = 10_000


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to log in; `scheme` and the names of parameters are in lower case."""

    scheme: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token is for: a registry, whom we are there, and the scopes (such as `repository:team/app:pull`)."""

    registry: str
    login: Login | None
    scopes: tuple[str, ...]
    verify: bool = True


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    expires: float


def parse(header: str) -> tuple[Challenge, ...]:
    """The challenges of a `WWW-Authenticate` header (RFC 9110, 11.6.1); what cannot be read is passed over."""
    found: list[tuple[str, dict[str, str]]] = []
    place = 0
    while place < len(header):
        parameter = _PARAMETER.match(header, place)
        scheme = _SCHEME.match(header, place)
        if parameter and found:
            quoted, plain = parameter[2], parameter[3]
            value = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            found[-1][1].setdefault(parameter[1].lower(), value)
            place = parameter.end()
        elif scheme:
            found.append((scheme[1].lower(), {}))
            place = scheme.end()
        else:
            place += 1
    return tuple(Challenge(scheme, parameters) for scheme, parameters in found)


class Tokens:
    """Answers challenges. Tokens are kept until shortly before they expire; one request fetches each."""

    def __init__(self, http: Http, clock: Clock, plain_http: PlainHttp) -> None:
        self._http = http
        self._clock = clock
        self._plain_http = plain_http
        # By verification too: where to send logins is nothing to learn from whoever is in between.
        self._challenges: dict[tuple[str, bool], Challenge] = {}
        self._tokens: dict[Grant, _Token] = {}
        self._locks: dict[Grant, asyncio.Lock] = {}

    async def authorization(self, grant: Grant, origin: str) -> str:
        """The `Authorization` header to send at once, from what the registry demanded before; empty for none.

        Args:
            origin: scheme and host of the registry, for example `https://ghcr.io`.

        Raises:
            Temporary, Permanent: as `answer`.
        """
        challenge = self._challenges.get((grant.registry, grant.verify))
        if challenge is None:
            return ""
        return await self._authorization(challenge, grant, origin, refused="")

    async def answer(self, header: str, grant: Grant, origin: str, *, refused: str) -> str:
        """The `Authorization` header that answers a 401, empty when there is none better than `refused`.

        Raises:
            Permanent: the login may not be sent there, or the token server refused it.
            Temporary: the token server cannot be reached or made no sense.
        """
        offered = {challenge.scheme: challenge for challenge in reversed(parse(header))}
        challenge = offered.get("bearer") or offered.get("basic")
        if challenge is None:
            return ""
        self._challenges[grant.registry, grant.verify] = challenge
        answer = await self._authorization(challenge, grant, origin, refused=refused)
        return "" if answer == refused else answer

    async def _authorization(self, challenge: Challenge, grant: Grant, origin: str, *, refused: str) -> str:
        if challenge.scheme == "bearer":
            return await self._bearer(challenge, grant, origin, refused)
        if grant.login is None:
            return ""
        parts = urlsplit(origin)
        self._plain_http.check(parts.scheme, parts.hostname or "", where=origin)
        return basic(grant.login)

    async def _bearer(self, challenge: Challenge, grant: Grant, origin: str, refused: str) -> str:
        async with self._locks.setdefault(grant, asyncio.Lock()):
            known = self._tokens.get(grant)
            if known and known.expires > self._clock.monotonic() and f"Bearer {known.value}" != refused:
                return f"Bearer {known.value}"
            token = await self._fetch(challenge, grant, origin)
            self._keep(grant, token)
            return f"Bearer {token.value}"

    def _keep(self, grant: Grant, token: _Token) -> None:
        if len(self._tokens) >= _KEPT_TOKENS:
            now = self._clock.monotonic()
            self._tokens = {key: kept for key, kept in self._tokens.items() if kept.expires > now}
            self._locks = {key: lock for key, lock in self._locks.items() if key in self._tokens or lock.locked()}
        self._tokens[grant] = token

    async def _fetch(self, challenge: Challenge, grant: Grant, origin: str) -> _Token:
        realm = challenge.parameters.get("realm", "")
        self._check_realm(realm, grant, origin)
        demanded = tuple(challenge.parameters.get("scope", "").split())
        scopes = dict.fromkeys((*grant.scopes, *(scope for scope in demanded if scope.startswith("registry:"))))
        query = [("service", challenge.parameters["service"])] if "service" in challenge.parameters else []
        query += [("scope", scope) for scope in scopes]
        url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(query)}"
        headers = {"authorization": basic(grant.login)} if grant.login else {}
        response = await self._http.send(Request("GET", url, headers, verify=grant.verify))
        if response.status != 200:
            raise Refused(
                f"the token server of {grant.registry} answered {response.status}",
                status=response.status,
                advice=advice(response.status, grant.login),
            )
        body = response.json()
        value = (body.get("token") or body.get("access_token")) if isinstance(body, dict) else None
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise nonsense(response, "a token")
        return _Token(value, self._clock.monotonic() + _life(body.get("expires_in")))

    def _check_realm(self, realm: str, grant: Grant, origin: str) -> None:
        parts = urlsplit(joined(origin, realm))
        usable = parts.scheme == "https" or (parts.scheme == "http" and origin.startswith("http://"))
        if not usable or not parts.hostname:
            raise Permanent(
                f"{grant.registry} sends to {parts.scheme}://{parts.hostname} for tokens, which was not followed",
                advice="A registry that speaks TLS must have a token server that does too",
            )
        if grant.login:
            where = f"the token server of {grant.registry}"
            self._plain_http.check(parts.scheme, parts.hostname, where=where)


def basic(login: Login) -> str:
    """The header for Basic authentication: a secret."""
    return "Basic " + b64encode(f"{login.username}:{login.password}".encode()).decode()


def advice(status: int, login: Login | None) -> str:
    """What to do about a refusal."""
    if status == 401 and login is None:
        return (
            "If the repository is private, add a Secret labelled kargo.akuity.io/cred-type: image to the Project, with "
            "its repoURL, username and password"
        )
    if status in (401, 403):
        return "Check the user name and password in the Secret for this repository, and that they may read it"
    if status == 404:
        return "Check the spelling of the repository; some registries also hide private ones behind this answer"
    return ""


def _life(seconds: object) -> float:
    """How long to trust a token; registries that say nothing (or nonsense) mean a minute."""
    if not isinstance(seconds, int | float) or seconds <= 0:
        seconds = _DEFAULT_LIFE
    return max(float(seconds) - _MARGIN, float(seconds) / 2)
