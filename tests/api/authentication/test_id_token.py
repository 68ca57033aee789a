"""ID tokens: only those that the provider signed, for us, and that are good now."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import hashes, hmac, serialization
from tests.api.sign_in_case import CALLBACK, House, Present, house

from argosy.errors import Unavailable
from argosy.testing.oidc.provider import CLI, CLIENT, STRANGER, Running, SigningKey, oidc_provider
from argosy.testing.port import free_port
from argosy.testing.tls import make_identity, tls_front

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST, OTHER = SigningKey("first"), SigningKey("first")
"""The provider's key, and somebody else's that has the same name."""


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    with oidc_provider([CALLBACK], [FIRST]) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory, provider: Running) -> AsyncIterator[House]:
    settings = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_cli_client_id": CLI}
    async with house(tmp_path_factory.mktemp("house"), Present(), **settings) as visited:
        yield visited


def claims(provider: Running, **changed: Any) -> dict[str, Any]:
    now = int(Present().now().timestamp())
    told = {
        "iss": provider.issuer,
        "sub": "jane",
        "aud": CLIENT,
        "iat": now,
        "exp": now + 600,
        "email": "jane@example.com",
        "groups": ["platform"],
    }
    return {key: value for key, value in (told | changed).items() if value is not None}


def signed(told: dict[str, Any], key: SigningKey = FIRST, **header: Any) -> str:
    return jwt.encode(told, key.private, "RS256", headers={"kid": key.name} | header)


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


async def test_people_are_known_by_their_address(here: House, provider: Running) -> None:
    told = (await here.ask(signed(claims(provider)))).json()
    assert (told["actor"], told["username"], told["email"]) == ("email:jane@example.com", *["jane@example.com"] * 2)
    assert (told["groups"], told["mayAll"], told["claims"]["sub"]) == (["platform"], False, "jane")


@pytest.mark.parametrize("audience", [CLI, [STRANGER, CLIENT]], ids=["the command line", "several"])
async def test_tokens_may_be_for_any_of_our_clients(here: House, provider: Running, audience: Any) -> None:
    assert (await here.ask(signed(claims(provider, aud=audience)))).status_code == 200


async def test_one_for_several_may_have_been_given_to_us(here: House, provider: Running) -> None:
    assert (await here.ask(signed(claims(provider, aud=[STRANGER, CLIENT], azp=CLI)))).status_code == 200


@pytest.mark.parametrize(
    ("verified", "actor"),
    [
        pytest.param(True, "email:jane@example.com", id="verified"),
        pytest.param(None, "email:jane@example.com", id="nothing is said of it"),
        pytest.param(False, "subject:jane", id="not verified"),
        pytest.param("false", "subject:jane", id="not verified, as text"),
    ],
)
async def test_an_address_counts_unless_nobody_has_proved_to_own_it(
    here: House, provider: Running, verified: Any, actor: str
) -> None:
    told = (await here.ask(signed(claims(provider, email_verified=verified)))).json()
    assert (told["actor"], "email" in told["claims"]) == (actor, actor.startswith("email"))


NOW = int(Present().now().timestamp())
BAD: dict[str, dict[str, Any]] = {
    "expired": {"exp": NOW - 60},
    "not good yet": {"nbf": NOW + 600},
    "made tomorrow": {"iat": NOW + 86_400},
    "for another client": {"aud": STRANGER},
    "for nobody": {"aud": None},
    "for a thing that is no name": {"aud": 7},
    "for us and others, given to another program": {"aud": [STRANGER, CLIENT], "azp": STRANGER},
    "of nobody": {"sub": None},
    "without an end": {"exp": None},
    "without a beginning": {"iat": None},
    "with an end that is text": {"exp": "tomorrow"},
    "with an end that is a list": {"exp": [NOW]},
    "with an end that never comes": {"exp": float("inf")},
    "with an end that is no number": {"exp": float("nan")},
    "with a beginning beyond all bounds": {"iat": 10**400},
    "with half of a letter": {"email": "\ud800"},
    "of another issuer": {"iss": "http://127.0.0.1"},
}


@pytest.mark.parametrize("changed", BAD.values(), ids=BAD)
async def test_a_token_with_a_fault_lets_nobody_in(here: House, provider: Running, changed: dict[str, Any]) -> None:
    answer = await here.ask(signed(claims(provider, **changed)))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid token")


def by_public_key(told: dict[str, Any]) -> str:
    """Signed with what everybody knows, as if it were a secret that is shared."""
    public = FIRST.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    text = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': 'first'})}.{encoded(told)}"
    digest = hmac.HMAC(public, hashes.SHA256())
    digest.update(text.encode())
    return f"{text}.{base64.urlsafe_b64encode(digest.finalize()).decode().rstrip('=')}"


def altered(told: dict[str, Any]) -> str:
    head, _, signature = signed(told).split(".")
    return f"{head}.{encoded(told | {'sub': 'admin', 'email': 'boss@example.com'})}.{signature}"


FORGED = {
    "not signed": lambda told: f"{encoded({'alg': 'none', 'kid': 'first'})}.{encoded(told)}.",
    "not signed, in capitals": lambda told: f"{encoded({'alg': 'NONE', 'kid': 'first'})}.{encoded(told)}.",
    "signed with a key of the same name": lambda told: signed(told, OTHER),
    "signed with the public key as a secret": by_public_key,
    "changed after it was signed": altered,
    "signed with a key that nobody has": lambda told: signed(told, OTHER, kid="unheard-of"),
    "signed with a key that it brings along": lambda told: signed(told, OTHER, jwk={"kty": "RSA"}, kid="own"),
    "signed with a key whose name is a list": lambda told: (
        f"{encoded({'alg': 'RS256', 'kid': ['first']})}.{encoded(told)}.AA"
    ),
    "another algorithm for the same key": lambda told: jwt.encode(
        told, FIRST.private, "RS512", headers={"kid": "first"}
    ),
    "cut short": lambda told: signed(told)[:-10],
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_a_token_that_is_forged_lets_nobody_in(here: House, provider: Running, forge: Any) -> None:
    answer = await here.ask(forge(claims(provider)))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid token")


async def test_a_token_that_names_no_key_is_checked_with_the_one_there_is(here: House, provider: Running) -> None:
    nameless = jwt.encode(claims(provider), FIRST.private, "RS256")
    assert (await here.ask(nameless)).status_code == 200
    assert (await here.ask(jwt.encode(claims(provider), OTHER.private, "RS256"))).status_code == 401


async def test_time_passes_for_tokens(tmp_path: Path, provider: Running) -> None:
    token = signed(claims(provider))
    async with house(tmp_path, Present(), oidc_issuer=provider.issuer, oidc_client_id=CLIENT) as here:
        assert (await here.ask(token)).status_code == 200
        await here.clock.advance(700)
        assert (await here.ask(token)).status_code == 401


async def test_new_keys_are_learned_and_old_ones_forgotten(tmp_path: Path) -> None:
    new, port = SigningKey("second"), free_port()
    async with house(tmp_path, Present(), oidc_issuer=f"http://127.0.0.1:{port}", oidc_client_id=CLIENT) as here:
        with oidc_provider([CALLBACK], [FIRST], port=port) as provider:
            old = signed(claims(provider))
            assert (await here.ask(old)).status_code == 200
        with oidc_provider([CALLBACK], [new], port=port):
            young = signed(claims(provider), new)
            assert (await here.ask(young)).status_code == 401, "the keys were read just now"
            await here.clock.advance(20)
            assert (await here.ask(young)).status_code == 200
            assert (await here.ask(old)).status_code == 401
        await here.clock.advance(3600)
        fresh = signed(claims(provider, exp=NOW + 7200), new)
        assert (await here.ask(fresh)).status_code == 200, "what is known of a provider that is away is good further"


async def test_a_provider_that_is_away_is_no_reason_to_refuse_a_token(tmp_path: Path) -> None:
    port = free_port()
    async with house(tmp_path, Present(), oidc_issuer=f"http://127.0.0.1:{port}", oidc_client_id=CLIENT) as here:
        token = signed(claims(Running(f"http://127.0.0.1:{port}", port, [FIRST])))
        assert (await here.ask(token)).status_code == 503
        with oidc_provider([CALLBACK], [FIRST], port=port):
            assert (await here.ask(token)).status_code == 503, "it was asked just now"
            await here.clock.advance(11)
            assert (await here.ask(token)).status_code == 200


@pytest.mark.parametrize("issuer", ["http://issuer.example", "ftp://127.0.0.1", "issuer.example", "https://"])
async def test_what_is_no_issuer_stops_the_server(tmp_path: Path, issuer: str) -> None:
    with pytest.raises(Exception, match="is no issuer"):
        async with house(tmp_path, Present(), oidc_issuer=issuer, oidc_client_id=CLIENT):
            pass


async def test_the_authority_of_a_provider_can_be_named(tmp_path: Path, provider: Running) -> None:
    identity = make_identity(tmp_path)
    async with tls_front(provider.issuer, identity) as port:
        settings = {"oidc_issuer": f"https://127.0.0.1:{port}", "oidc_client_id": CLIENT}
        for folder, more, told in (
            ("trusting", {"oidc_ca_file": str(identity.certificate)}, "says that it is"),
            ("careful", {}, "cannot be verified"),
        ):
            (tmp_path / folder).mkdir()
            async with house(tmp_path / folder, Present(), **settings, **more) as here, here.visitor() as browser:
                answer = await browser.get("/auth/login")
                assert (answer.status_code, told in answer.text) == (502, True)
    with pytest.raises(Unavailable, match="cannot be read"):
        async with house(tmp_path, Present(), **settings, oidc_ca_file=f"{tmp_path}/none"):
            pass
