"""An OpenID Connect provider: where its endpoints are, whom its ID tokens are of, and codes exchanged for tokens.

OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749 and RFC 7636. The provider's keys are kept, and asked for anew when
a token names one that is not known, as providers rotate them.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import jwt
import orjson

from argosy.clients.http import Http, Request, Response
from argosy.clients.kubernetes_connection import LOOPBACK
from argosy.clock import Clock
from argosy.errors import ArgosyError, Denied, Invalid, Permanent

log = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""How ID tokens may be signed: with a key pair. Never with a shared secret, never not at all."""

SKEW = 30.0
"""Seconds by which the provider's clock may differ from ours."""

_FRESH = 3600.0
_PAUSE = 10.0
_DISCOVERY = "/.well-known/openid-configuration"

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What a provider says about itself; what it does not say is empty."""

    authorization: str
    token: str
    keys: str
    end_session: str = ""
    revocation: str = ""
    scopes: frozenset[str] = frozenset()
    secret_in_body: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """As whom we speak to a provider; public clients have no secret."""

    id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider gave for a code or a refresh token; either may be empty."""

    id_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)


class Provider:
    """One provider, by the URL of its issuer. Raises Invalid for a URL that is none, or plain HTTP over a network."""

    def __init__(self, issuer: str, http: Http, clock: Clock) -> None:
        parts = urlsplit(issuer)
        is_near = parts.scheme == "http" and parts.hostname in LOOPBACK
        if not parts.hostname or (parts.scheme != "https" and not is_near):
            raise Invalid(f"{issuer!r} is no issuer", advice="Write its https:// URL just as its ID tokens have it.")
        self.issuer = issuer
        self._http = http
        self._clock = clock
        self._endpoints: Endpoints | None = None
        self._read_at = 0.0
        self._keys: dict[str, jwt.PyJWK] = {}
        self._keys_at: float | None = None
        self._failure: ArgosyError | None = None
        self._reading = asyncio.Lock()

    async def endpoints(self) -> Endpoints:
        """Raises Temporary when the provider cannot be reached, Permanent when it says something of no use."""
        now = self._clock.monotonic()
        if self._endpoints is None or now - self._read_at > _FRESH:
            try:
                self._endpoints = await self._discover()
            except ArgosyError as error:
                if self._endpoints is None:
                    raise
                log.warning("what was known of the provider is used further: %s", error)
            self._read_at = now
        return self._endpoints

    async def verified(self, token: str, audiences: tuple[str, ...]) -> Claims:
        """The claims of an ID token that this provider signed for one of `audiences`, and that is good now.

        Raises Denied for any other token, and as `endpoints`.
        """
        key = await self._key(token)
        options: Any = {
            "require": ["iss", "sub", "aud", "exp", "iat"],
            "verify_exp": False,  # by the clock of ours, below
            "verify_nbf": False,
            "verify_iat": False,
            "enforce_minimum_key_length": True,
        }
        try:
            claims: dict[str, Any] = jwt.decode(
                token, key, [key.algorithm_name], options, audience=audiences, issuer=self.issuer
            )
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise Denied(f"the ID token is not good: {type(error).__name__}") from None
        self._check(claims)
        others = claims["aud"] if isinstance(claims["aud"], list) else ()
        if len(others) > 1 and claims.get("azp", audiences[0]) not in audiences:
            raise Denied("the ID token was given to another program")  # OpenID Connect Core 1.0, 3.1.3.7
        return claims

    async def exchange(self, code: str, verifier: str, redirect: str, client: Client) -> Tokens:
        """The tokens for an authorization code. Raises Denied when the provider refuses it, and as `endpoints`."""
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        return await self._tokens(asked, client)

    async def refresh(self, refresh_token: str, client: Client) -> Tokens:
        """New tokens; the old refresh token may be of no more use. Raises as `exchange`."""
        found = await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token}, client)
        return found if found.refresh_token else Tokens(found.id_token, refresh_token)

    async def revoke(self, refresh_token: str, client: Client) -> None:
        """Have a refresh token and what came of it taken back (RFC 7009), where the provider does that."""
        endpoints = await self.endpoints()
        if endpoints.revocation:
            body, headers = _posted({"token": refresh_token, "token_type_hint": "refresh_token"}, client, endpoints)
            await self._http.send(Request("POST", endpoints.revocation, headers, body, limit=1 << 20))

    def _check(self, claims: Claims) -> None:
        """Raises Denied for a token out of its time, and for one with claims that nobody can pass on."""
        try:
            orjson.dumps(claims)  # JSON texts may have halves of letters, and numbers beyond all bounds
        except TypeError:
            raise Denied("the ID token has claims that cannot be read") from None
        now = self._clock.now().timestamp()
        until, since = _times(claims)
        if now >= until + SKEW:
            raise Denied("the ID token has expired")
        if now < since - SKEW:
            raise Denied("the ID token is not good yet")

    async def _discover(self) -> Endpoints:
        answer = await self._http.send(Request("GET", self.issuer.rstrip("/") + _DISCOVERY, limit=1 << 20))
        found = _object(answer)
        if answer.status != 200 or found.get("issuer") != self.issuer:
            raise Permanent(
                f"{self.issuer} says that it is {str(found.get('issuer', ''))[:200]!r}",
                advice="Write the issuer just as the provider does, with or without a slash at its end.",
            )
        methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return Endpoints(
            authorization=self._url(found, "authorization_endpoint"),
            token=self._url(found, "token_endpoint"),
            keys=self._url(found, "jwks_uri"),
            end_session=self._url(found, "end_session_endpoint", optional=True),
            revocation=self._url(found, "revocation_endpoint", optional=True),
            scopes=frozenset(str(scope) for scope in found.get("scopes_supported") or ()),
            secret_in_body="client_secret_basic" not in methods,
        )

    def _url(self, found: Claims, name: str, *, optional: bool = False) -> str:
        """Raises Permanent for an endpoint that is missing, or to which secrets would travel in the open."""
        url = found.get(name)
        if optional and not url:
            return ""
        if not isinstance(url, str) or (urlsplit(url).scheme != "https" and self.issuer.startswith("https:")):
            raise Permanent(f"{self.issuer} has no {name} that can be used", advice="Check that it is the issuer.")
        return url

    async def _key(self, token: str) -> jwt.PyJWK:
        """The key that a token says it is signed with. Raises Denied when the provider has none such."""
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise Denied("the ID token is no JWT") from None
        if header.get("alg") not in ALGORITHMS:
            raise Denied(f"the ID token is signed by {str(header.get('alg'))[:20]!r}, which is not accepted")
        name, algorithm = header.get("kid"), header["alg"]
        if self._found(name, algorithm) is None or self._age() > _FRESH:
            async with self._reading:
                await self._learn(name, algorithm)
        found = self._found(name, algorithm)
        if found is None:
            raise Denied("the ID token is signed with a key that the provider does not have")
        return found

    def _age(self) -> float:
        """Seconds since the provider was asked for its keys."""
        return math.inf if self._keys_at is None else self._clock.monotonic() - self._keys_at

    async def _learn(self, name: Any, algorithm: str) -> None:
        """Read the keys where that may bring the one that is wanted; never over and over. Raises as `endpoints`."""
        if self._age() <= _PAUSE and self._failure is not None:
            raise self._failure.with_traceback(None)
        if self._age() > _FRESH or (self._found(name, algorithm) is None and self._age() > _PAUSE):
            try:
                await self._read_keys()
                self._failure = None
            except ArgosyError as error:
                self._failure = None if self._keys else error
                if not self._keys:
                    raise
                log.warning("the keys of the provider that are known are used further: %s", error)
            finally:
                self._keys_at = self._clock.monotonic()

    def _found(self, name: Any, algorithm: str) -> jwt.PyJWK | None:
        if name is None:
            fitting = [key for key in self._keys.values() if key.algorithm_name == algorithm]
            return fitting[0] if len(fitting) == 1 else None
        return self._keys.get(f"{name} {algorithm}") if isinstance(name, str) else None

    async def _read_keys(self) -> None:
        answer = await self._http.send(Request("GET", (await self.endpoints()).keys, limit=1 << 20))
        if answer.status != 200:
            raise Permanent(f"{self.issuer} does not give its keys: it answered {answer.status}")
        self._keys = {f"{key.key_id} {key.algorithm_name}": key for key in _keys(_object(answer).get("keys"))}

    async def _tokens(self, asked: Mapping[str, str], client: Client) -> Tokens:
        endpoints = await self.endpoints()
        body, headers = _posted(asked, client, endpoints)
        request = Request("POST", endpoints.token, headers, body, limit=1 << 20)
        answer = await self._http.send(request)
        found = _object(answer)
        if answer.status != 200:
            told = str(found.get("error_description") or found.get("error") or answer.status)[:200]
            raise Denied(f"the provider gave no tokens: {told}", advice="Sign in again.")
        return Tokens(_text(found, "id_token"), _text(found, "refresh_token"))


