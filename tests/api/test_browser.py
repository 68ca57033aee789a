"""Browsers sign in with a real provider: the whole way, and every way to go wrong on it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import httpx2
import orjson
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from tests.api.sign_in_case import (
    CALLBACK,
    SYSTEM,
    TOKEN,
    URL,
    WHOAMI,
    House,
    Present,
    follow,
    house,
    location,
    sign_in,
)

from argosy.api.browser import safe_next
from argosy.api.cookie import LOGIN, SESSION
from argosy.api.session import RENEW_BEFORE
from argosy.store.base import Query
from argosy.testing.oidc.provider import CLIENT, SECRET, SECRETIVE, Running, oidc_provider

SECONDS = 3600


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    with oidc_provider([CALLBACK], seconds=SECONDS) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory, provider: Running) -> AsyncIterator[House]:
    settings = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT}
    async with house(tmp_path_factory.mktemp("house"), Present(), **settings) as visited:
        yield visited


def cookies(browser: httpx2.AsyncClient) -> dict[str, str]:
    jar: CookieJar = browser.cookies.jar
    return {cookie.name: cookie.value or "" for cookie in jar if cookie.name.startswith(SESSION)}


class TestSigningIn:
    """One house and one provider for all; each browser is new."""

    pytestmark = pytest.mark.asyncio(loop_scope="module")

    async def test_the_whole_way(self, here: House) -> None:
        async with here.visitor() as browser:
            assert (await browser.get(WHOAMI)).status_code == 401
            answer = await sign_in(browser, "/project/demo?tab=1")
            assert (answer.status_code, location(answer)) == (303, "/project/demo?tab=1")
            told = (await browser.get(WHOAMI)).json()
            assert (told["actor"], told["claims"]["name"]) == ("email:jane@example.com", "Jane")
            assert [*cookies(browser)] == [SESSION], "nothing of the login is left"

    async def test_cookies_are_for_this_host_over_tls_and_for_no_script(self, here: House) -> None:
        async with here.visitor() as browser:
            begun = await browser.get("/auth/login")
            answer = await browser.get(location(await follow(browser, location(begun))))
            for set_ in (begun.headers["set-cookie"], answer.headers.get_list("set-cookie")[0]):
                assert set_.startswith("__Host-argosy")
                assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= {part.strip() for part in set_.split(";")}
                assert "Domain" not in set_

    async def test_two_tabs_may_sign_in_at_once(self, here: House) -> None:
        async with here.visitor() as browser:
            first, second = await browser.get("/auth/login?next=/a"), await browser.get("/auth/login?next=/b")
            ends = [await browser.get(location(await follow(browser, location(each)))) for each in (first, second)]
            assert [location(each) for each in ends] == ["/a", "/b"]

    async def test_a_code_is_good_once(self, here: House) -> None:
        async with here.visitor() as browser:
            begun = await browser.get("/auth/login")
            kept = cookies(browser)
            back = location(await follow(browser, location(begun)))
            assert (await browser.get(back)).status_code == 303
            assert (await browser.get(back)).status_code == 400, "this browser has no login under way"
        async with here.visitor() as other:
            for name, value in kept.items():
                other.cookies.set(name, value, domain="argosy.example", path="/")
            again = await other.get(back)
            assert again.status_code == 403
            assert SESSION not in cookies(other)

    async def test_a_code_of_somebody_else_signs_nobody_in(self, here: House) -> None:
        async with here.visitor() as attacker, here.visitor() as victim:
            begun = await attacker.get("/auth/login")
            back = location(await follow(attacker, location(begun)))
            assert (await victim.get(back)).status_code == 400
            await victim.get("/auth/login")
            assert (await victim.get(back)).status_code == 400
            assert SESSION not in cookies(victim)

    async def test_a_code_without_the_verifier_is_of_no_use(self, here: House) -> None:
        await self._altered(here, "verifier", "a" * 43, "no tokens")

    async def test_an_id_token_of_another_login_is_refused(self, here: House) -> None:
        await self._altered(here, "nonce", "another", "of another login")

    async def _altered(self, here: House, part: str, value: str, told: str) -> None:
        """A login whose cookie is changed on the way."""
        async with here.visitor() as browser:
            begun = await browser.get("/auth/login")
            [(name, cookie)] = cookies(browser).items()
            login = orjson.loads(base64.urlsafe_b64decode(cookie)) | {part: value}
            back = location(await follow(browser, location(begun)))
            browser.cookies.clear()
            changed = base64.urlsafe_b64encode(orjson.dumps(login)).decode()
            browser.cookies.set(name, changed, domain="argosy.example", path="/")
            answer = await browser.get(back)
            assert answer.status_code == 403
            assert told in answer.text
            assert SESSION not in cookies(browser)

    @pytest.mark.parametrize("query", ["", "?code=x", "?state=", "?code=x&state=unheard-of", "?error=access_denied"])
    async def test_what_nobody_asked_for_is_refused(self, here: House, query: str) -> None:
        async with here.visitor() as browser:
            answer = await browser.get(f"/auth/callback{query}")
            assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")

    @pytest.mark.parametrize("cookie", ["x", "e30=", "W10=", "eyJzdGF0ZSI6MX0=", "bnVsbA==", "é", "A" * 9000])
    async def test_a_cookie_of_nonsense_is_no_login(self, here: House, cookie: str) -> None:
        async with here.visitor() as browser:
            sent = [(b"cookie", f"{LOGIN}12345678={cookie}".encode())]
            answer = await browser.get("/auth/callback?code=x&state=12345678-and-more", headers=sent)
            assert answer.status_code == 400

    async def test_an_answer_of_another_provider_is_refused(self, here: House) -> None:
        async with here.visitor() as browser:
            back = location(await follow(browser, location(await browser.get("/auth/login"))))
            url = httpx2.URL(back).copy_set_param("iss", "https://evil.example")
            assert (await browser.get(str(url))).status_code == 403

    async def test_what_the_provider_says_is_shown_as_text(self, here: House) -> None:
        async with here.visitor() as browser:
            answer = await sign_in(browser, login_hint="nobody")
            assert answer.status_code == 403
            assert "&lt;b&gt;nobody&lt;/b&gt; may not" in answer.text
            assert "<b>" not in answer.text
            assert "script-src" not in answer.headers["content-security-policy"]
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")

    @pytest.mark.parametrize(
        "next_",
        ["https://evil.example", "//evil.example", "/\\evil.example", "/%09/evil.example", "evil", "/a\r\nX: y"],
    )
    async def test_nobody_is_led_elsewhere(self, here: House, next_: str) -> None:
        async with here.visitor() as browser:
            answer = await sign_in(browser, next_)
            assert location(answer) in ("/", "/%09/evil.example"), "the second is a path of ours"
            assert "x" not in {name.lower() for name in answer.headers}

    async def test_scopes_and_the_challenge_are_sent(self, here: House, provider: Running) -> None:
        async with here.visitor() as browser:
            asked = httpx2.URL(location(await browser.get("/auth/login"))).params
        assert asked["scope"] == "openid profile email offline_access"
        assert (asked["code_challenge_method"], asked["redirect_uri"]) == ("S256", CALLBACK)
        assert len(asked["state"]) == len(asked["nonce"]) == len(asked["code_challenge"]) == 43


class TestSessions:
    """What a cookie is good for."""

    pytestmark = pytest.mark.asyncio(loop_scope="module")

    async def test_signing_out_ends_it_here_and_at_the_provider(self, here: House, provider: Running) -> None:
        async with here.visitor() as browser:
            await sign_in(browser)
            kept = cookies(browser)
            csrf = (await browser.get(WHOAMI)).json()["csrfToken"]
            assert (await browser.post("/auth/logout")).status_code == 403
            answer = await browser.post("/auth/logout", headers={"X-Argosy-CSRF": csrf})
            assert answer.status_code == 200
            assert cookies(browser) == {}
            end = httpx2.URL(answer.json()["redirect"])
            assert str(end).startswith(f"{provider.issuer}/session/end?")
            assert end.params["post_logout_redirect_uri"] == f"{URL}/login"
            assert (await browser.get(end)).status_code == 200
        async with here.visitor() as thief:
            for name, value in kept.items():
                thief.cookies.set(name, value, domain="argosy.example", path="/")
            assert (await thief.get(WHOAMI)).status_code == 401

    async def test_changes_need_the_token_of_the_session_and_our_own_origin(self, here: House) -> None:
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        body = {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}
        async with here.visitor() as browser:
            await sign_in(browser)
            csrf = (await browser.get(WHOAMI)).json()["csrfToken"]
            good = {"X-Argosy-CSRF": csrf, "Origin": URL, "Sec-Fetch-Site": "same-origin"}
            assert (await browser.post(path, json=body, headers=good)).status_code == 201
            for changed in (
                {"X-Argosy-CSRF": ""},
                {"X-Argosy-CSRF": "0" * 64},
                {"X-Argosy-CSRF": "é"},
                {"Origin": "https://evil.example"},
                {"Origin": "null"},
                {"Origin": "https://["},
                {"Origin": f"{URL}.evil.example"},
                {"Sec-Fetch-Site": "cross-site"},
                {"Sec-Fetch-Site": "same-site"},
            ):
                sent = [(name.encode(), value.encode()) for name, value in (good | changed).items()]
                assert (await browser.post(path, json=body, headers=sent)).status_code == 403, changed

    async def test_a_cookie_counts_for_nothing_beside_another_login(self, here: House) -> None:
        async with here.visitor() as browser:
            await sign_in(browser)
            for given in ("Bearer wrong", "Basic YTpi", ""):
                assert (await browser.get("/apis", headers={"Authorization": given})).status_code == 401

    async def test_what_is_kept_gives_nothing_away(self, here: House) -> None:
        async with here.visitor() as browser:
            await sign_in(browser)
            [cookie] = cookies(browser).values()
        kept = (await here.store.list(Query("Secret", SYSTEM))).documents
        assert kept
        for document in kept:
            assert cookie.encode() not in document.raw
            for value in document.data["data"].values():
                assert b"eyJ" not in base64.b64decode(value), "no JWT"

    async def test_a_bearer_token_can_be_had_as_a_cookie(self, here: House) -> None:
        async with here.visitor() as browser:
            assert (await browser.post("/auth/session")).status_code == 401
            assert (await browser.post("/auth/session", headers={"Authorization": "Bearer x"})).status_code == 401
            given = {"Authorization": f"Bearer {TOKEN}"}
            crossing = given | {"Origin": "https://evil.example"}
            assert (await browser.post("/auth/session", headers=crossing)).status_code == 403
            answer = await browser.post("/auth/session", headers=given)
            told = (await browser.get(WHOAMI)).json()
            assert (told["actor"], told["csrfToken"]) == ("admin", answer.json()["csrfToken"])
            csrf = {"X-Argosy-CSRF": told["csrfToken"]}
            assert (await browser.post("/auth/logout", headers=csrf)).json() == {"redirect": ""}

    @pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "../../etc", "é", "\\", "session-0123"])
    async def test_a_cookie_of_nonsense_lets_nobody_in(self, here: House, cookie: str) -> None:
        async with here.visitor() as browser:
            answer = await browser.get("/apis", headers=[(b"cookie", f"{SESSION}={cookie}".encode())])
            assert answer.status_code == 401


async def test_sessions_are_renewed_before_their_tokens_end(tmp_path: Path, provider: Running) -> None:
    settings = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT}
    async with house(tmp_path, Present(), **settings) as here, here.visitor() as browser:
        await sign_in(browser)
        sessions, [cookie] = here.backend.sign_in.sessions, cookies(browser).values()
        assert sessions is not None
        first = await sessions.find(cookie)
        await here.clock.advance(SECONDS - RENEW_BEFORE + 1)
        answers = await asyncio.gather(*(browser.get("/apis") for _ in range(5)))
        assert [answer.status_code for answer in answers] == [200] * 5, "no refresh token was shown twice"
        second = await sessions.find(cookie)
        assert first is not None
        assert second is not None
        assert first.refresh_token != second.refresh_token


async def test_sessions_end_when_the_provider_wants_it(tmp_path: Path) -> None:
    with oidc_provider([CALLBACK], seconds=SECONDS) as provider:
        settings = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT}
        async with house(tmp_path, Present(), **settings) as here, here.visitor() as browser:
            await sign_in(browser)
            sessions, [cookie] = here.backend.sign_in.sessions, cookies(browser).values()
            assert sessions is not None
            session = await sessions.find(cookie)
            assert session is not None
            oidc = here.backend.sign_in.oidc
            assert oidc is not None
            # Whoever shows a refresh token twice may be a thief: the provider takes back all that came of it.
            await oidc.provider.refresh(session.refresh_token, oidc.client)
            await here.clock.advance(SECONDS - RENEW_BEFORE + 1)
            assert (await browser.get("/apis")).status_code == 401
            assert (await here.store.list(Query("Secret", SYSTEM))).documents == []


async def test_a_client_may_have_a_secret(tmp_path: Path, provider: Running) -> None:
    (tmp_path / "secret").write_text(SECRET)
    settings = {"oidc_client_id": SECRETIVE, "oidc_client_secret_file": f"{tmp_path}/secret"}
    async with house(tmp_path, Present(), oidc_issuer=provider.issuer, **settings) as here, here.visitor() as browser:
        assert (await sign_in(browser)).status_code == 303
        assert (await browser.get("/apis")).status_code == 200


async def test_claims_give_the_rights_of_accounts(tmp_path: Path, provider: Running) -> None:
    settings = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT}
    async with house(tmp_path, Present(), **settings) as here:
        meta = {
            "name": "readers",
            "namespace": SYSTEM,
            "annotations": {"rbac.kargo.akuity.io/claims": '{"email": ["joe@example.com"]}'},
        }
        account = await here.store.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta})
        here.backend.rights.learn(account)  # at once, instead of in a moment
        for hint, accounts in (("joe", [f"{SYSTEM}/readers"]), ("jane", [])):
            async with here.visitor() as browser:
                await sign_in(browser, login_hint=hint)
                assert (await browser.get(WHOAMI)).json()["accounts"] == accounts


async def test_sessions_end_by_themselves(tmp_path: Path) -> None:
    clock = Present()
    async with house(tmp_path, clock, session_ttl=60.0) as here:
        for seconds, left in ((59, 1), (3600, 1)):
            async with here.visitor() as browser:
                await browser.post("/auth/session", headers={"Authorization": f"Bearer {TOKEN}"})
                assert (await browser.get("/apis")).status_code == 200
                assert len((await here.store.list(Query("Secret", SYSTEM))).documents) == left
                await clock.advance(seconds)
                kept = {(await browser.get("/apis")).status_code}
                assert kept == {200 if seconds < 60 else 401}
                await clock.advance(3600)


async def test_without_a_provider_there_is_nothing_to_sign_in_with(tmp_path: Path) -> None:
    async with house(tmp_path, Present()) as here, here.visitor() as browser:
        for path in ("/auth/login", "/auth/callback"):
            answer = await browser.get(path)
            assert (answer.status_code, answer.json()["error"]) == (404, "no identity provider is set up here")
        answer = await browser.get("/auth/logout")
        assert (answer.status_code, "error" in answer.json()) == (405, True)


async def test_a_provider_that_is_away_is_told_of(tmp_path: Path) -> None:
    settings = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": CLIENT}
    async with house(tmp_path, Present(), **settings) as here, here.visitor() as browser:
        answer = await browser.get("/auth/login")
        assert (answer.status_code, "cannot be reached" in answer.text) == (502, True)


@given(st.text(alphabet=st.sampled_from("/\\.:@?#%abé\t\n\r\0 ")))
def test_next_is_always_a_path_of_ours(text: str) -> None:
    path = safe_next(text)
    url = httpx2.URL(URL).join(path)
    assert (url.scheme, url.host) == ("https", "argosy.example")
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
