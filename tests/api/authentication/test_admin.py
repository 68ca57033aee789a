"""The built-in admin: whoever knows the password, and nobody else, for as long as a token is good."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import bcrypt
import jwt
import pytest
from tests.api.sign_in_case import House, house

from argosy.api.answer import Refused
from argosy.api.authentication.admin import Admin, issuer_of
from argosy.errors import Invalid, Unavailable
from argosy.testing.clock import FakeClock

KEY = b"k" * 32
LOGIN = "/v1beta1/login"


def hashed(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def admin(password: str = "sesame", clock: FakeClock | None = None, *, text: str = "", key: bytes = KEY) -> Admin:
    return Admin(text or hashed(password), key, clock or FakeClock(), ttl=60)


async def log_in(visited: House, password: str) -> Any:
    async with visited.visitor() as caller:
        return await caller.post(LOGIN, headers=[(b"authorization", b"Bearer " + password.encode())])


async def test_who_knows_the_password_may_do_everything(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "hash").write_text(hashed("sesam öffne"))
    async with house(tmp_path, FakeClock(), admin_password_hash_file=f"{tmp_path}/hash") as here:
        token = (await log_in(here, "sesam öffne")).json()["idToken"]
        told = (await here.ask(token)).json()
        assert (told["actor"], told["mayAll"]) == ("admin", True)
        assert (await here.ask(token, "GET", "/apis/kargo.akuity.io/v1alpha1/projects")).status_code == 200
    assert "öffne" not in caplog.text


async def test_passwords_cannot_be_tried_at_will(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    (tmp_path / "hash").write_text(hashed("sesame"))
    async with house(tmp_path, clock, admin_password_hash_file=f"{tmp_path}/hash") as here:
        async with here.visitor() as caller:
            for headers in ({}, {"Authorization": "Basic c2VzYW1l"}, {"Authorization": "Bearer"}):
                assert (await caller.post(LOGIN, headers=headers)).status_code == 400
        wrong = [await log_in(here, "a wrong one") for _ in range(6)]
        assert [answer.status_code for answer in wrong] == [403] * 5 + [429]
        assert wrong[0].json()["error"] == "invalid password"
        late = await log_in(here, "sesame")
        assert (late.status_code, late.headers["retry-after"]) == (429, "12")
        await clock.advance(12)
        assert (await log_in(here, "sesame")).status_code == 200
    assert "tried a wrong password" in caplog.text
    assert "a wrong one" not in caplog.text


async def test_there_is_no_admin_unless_somebody_wants_one(tmp_path: Path) -> None:
    async with house(tmp_path, FakeClock()) as here:
        answer = await log_in(here, "sesame")
        assert (answer.status_code, answer.json()["error"]) == (403, "admin user is not enabled")
        async with here.visitor() as caller:
            config = await caller.get("/v1beta1/system/public-server-config")
        assert config.json() == {"adminAccountEnabled": False, "skipAuth": False}


@pytest.mark.parametrize("password", [b"wrong", b"", b"sesame\0more", b"sesamesesame", b"x" * 100, b"\xff\xfe"])
async def test_other_passwords_are_refused(password: bytes) -> None:
    with pytest.raises(Refused, match="invalid password") as refused:
        await admin().login(password)
    assert refused.value.code == 403


async def test_a_longer_password_with_the_same_beginning_is_another() -> None:
    assert await admin("x" * 72).login(b"x" * 72)
    with pytest.raises(Refused, match="invalid password"):
        await admin("x" * 72).login(b"x" * 73)


async def test_a_login_ends() -> None:
    clock = FakeClock()
    known = admin(clock=clock)
    token = await known.login(b"sesame")
    await clock.advance(59)
    assert await known.principal(token)
    await clock.advance(1)
    with pytest.raises(Refused, match="invalid token"):
        await known.principal(token)


async def test_a_login_outlives_the_server_and_not_the_password() -> None:
    text = hashed("sesame")
    token = await admin(text=text).login(b"sesame")
    assert await admin(text=text).principal(token)
    for other in (admin(), admin(text=text, key=b"another key of thirty-two bytes!")):
        with pytest.raises(Refused, match="invalid token"):
            await other.principal(token)


def claims(**changed: Any) -> dict[str, Any]:
    now = FakeClock().now()
    told = {"iss": "argosy", "aud": "argosy", "sub": "admin", "nbf": now, "exp": now + timedelta(hours=1)}
    return {key: value for key, value in (told | changed).items() if value is not None}


@pytest.mark.parametrize(
    "token",
    [
        jwt.encode(claims(), "another key of thirty-two bytes!", "HS256"),
        jwt.encode(claims(), None, "none"),  # type: ignore[arg-type]
        jwt.encode(claims(), KEY, "HS256"),
    ],
    ids=["signed with another key", "not signed", "signed with the key of the file alone"],
)
async def test_a_token_that_is_forged_lets_nobody_in(token: str) -> None:
    with pytest.raises(Refused, match="invalid token") as refused:
        await admin().principal(token)
    assert refused.value.code == 401


FAULTS: dict[str, dict[str, Any]] = {
    "for others": {"aud": "other"},
    "without an end": {"exp": None},
    "without a beginning": {"nbf": None},
    "of nobody": {"sub": None},
    "with an end that is none": {"exp": "soon"},
    "of tomorrow": {"nbf": FakeClock().now() + timedelta(1)},
}


@pytest.mark.parametrize("changed", FAULTS.values(), ids=FAULTS)
async def test_what_the_right_key_signed_must_be_right_too(changed: dict[str, Any]) -> None:
    known = admin()
    assert await known.principal(jwt.encode(claims(), known._key, "HS256"))
    with pytest.raises(Refused, match="invalid token"):
        await known.principal(jwt.encode(claims(**changed), known._key, "HS256"))


async def test_tokens_of_others_are_for_others_to_judge() -> None:
    assert await admin().principal(jwt.encode(claims(iss="https://issuer"), KEY, "HS256")) is None


@pytest.mark.parametrize("text", ["sesame", "$2b$31$" + "a" * 53, "$2b$10$short", "$1$abc"])
def test_what_is_no_hash_stops_the_server(text: str) -> None:
    with pytest.raises(Invalid, match="no bcrypt hash"):
        admin(text=text)


async def test_hashes_as_htpasswd_writes_them_are_taken() -> None:
    assert await admin(text=f"admin:{hashed('sesame').replace('$2b$', '$2y$')}\n").login(b"sesame")


async def test_files_that_are_missing_or_of_no_use_are_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="nowhere cannot be read"):
        async with house(tmp_path, FakeClock(), admin_password_hash_file=f"{tmp_path}/nowhere"):
            pass
    (tmp_path / "hash").write_text(hashed("x"))
    for content, told in (("short", "too few"), ("", "is empty")):
        folder = tmp_path / told
        folder.mkdir()
        (folder / "key").write_text(content)
        files = {"admin_password_hash_file": f"{tmp_path}/hash", "admin_signing_key_file": f"{folder}/key"}
        with pytest.raises((Invalid, Unavailable), match=told):
            async with house(folder, FakeClock(), **files):
                pass


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "..", "e30.e30.", "e30.W10.", "\ud800.b.c", "é.é.é"])
def test_what_is_no_token_is_of_nobody(token: str) -> None:
    assert issuer_of(token) == ""
