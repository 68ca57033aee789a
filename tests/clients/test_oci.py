"""The OCI client against Debian's docker-registry and against our own registry in a bad mood."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from argosy.clients.http import Http, Policy, Refused, Untrusted
from argosy.clients.login import Login, PlainHttp
from argosy.clients.oci import OCI_INDEX, Access, Call, Listing, Oci, Target
from argosy.clock import SystemClock
from argosy.errors import Permanent, Temporary
from argosy.rules import image_url
from argosy.testing.clock import FakeClock
from argosy.testing.docker_registry import Auth, docker_registry, missing
from argosy.testing.image_push import NewImage, push_image
from argosy.testing.registry import Fault, Registry
from argosy.testing.registry_content import digest_of
from argosy.testing.serving import serving

USERS = {"robot": "hunter2"}
ROBOT = Login("robot", "hunter2")
IMPATIENT = Policy(connect=1.0, read=0.3, total=2.0, backoff=0.001, patience=0.05)


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    client = Http(SystemClock(), IMPATIENT)
    yield client
    await client.close()


@pytest.fixture
def oci(http: Http) -> Oci:
    return Oci(http, SystemClock())


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with Registry().serve() as served:
        yield served


def target(host: str, login: Login | None = None, name: str = "team/app") -> Target:
    return Target(image_url.parse(f"{host}/{name}"), login)


class TestDockerRegistry:
    """The real server, in its three modes."""

    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        if missing() and not os.environ.get("CI"):
            pytest.skip(f"not installed: {missing()}")
        assert not missing()

    @pytest.mark.parametrize("auth", ["none", "basic", "token"])
    async def test_push_and_pull(self, auth: Auth, tmp_path: Path, oci: Oci) -> None:
        async with docker_registry(tmp_path, auth, USERS) as host:
            app = target(host, None if auth == "none" else ROBOT)
            one = await push_image(oci, app, "1.0.0", NewImage(content="one"))
            two = await push_image(oci, app, "2.0.0", NewImage(("linux/amd64", "linux/arm64"), content="two"))
            assert sorted((await oci.tags(app)).tags) == ["1.0.0", "2.0.0"]
            assert await oci.digest(app, "1.0.0") == one
            assert await oci.digest(app, "3.0.0") is None
            index = await oci.manifest(app, "2.0.0")
            assert index is not None
            assert (index.digest, index.media_type) == (two, OCI_INDEX)
            child = await oci.manifest(app, index.data["manifests"][1]["digest"])
            assert child is not None
            assert b'"arm64"' in await oci.blob(app, child.data["config"]["digest"])

    @pytest.mark.parametrize("auth", ["basic", "token"])
    async def test_a_wrong_password_is_refused_with_advice(self, auth: Auth, tmp_path: Path, oci: Oci) -> None:
        async with docker_registry(tmp_path, auth, USERS) as host:
            with pytest.raises(Refused, match="Check the user name and password") as caught:
                await oci.tags(target(host, Login("robot", "wrong-secret")))
        assert "wrong-secret" not in str(caught.value)

    async def test_without_a_login_the_advice_is_to_add_one(self, tmp_path: Path, oci: Oci) -> None:
        async with docker_registry(tmp_path, "basic", USERS) as host:
            with pytest.raises(Refused, match=r"kargo\.akuity\.io/cred-type: image") as caught:
                await oci.tags(target(host))
        assert caught.value.status == 401

    async def test_a_repository_that_is_not_there(self, tmp_path: Path, oci: Oci) -> None:
        async with docker_registry(tmp_path) as host:
            with pytest.raises(Refused, match=r"404 \(NAME_UNKNOWN\)"):
                await oci.tags(target(host))

    async def test_tls_on_loopback_is_found_and_its_certificate_verified_unless_that_is_waived(
        self, tmp_path: Path, oci: Oci
    ) -> None:
        async with docker_registry(tmp_path, "basic", USERS, tls=True) as host:
            trusting = Target(image_url.parse(f"{host}/team/app"), ROBOT, verify=False)
            digest = await push_image(oci, trusting, "1.0.0")
            assert await oci.digest(trusting, "1.0.0") == digest
            with pytest.raises(Untrusted, match="insecureSkipTLSVerify"):
                await oci.digest(target(host, ROBOT), "1.0.0")


class TestTags:
    async def test_pages_are_followed_by_their_links(self, registry: Registry, oci: Oci) -> None:
        app = target(registry.host)
        digest = await push_image(oci, app, "t0")
        tags = [f"t{number}" for number in range(25)]
        registry.content.repositories["team/app"].tags |= dict.fromkeys(tags, digest)
        registry.page = 10
        assert sorted((await oci.tags(app)).tags) == sorted(tags)
        assert registry.count("tags/list") == 3

    async def test_a_registry_that_refuses_large_pages_is_asked_for_smaller_ones_from_then_on(
        self, registry: Registry, oci: Oci
    ) -> None:
        app = target(registry.host)
        await push_image(oci, app, "t0")
        registry.page, registry.refuse_large_pages = 1000, True
        for _ in range(2):
            assert (await oci.tags(app)).tags == ("t0",)
        assert [line for line in registry.requests if "tags" in line] == [
            f"GET /v2/team/app/tags/list?n={size}" for size in (10000, 1000, 1000)
        ]

    async def test_nothing_new_is_answered_without_a_list(self, registry: Registry, oci: Oci) -> None:
        app = target(registry.host)
        await push_image(oci, app, "t0")
        listing = await oci.tags(app)
        assert await oci.tags(app, listing) is listing
        await push_image(oci, app, "t1", NewImage(content="more"))
        assert (await oci.tags(app, listing)).tags == ("t0", "t1")

    async def test_a_page_never_speaks_for_the_whole_list(self, registry: Registry, oci: Oci) -> None:
        app = target(registry.host)
        digest = await push_image(oci, app, "a")
        registry.content.repositories["team/app"].tags |= {"b": digest, "c": digest}
        registry.page = 2
        assert (await oci.tags(app)).etag == ""

    async def test_an_empty_repository_may_list_null(self, registry: Registry, oci: Oci) -> None:
        registry.faults.append(Fault("tags", 200, body=b'{"name": "team/app", "tags": null}'))
        assert await oci.tags(target(registry.host)) == Listing(())

    @pytest.mark.parametrize(
        "body", [b"<html>Sign in</html>", b"", b"[]", b'{"tags": "1.0.0"}', b'{"tags": [1]}', b"\xff\xfe", b"null"]
    )
    async def test_nonsense_is_told_from_a_list(self, registry: Registry, oci: Oci, body: bytes) -> None:
        registry.faults.append(Fault("tags", 200, body=body))
        with pytest.raises(Temporary, match="something that is not"):
            await oci.tags(target(registry.host))

    @pytest.mark.parametrize(
        "link",
        [
            '</v2/team/app/tags/list?last=a>; rel="next"',
            "<list?last=a>;rel=next",
            "<list?last=a>; title=more; REL = 'Last NEXT'",
            '<list>; rel="first", <list?last=a>; rel="next"',
            '<HOST/v2/team/app/tags/list?last=a>; rel="next"',
            '<http://registry.internal:5000/v2/team/app/tags/list?last=a>; rel="next"',
            '<//127.0.0.2:1/v2/team/app/tags/list?last=a>; rel="next"',
        ],
    )
    async def test_links_of_any_form_lead_to_the_next_page_on_the_same_server(
        self, registry: Registry, oci: Oci, link: str
    ) -> None:
        app = target(registry.host)
        await push_image(oci, app, "b")
        headers = {"link": link.replace("HOST", registry.url)}
        registry.faults.append(Fault("tags/list?n", 200, headers, b'{"tags": ["a"]}'))
        assert (await oci.tags(app)).tags == ("a", "b")
        assert registry.requests[-1] == "GET /v2/team/app/tags/list?last=a"

    @pytest.mark.parametrize("link", ['<list?last=a>; rel="prev"', "<list?last=a>; rel=nextish", "next", ""])
    async def test_other_links_lead_nowhere(self, registry: Registry, oci: Oci, link: str) -> None:
        registry.faults.append(Fault("tags/list", 200, {"link": link}, b'{"tags": ["a"]}'))
        assert (await oci.tags(target(registry.host))).tags == ("a",)

    async def test_pages_that_lead_in_a_circle_end(self, registry: Registry, oci: Oci) -> None:
        link = '</v2/team/app/tags/list?n=10000>; rel="next"'
        registry.faults.append(Fault("tags", 200, {"link": link}, b'{"tags": ["a"]}', times=99))
        with pytest.raises(Temporary, match="without end"):
            await oci.tags(target(registry.host))

    async def test_pages_without_end_end(self) -> None:
        pages = iter(range(10**9))

        def answer(request: httpx2.Request) -> httpx2.Response:
            link = {"link": f'</v2/team/app/tags/list?last={next(pages)}>; rel="next"'}
            return httpx2.Response(200, headers=link, stream=httpx2.ByteStream(b'{"tags": []}'))

        http = Http(SystemClock(), IMPATIENT, transport=httpx2.MockTransport(answer))
        with pytest.raises(Temporary, match="without end"):
            await Oci(http, SystemClock()).tags(target("registry.example.com"))
        await http.close()

    @pytest.mark.parametrize(
        "fault",
        [
            Fault("tags", 200, {"link": '<http://[>; rel="next"'}, b'{"tags": []}'),
            Fault("tags", 307, {"location": "http://["}),
            Fault("tags", 401, {"www-authenticate": 'Bearer realm="http://["'}),
        ],
        ids=["in a link", "in a redirect", "in a challenge"],
    )
    async def test_a_url_that_cannot_be_read(self, registry: Registry, oci: Oci, fault: Fault) -> None:
        registry.faults.append(replace(fault))
        with pytest.raises(Temporary, match="URL that cannot be read"):
            await oci.tags(target(registry.host))

    @pytest.mark.parametrize("status", [429, 500, 503])
    async def test_trouble_is_temporary(self, registry: Registry, oci: Oci, status: int) -> None:
        registry.faults.append(Fault("tags", status, {"retry-after": "30"}, times=99))
        with pytest.raises(Temporary) as caught:
            await oci.tags(target(registry.host))
        assert caught.value.after == 30

    async def test_a_registry_that_hangs(self, registry: Registry, oci: Oci) -> None:
        registry.faults.append(Fault("tags", hang=True, times=99))
        with pytest.raises(Temporary, match="did not answer in time"):
            await oci.tags(target(registry.host))

    async def test_a_refusal_shows_codes_but_not_what_else_the_registry_says(
        self, registry: Registry, oci: Oci
    ) -> None:
        body = b'{"errors": [{"code": "DENIED", "message": "hunter2"}, {"code": "no code"}]}'
        registry.faults.append(Fault("tags", 403, body=body))
        with pytest.raises(Refused, match=r"403 \(DENIED\)") as caught:
            await oci.tags(target(registry.host, ROBOT))
        assert "hunter2" not in str(caught.value)


class TestContent:
    async def test_content_that_is_not_what_its_digest_says(self, registry: Registry, oci: Oci) -> None:
        app = target(registry.host)
        digest = await push_image(oci, app, "1.0.0")
        registry.faults.append(Fault(f"manifests/{digest}", 200, body=b"{}"))
        with pytest.raises(Temporary, match="arrived damaged"):
            await oci.manifest(app, digest)

    async def test_a_registry_without_digest_header_is_asked_for_the_content(
        self, registry: Registry, oci: Oci
    ) -> None:
        app = target(registry.host)
        digest = await push_image(oci, app, "1.0.0")
        registry.faults.append(Fault("HEAD", 200))
        assert await oci.digest(app, "1.0.0") == digest

    async def test_a_digest_of_an_unknown_kind(self, registry: Registry, oci: Oci) -> None:
        registry.faults.append(Fault("blobs", 200, body=b"x"))
        with pytest.raises(Permanent, match="unknown kind 'md5'"):
            await oci.blob(target(registry.host), "md5:" + "0" * 32)

    async def test_blobs_elsewhere_are_fetched_without_the_login(self, registry: Registry, oci: Oci) -> None:
        asked: list[dict[bytes, bytes]] = []

        async def cdn(scope, receive, send) -> None:
            asked.append(dict(scope["headers"]))
            await registry_app(scope, receive, send)

        async def registry_app(scope, receive, send) -> None:
            digest = scope["path"].removeprefix("/")
            body = registry.content.repositories["team/app"].blobs[digest]
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": body})

        registry.auth, registry.users = "basic", USERS
        app = target(registry.host, ROBOT)
        await push_image(oci, app, "1.0.0")
        manifest = await oci.manifest(app, "1.0.0")
        assert manifest is not None
        async with serving(cdn) as url:
            registry.blobs_at = url
            assert b"rootfs" in await oci.blob(app, manifest.data["config"]["digest"])
        assert b"authorization" not in asked[0]

    async def test_another_host_is_not_asked_where_to_send_the_login(self, oci: Oci) -> None:
        async with Registry(auth="token", users=USERS).serve() as other, Registry().serve() as first:
            first.content.put_blob("team/app", b"x")
            first.blobs_at = f"{other.url}/v2/team/app/blobs"
            with pytest.raises(Refused, match="401"):
                await oci.blob(target(first.host, ROBOT), digest_of(b"x"))
            assert other.requests == [f"GET /v2/team/app/blobs/{digest_of(b'x')}"]


class TestLogin:
    @pytest.fixture
    async def guarded(self) -> AsyncIterator[Registry]:
        async with Registry(auth="token", users=USERS, public={"open/app"}).serve() as served:
            yield served

    async def test_a_token_is_fetched_once_and_kept(self, guarded: Registry, oci: Oci) -> None:
        app = target(guarded.host, ROBOT)
        await push_image(oci, app, "1.0.0")
        guarded.requests.clear()
        for _ in range(3):
            await oci.tags(app)
        assert guarded.requests == ["GET /v2/team/app/tags/list?n=10000"] * 3

    async def test_a_public_repository_needs_a_token_but_no_login(self, guarded: Registry, oci: Oci) -> None:
        await push_image(oci, target(guarded.host, ROBOT, "open/app"), "1.0.0")
        assert (await oci.tags(target(guarded.host, None, "open/app"))).tags == ("1.0.0",)

    async def test_one_login_never_uses_the_token_of_another(self, guarded: Registry, oci: Oci) -> None:
        await push_image(oci, target(guarded.host, ROBOT), "1.0.0")
        for stranger in (None, Login("robot", "guessed")):
            with pytest.raises(Refused):
                await oci.tags(target(guarded.host, stranger))

    async def test_an_expired_token_is_renewed_before_it_is_sent(self, guarded: Registry, http: Http) -> None:
        clock = FakeClock()
        oci, app = Oci(http, clock), target(guarded.host, ROBOT)
        await push_image(oci, app, "1.0.0")
        await oci.tags(app)
        await clock.advance(291)
        guarded.requests.clear()
        await oci.tags(app)
        assert [line.partition("?")[0] for line in guarded.requests] == ["GET /token", "GET /v2/team/app/tags/list"]

    async def test_a_token_that_the_registry_no_longer_takes_is_replaced_once(
        self, guarded: Registry, oci: Oci
    ) -> None:
        app = target(guarded.host, ROBOT)
        await push_image(oci, app, "1.0.0")
        guarded.tokens.clear()
        assert (await oci.tags(app)).tags == ("1.0.0",)

    async def test_where_to_log_in_is_not_learnt_from_a_server_that_was_not_verified(
        self, guarded: Registry, oci: Oci
    ) -> None:
        app = target(guarded.host, ROBOT)
        await oci.call(replace(app, verify=False), Call("tags/list"))
        guarded.requests.clear()
        await oci.call(app, Call("tags/list"))
        # Asked without a token first, as by somebody who knows nothing of it.
        assert [line.partition("?")[0] for line in guarded.requests] == [
            *("GET /v2/team/app/tags/list", "GET /token", "GET /v2/team/app/tags/list")
        ]

    async def test_a_token_server_that_talks_nonsense(self, guarded: Registry, oci: Oci) -> None:
        guarded.faults.append(Fault("/token", 200, body=b'{"token": 5}'))
        with pytest.raises(Temporary, match="not a token"):
            await oci.tags(target(guarded.host, ROBOT))

    async def test_a_token_server_elsewhere_without_tls_gets_no_login(self, registry: Registry, oci: Oci) -> None:
        challenge = {"www-authenticate": 'Bearer realm="http://tokens.example.com/token"'}
        registry.faults.append(Fault("tags", 401, challenge))
        with pytest.raises(Permanent, match=r"plain http://, so its credentials were not sent"):
            await oci.tags(target(registry.host, ROBOT))

    async def test_a_login_is_not_sent_over_plain_http_when_that_is_forbidden(self, http: Http) -> None:
        oci = Oci(http, SystemClock(), Access(logins=PlainHttp.NEVER))
        async with Registry(auth="basic", users=USERS).serve() as registry:
            with pytest.raises(Permanent, match="credentials were not sent"):
                await oci.tags(target(registry.host, ROBOT))
            assert registry.count() == 1

    @pytest.mark.parametrize(
        ("plain", "logins", "scheme", "sent"),
        [
            (frozenset(), PlainHttp.LOOPBACK, "https", True),
            (frozenset({"registry.example.com:5000"}), PlainHttp.LOOPBACK, "http", False),
            (frozenset({"registry.example.com:5000"}), PlainHttp.ALWAYS, "http", True),
        ],
        ids=["TLS elsewhere", "plain where the operator says so", "and with logins only if he says that too"],
    )
    async def test_how_registries_elsewhere_are_spoken_to(
        self, plain: frozenset[str], logins: PlainHttp, scheme: str, sent: bool
    ) -> None:
        asked: list[httpx2.Request] = []

        def answer(request: httpx2.Request) -> httpx2.Response:
            asked.append(request)
            if "authorization" in request.headers:
                return httpx2.Response(200, stream=httpx2.ByteStream(b'{"tags": ["1.0.0"]}'))
            demand = {"www-authenticate": "Basic realm=x"}
            return httpx2.Response(401, headers=demand, stream=httpx2.ByteStream(b""))

        http = Http(SystemClock(), IMPATIENT, transport=httpx2.MockTransport(answer))
        oci, app = Oci(http, SystemClock(), Access(plain, logins)), target("registry.example.com:5000", ROBOT)
        if sent:
            assert (await oci.tags(app)).tags == ("1.0.0",)
        else:
            with pytest.raises(Permanent, match="credentials were not sent"):
                await oci.tags(app)
        assert {request.url.scheme for request in asked} == {scheme}
        await http.close()

    async def test_an_unknown_challenge_is_a_refusal(self, registry: Registry, oci: Oci) -> None:
        registry.faults.append(Fault("tags", 401, {"www-authenticate": "Negotiate"}))
        with pytest.raises(Refused, match="401"):
            await oci.tags(target(registry.host, ROBOT))


async def test_a_registry_keeps_its_content_in_a_folder(tmp_path: Path, oci: Oci) -> None:
    async with Registry.kept(tmp_path).serve() as first:
        digest = await push_image(oci, target(first.host), "1.0.0")
    async with Registry.kept(tmp_path).serve() as second:
        assert await oci.digest(target(second.host), "1.0.0") == digest
        manifest = await oci.manifest(target(second.host), digest)
        assert manifest is not None
        assert await oci.blob(target(second.host), manifest.data["config"]["digest"])