def _times(claims: Claims) -> tuple[float, float]:
    """Until when, and from when on, a token is good. Raises Denied for times that are none."""
    found = (claims["exp"], claims["iat"], claims.get("nbf", 0))
    if not all(isinstance(each, int | float) and math.isfinite(each) for each in found):
        raise Denied("the ID token has times that are none")
    return found[0], max(found[1:])


def _posted(asked: Mapping[str, str], client: Client, endpoints: Endpoints) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of a form that we send as a client."""
    given, headers = dict(asked), {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    if client.secret and not endpoints.secret_in_body:
        both = f"{quote(client.id, safe='')}:{quote(client.secret, safe='')}"  # RFC 6749, 2.3.1
        headers["authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
    else:
        given |= {"client_id": client.id, **({"client_secret": client.secret} if client.secret else {})}
    return urlencode(given).encode(), headers


def _keys(listed: Any) -> list[jwt.PyJWK]:
    """The keys for signatures that are understood; others are for other uses, or of kinds yet to come.

    A key that names no algorithm is good for each that fits its type.
    """
    found: list[jwt.PyJWK] = []
    for each in listed if isinstance(listed, list) else ():
        if not isinstance(each, dict) or each.get("use", "sig") != "sig" or each.get("kty") == "oct":
            continue
        for algorithm in [each["alg"]] if "alg" in each else ALGORITHMS:
            try:
                key = jwt.PyJWK(each, algorithm)
            except (jwt.PyJWTError, ValueError, TypeError, KeyError):
                continue
            if key.algorithm_name in ALGORITHMS and _fits(each, algorithm):
                found.append(key)
    return found


_TYPES = {
    "R": ("RSA", ""),
    "P": ("RSA", ""),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
}


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    """Whether an algorithm is one for keys of this type and curve."""
    type_, curve = _TYPES.get(algorithm) or _TYPES.get(algorithm[:1]) or ("OKP", "")
    return key.get("kty") == type_ and (not curve or key.get("crv") == curve)


def _object(answer: Response) -> dict[str, Any]:
    found = answer.json()
    return found if isinstance(found, dict) else {}


def _text(found: Claims, name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""
