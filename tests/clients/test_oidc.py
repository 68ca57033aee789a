"""What a provider says of itself and its keys is believed as far as it makes sense."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from argosy.clients.http import Http
from argosy.clients.oidc import Client, Provider
from argosy.errors import Denied, Permanent, Temporary
from argosy.testing.clock import FakeClock
from argosy.testing.serving import serving

RSA = rsa.generate_private_key(65537, 2048)
P256, P384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
EDWARDS = ed25519.Ed25519PrivateKey.generate()


class Told:
    """A provider that says what it is told to say."""

    def __init__(self) -> None:
        self.discovery: dict[str, Any] = {}
        self.keys: Any = []
        self.tokens: tuple[int, Any] = (200, {})
        self.asked: list[tuple[str, bytes, str]] = []

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        self.asked.append((request.url.path, body, request.headers.get("authorization", "")))
        origin = f"http://{request.url.netloc}"
        match request.url.path:
            case "/.well-known/openid-configuration":
                names = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/keys"}
                told = {"issuer": origin, **{name: origin + path for name, path in names.items()}} | self.discovery
                return _json(200, {name: value for name, value in told.items() if value is not None})
            case "/keys":
                return _json(200, {"keys": self.keys})
            case _:
                return _json(*self.tokens)


def _json(code: int, value: Any) -> Response:
    return Response(value if isinstance(value, bytes) else orjson.dumps(value), code, media_type="application/json")


@contextlib.asynccontextmanager
async def provider(told: Told) -> AsyncIterator[tuple[Provider, FakeClock]]:
    clock = FakeClock()
    app = Starlette(routes=[Route("/{path:path}", told.answer, methods=["GET", "POST"])])
    async with serving(app) as url:
        http = Http(clock)
        try:
            yield Provider(url, http, clock), clock
        finally:
            await http.close()


def jwk(key: Any, **more: Any) -> dict[str, Any]:
    algorithm = {rsa.RSAPrivateKey: "RS256", ec.EllipticCurvePrivateKey: "ES256"}
    name = next((name for type_, name in algorithm.items() if isinstance(key, type_)), "EdDSA")
    made = jwt.get_algorithm_by_name(name).to_jwk(key.public_key(), as_dict=True)
    return {**made, "kid": "k", **more}


async def verified(told: Told, key: Any, algorithm: str) -> Any:
    async with provider(told) as (known, clock):
        now = clock.now().timestamp()
        claims = {"iss": known.issuer, "sub": "1", "aud": "us", "iat": now, "exp": now + 60}
        return await known.verified(jwt.encode(claims, key, algorithm, headers={"kid": "k"}), ("us",))


@pytest.mark.parametrize(
    ("key", "algorithm"), [(RSA, "RS256"), (RSA, "PS512"), (P256, "ES256"), (P384, "ES384"), (EDWARDS, "EdDSA")]
)
@pytest.mark.parametrize("named", [True, False], ids=["with its algorithm", "without"])
async def test_keys_of_every_kind_are_understood(key: Any, algorithm: str, named: bool) -> None:
    told = Told()
    told.keys = [jwk(key, **({"alg": algorithm} if named else {}))]
    assert (await verified(told, key, algorithm))["sub"] == "1"


NONSENSE: dict[str, Any] = {
    "no list": {"k": 1},
    "nothing": None,
    "words": ["k"],
    "keys without a kind": [{"kid": "k"}],
    "a secret": [{"kty": "oct", "k": base64.urlsafe_b64encode(b"k" * 32).decode(), "kid": "k", "alg": "HS256"}],
    "a key for other uses": [jwk(RSA, use="enc")],
    "a key for another algorithm": [jwk(RSA, alg="RS512")],
    "a key of a kind yet to come": [{"kty": "PQ", "kid": "k", "alg": "ML-DSA-44"}],
    "a key that is no key": [{"kty": "RSA", "n": "AQAB", "e": "!", "kid": "k"}],
    "a key that is too short": [jwk(rsa.generate_private_key(65537, 1024), alg="RS256")],
}


@pytest.mark.parametrize("keys", NONSENSE.values(), ids=NONSENSE)
async def test_other_keys_let_nobody_in(keys: Any) -> None:
    told = Told()
    told.keys = keys
    with pytest.raises(Denied):
        await verified(told, RSA, "RS256")


@pytest.mark.parametrize("keys", NONSENSE.values(), ids=NONSENSE)
async def test_nor_do_they_hide_those_that_are_good(keys: Any) -> None:
    told = Told()
    told.keys = [*(keys if isinstance(keys, list) else ()), jwk(RSA, kid="good", alg="RS256"), jwk(RSA, alg="RS256")]
    assert await verified(told, RSA, "RS256")


@pytest.mark.parametrize(
    "discovery",
    [{"issuer": "https://other"}, {"issuer": None}, {"jwks_uri": None}, {"token_endpoint": 7}, {"issuer": ["x"]}],
)
async def test_a_provider_that_is_another_is_told_of(discovery: dict[str, Any]) -> None:
    told = Told()
    told.discovery = discovery
    async with provider(told) as (known, _):
        with pytest.raises(Permanent):
            await known.endpoints()


async def test_secrets_go_where_the_provider_wants_them() -> None:
    told = Told()
    told.tokens = (200, {"id_token": "i", "refresh_token": "r"})
    async with provider(told) as (known, _):
        await known.exchange("c", "v", "http://here", Client("us:er", "p w"))
        assert base64.b64decode(told.asked[-1][2].removeprefix("Basic ")) == b"us%3Aer:p%20w"
        assert b"p+w" not in told.asked[-1][1]
    told.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    async with provider(told) as (known, _):
        await known.exchange("c", "v", "http://here", Client("user", "p w"))
        assert told.asked[-1][2] == ""
        assert b"client_secret=p+w" in told.asked[-1][1]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((400, {"error": "invalid_grant", "error_description": "it was used"}), Denied),
        ((401, {"error": "invalid_client"}), Denied),
        ((403, []), Denied),
        ((200, b"<html>"), Temporary),
        ((500, {}), Temporary),
    ],
)
async def test_a_code_that_gets_no_tokens_is_told_of(answer: tuple[int, Any], error: type[Exception]) -> None:
    told = Told()
    told.tokens = answer
    async with provider(told) as (known, _):
        with pytest.raises(error):
            await known.exchange("c", "v", "http://here", Client("us"))
        posts = [path for path, _, _ in told.asked if path == "/token"]
        assert len(posts) == 1, "a code is good once"


async def test_a_refresh_token_that_is_not_replaced_stays_good() -> None:
    told = Told()
    told.tokens = (200, {"id_token": "i"})
    async with provider(told) as (known, _):
        tokens = await known.refresh("r", Client("us"))
    assert (tokens.id_token, tokens.refresh_token) == ("i", "r")


async def test_where_nothing_is_taken_back_nothing_is_asked() -> None:
    told = Told()
    async with provider(told) as (known, _):
        await known.revoke("r", Client("us"))
        assert len(told.asked) == 1
