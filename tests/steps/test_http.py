"""`http` and `http-download` against a real server: what is sent, what answers mean, what a lost one leads to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from argosy.clients.web import NotSent
from argosy.errors import Failed, Permanent, Temporary
from argosy.steps import http, http_download
from argosy.steps.base import Done, Wait
from argosy.testing.context import FakeContext
from argosy.testing.web_server import Answer, WebServer

JSON = {"content-type": "application/json; charset=utf-8"}


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    async with WebServer().serve() as server:
        yield server


def answer(body: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, json.dumps(body).encode(), {**JSON, **headers})


async def test_a_request_is_sent_as_configured(ctx: FakeContext, server: WebServer) -> None:
    server.answers["/hook"] = [answer({"ok": True})]
    outcome = await ctx.run(
        http.STEP,
        {
            "method": "POST",
            "url": f"{server.url}/hook?a=1",
            "headers": [{"name": "Authorization", "value": "Bearer x"}, {"name": "X-Two", "value": "1"}],
            "queryParams": [{"name": "b", "value": "x y&z"}],
            "body": '{"text": "hi"}',
            "outputs": [{"name": "ok", "fromExpression": "response.body.ok"}],
        },
    )
    assert outcome == Done({"ok": True})
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/hook?a=1&b=x+y%26z", b'{"text": "hi"}')
    assert (asked.headers["authorization"], asked.headers["x-two"]) == ("Bearer x", "1")


async def test_a_file_is_a_body(ctx: FakeContext, server: WebServer) -> None:
    server.answers["/"] = [Answer(204)]
    ctx.write({"out/payload.json": "{}"})
    await ctx.run(http.STEP, {"method": "PUT", "url": server.url, "bodyFromFile": "out/payload.json"})
    assert server.asked[0].body == b"{}"


@pytest.mark.parametrize(
    ("given", "expression", "value"),
    [
        (answer({"a": [1, {"b": "c"}]}), "response.body.a[1].b", "c"),
        (answer([1, 2]), "sum(response.body)", 3),
        (answer(None), "response.body", None),
        (Answer(200, b"", JSON), "response.body", {}),
        (Answer(200, b"text", {"content-type": "text/plain"}), "response.body", "text"),
        (Answer(200, b"a: [1]\non: yes\n", {"content-type": "application/yaml"}), "response.body.a[0]", 1),
        (Answer(200, b"a: 1", {"content-type": "text/yaml"}), "response.body.a", 1),
        (Answer(200, b'{"a": 1}', {"content-type": "text/html"}), "response.body.a", 1),
        (Answer(200, b"<html>", {"content-type": "text/html"}), "response.body", {}),
        (answer({}, 201), "response.status", 201),
        (answer({}, **{"x-request-id": "7"}), "response.header('x-Request-id')", "7"),
        (answer({}, **{"x-request-id": "7"}), "response.headers['X-Request-Id'][0]", "7"),
        (answer({}), "response.header('x-missing')", ""),
    ],
)
async def test_expressions_see_the_answer(
    ctx: FakeContext, server: WebServer, given: Answer, expression: str, value: Any
) -> None:
    server.answers["/"] = [given]
    config = {"url": server.url, "outputs": [{"name": "out", "fromExpression": expression}]}
    assert await ctx.run(http.STEP, config) == Done({"out": value})


async def test_the_type_of_the_answer_can_be_overridden(ctx: FakeContext, server: WebServer) -> None:
    server.answers["/"] = [Answer(200, b"a: 1", {"content-type": "text/plain"})]
    outputs = [{"name": "a", "fromExpression": "response.body.a"}]
    config = {"url": server.url, "responseContentType": "application/yaml", "outputs": outputs}
    assert await ctx.run(http.STEP, config) == Done({"a": 1})


SUCCESS, FAILURE = "response.body.state == 'done'", "response.status == 404 || response.body.state == 'broken'"


@pytest.mark.parametrize(
    ("given", "expressions", "outcome"),
    [
        (answer({}), {}, Done),
        (answer({}, 503), {}, Wait),
        (answer({}, 404), {}, Wait),
        (answer({"state": "done"}, 500), {"successExpression": SUCCESS}, Done),
        (answer({"state": "busy"}), {"successExpression": SUCCESS}, Wait),
        (answer({"state": "busy"}), {"failureExpression": FAILURE}, Wait),
        (answer({"state": "busy"}), {"successExpression": SUCCESS, "failureExpression": FAILURE}, Wait),
        (answer({"state": "done"}), {"successExpression": SUCCESS, "failureExpression": FAILURE}, Done),
        (answer({"state": "done"}, 404), {"successExpression": SUCCESS, "failureExpression": FAILURE}, Failed),
        (answer({}), {"successExpression": "1 +"}, Permanent),
        (answer({}), {"successExpression": "response.body.a.b == 1"}, Temporary),
        (answer({}), {"successExpression": "'yes'"}, Temporary),
        (Answer(200, b"{", JSON), {}, Temporary),
    ],
)
async def test_what_an_answer_means(
    ctx: FakeContext, server: WebServer, given: Answer, expressions: dict[str, str], outcome: type
) -> None:
    server.answers["/"] = [given]
    config = {"url": server.url, "pollInterval": "2m", **expressions}
    if issubclass(outcome, Exception):
        with pytest.raises(outcome):
            await ctx.run(http.STEP, config)
        return
    ended = await ctx.run(http.STEP, config)
    assert isinstance(ended, outcome)
    assert not isinstance(ended, Wait) or ended.again_after == 120


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "HTTP (404) response met failure criteria"),
        ("response.body?.message ?? response.body?.error", "HTTP (404) response met failure criteria: 'gone'"),
        ("response.body.x.y", "HTTP (404) response met failure criteria"),
        ("1", "HTTP (404) response met failure criteria"),
    ],
)
async def test_the_message_of_a_failure(ctx: FakeContext, server: WebServer, expression: str, message: str) -> None:
    server.answers["/"] = [answer({"error": "gone"}, 404)]
    config = {"url": server.url, "failureExpression": "response.status == 404", "errorExpression": expression}
    with pytest.raises(Failed) as raised:
        await ctx.run(http.STEP, config)
    assert raised.value.message == message


POST = {"method": "POST", "body": "x"}


def keys(server: WebServer) -> list[str]:
    return [asked.headers["idempotency-key"] for asked in server.asked if asked.method == "POST"]


async def test_a_request_that_changes_something_is_journalled_before_it_is_sent(
    ctx: FakeContext, server: WebServer
) -> None:
    def crash(intent: Mapping[str, Any]) -> None:
        raise KeyboardInterrupt

    server.answers["/"] = [answer({})]
    ctx.on_intend = crash
    with pytest.raises(KeyboardInterrupt):
        await ctx.run(http.STEP, {"url": server.url, **POST})
    assert server.asked == []
    assert ctx.intents == [{"number": 1}]


async def test_a_lost_answer_is_asked_for_again_with_the_same_key(ctx: FakeContext, server: WebServer) -> None:
    server.answers["/"] = [Answer(broken=True), answer({})]
    with pytest.raises(Temporary):
        await ctx.run(http.STEP, {"url": server.url, **POST})
    assert await ctx.run(http.STEP, {"url": server.url, **POST}) == Done()
    first, second = keys(server)
    assert first == second


async def test_the_next_poll_is_another_request(ctx: FakeContext, server: WebServer) -> None:
    server.answers["/"] = [answer({}, 202), answer({}, 202), answer({})]
    config = {"url": server.url, **POST, "successExpression": "response.status == 200"}
    for outcome in (Wait, Wait, Done):
        assert isinstance(await ctx.run(http.STEP, config), outcome)
    assert len(set(keys(server))) == 3


async def test_a_key_of_ones_own_is_kept(ctx: FakeContext, server: WebServer) -> None:
    server.answers["/"] = [answer({})]
    await ctx.run(http.STEP, {"url": server.url, **POST, "headers": [{"name": "idempotency-key", "value": "mine"}]})
    assert keys(server) == ["mine"]


async def test_a_lost_answer_fails_where_that_is_wanted(ctx: FakeContext, server: WebServer) -> None:
    server.answers["/"] = [Answer(broken=True), answer({})]
    config = {"url": server.url, **POST, "onLostResult": "fail"}
    with pytest.raises(Temporary):
        await ctx.run(http.STEP, config)
    with pytest.raises(Failed, match="whether the request arrived is not known"):
        await ctx.run(http.STEP, config)
    assert len(server.asked) == 1


async def test_an_answer_that_cannot_be_judged_is_not_lost(ctx: FakeContext, server: WebServer) -> None:
    server.answers["/"] = [answer({}), answer({"state": "ready"})]
    config = {"url": server.url, **POST, "onLostResult": "fail", "successExpression": "response.body.state == 'ready'"}
    with pytest.raises(Temporary):
        await ctx.run(http.STEP, {**config, "successExpression": "response.body.state.x"})
    assert await ctx.run(http.STEP, config) == Done()
    assert len(set(keys(server))) == 2


async def test_a_request_that_was_never_sent_is_not_lost(ctx: FakeContext) -> None:
    config = {"url": "http://127.0.0.1:1/", **POST, "onLostResult": "fail"}
    for _ in range(2):
        with pytest.raises(NotSent):
            await ctx.run(http.STEP, config)


@pytest.mark.parametrize(("found", "posts"), [(True, 1), (False, 2)])
async def test_a_lookup_tells_whether_a_lost_request_arrived(
    ctx: FakeContext, server: WebServer, found: bool, posts: int
) -> None:
    server.answers["/items"] = [Answer(broken=True), answer({"id": 7})]
    server.answers["/look"] = [answer({"id": 7} if found else {})]
    config = {
        "url": f"{server.url}/items",
        **POST,
        "onLostResult": "lookup",
        "lookup": {"url": f"{server.url}/look", "foundExpression": "response.body?.id != nil"},
        "outputs": [{"name": "id", "fromExpression": "response.body.id"}],
    }
    with pytest.raises(Temporary):
        await ctx.run(http.STEP, config)
    assert await ctx.run(http.STEP, config) == Done({"id": 7})
    assert len(keys(server)) == posts


async def test_redirects_are_followed_and_credentials_stay_with_their_host(ctx: FakeContext, server: WebServer) -> None:
    async with WebServer({"/end": [answer({})]}).serve() as other:
        server.answers["/"] = [Answer(302, headers={"location": f"{other.url}/end"})]
        headers = [{"name": "Authorization", "value": "Bearer x"}]
        assert await ctx.run(http.STEP, {"url": server.url, "headers": headers}) == Done()
        assert "authorization" not in other.asked[0].headers


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "http://[fe80::1]/", "ftp://x/", "nothing", "http:// x/"]
)
async def test_urls_that_are_refused(ctx: FakeContext, url: str) -> None:
    with pytest.raises(Permanent):
        await ctx.run(http.STEP, {"url": url})


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "2852039166", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[fe80::1]"]
)
async def test_a_redirect_to_a_link_local_address_is_refused(ctx: FakeContext, server: WebServer, host: str) -> None:
    server.answers["/"] = [Answer(302, headers={"location": f"http://{host}/"})]
    with pytest.raises(Permanent, match="link-local"):
        await ctx.run(http.STEP, {"url": server.url})


async def test_a_proxy_at_a_link_local_address_is_refused(ctx: FakeContext, server: WebServer) -> None:
    with pytest.raises(Permanent, match="link-local"):
        await ctx.run(http.STEP, {"url": server.url, "proxy": "http://169.254.169.254"})
    with pytest.raises(Permanent, match="not a usable URL"):
        await ctx.run(http.STEP, {"url": server.url, "proxy": "http://me:secret@127.0.0.1:99999"})
    assert server.asked == []


async def test_a_server_that_never_answers_and_one_that_never_ends(ctx: FakeContext, server: WebServer) -> None:
    server.answers["/hang"] = [Answer(hang=True)]
    with pytest.raises(Temporary, match=r"did not answer within 0\.2 s"):
        await ctx.run(http.STEP, {"url": f"{server.url}/hang", "timeout": "200ms"})
    server.answers["/long"] = [Answer(body=b"x" * (1 << 20), chunks=5)]
    with pytest.raises(Permanent, match="more than 2097152 bytes"):
        await ctx.run(http.STEP, {"url": f"{server.url}/long"})


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"url": ""},
        {"url": "http://x", "method": "TRACE"},
        {"url": "http://x", "body": "a", "bodyFromFile": "b"},
        {"url": "http://x", "timeout": "soon"},
        {"url": "http://x", "timeout": "0s"},
        {"url": "http://x", "onLostResult": "lookup"},
        {"url": "http://x", "lookup": {"url": "http://x", "foundExpression": "true"}},
        {"url": "http://x", "proxy": "x:1"},
        {"url": "http://x", "headers": [{"name": "A\r\nB", "value": "x"}]},
        {"url": "http://x", "headers": [{"name": "A", "value": "x\r\nB: y"}]},
        {"url": "http://x", "responseContentType": "text/html"},
    ],
)
async def test_configurations_that_are_refused(ctx: FakeContext, config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        await ctx.run(http.STEP, config)


async def test_a_plan_shows_the_request_and_hides_credentials(ctx: FakeContext, server: WebServer) -> None:
    config = {
        "url": f"{server.url}/hook",
        **POST,
        "headers": [{"name": "Authorization", "value": "Bearer x"}, {"name": "X-Two", "value": "1"}],
        "outputs": [{"name": "id", "fromExpression": "response.body.id"}],
    }
    preview = await ctx.preview(http.STEP, config)
    (change,) = preview.changes
    assert (change.verb, change.target) == ("send", f"POST {server.url}/hook")
    headers = {"Authorization": "******", "X-Two": "1", "Idempotency-Key": "******"}
    assert change.details == {"headers": headers, "body": "x"}
    assert preview.unknown == ("id",)
    asking = await ctx.preview(http.STEP, {"url": server.url})
    assert (asking.changes, asking.waits) == ((), f"the answer of GET {server.url}")
    (change,) = (await ctx.preview(http.STEP, {"url": "http://ada:pw@x/a?b=1#c", "method": "PUT"})).changes
    assert change.target == "PUT http://x/a?b=1#c"
    assert server.asked == []


# -- http-download


async def test_a_file_is_downloaded_part_by_part(ctx: FakeContext, server: WebServer) -> None:
    server.answers["/big"] = [Answer(body=b"abc" * 1000, chunks=99)]
    assert await ctx.run(http_download.STEP, {"url": f"{server.url}/big", "outPath": "deep/big"}) == Done()
    content = b"abc" * 100_000
    assert ctx.tree.read("deep/big") == content
    assert ctx.pins == {"sha256": hashlib.sha256(content).hexdigest()}


async def test_what_changed_since_the_first_time_is_an_error(ctx: FakeContext, server: WebServer) -> None:
    server.answers["/f"] = [Answer(body=b"one"), Answer(body=b"one"), Answer(body=b"two")]
    config = {"url": f"{server.url}/f", "outPath": "f", "allowOverwrite": True}
    await ctx.run(http_download.STEP, config)
    await ctx.run(http_download.STEP, config)
    with pytest.raises(Failed, match="has changed since"):
        await ctx.run(http_download.STEP, config)
    assert ctx.read("f") == "one"


@pytest.mark.parametrize(
    ("given", "error", "problem"),
    [
        (Answer(500, b"oops"), Temporary, "answered 500"),
        (Answer(404), Temporary, "answered 404"),
        (Answer(200, b"x", {"content-length": str(101 << 20)}), Permanent, "more than 104857600 bytes"),
        (Answer(broken=True), Temporary, "closed connection"),
    ],
)
async def test_a_download_that_fails_leaves_no_file(
    ctx: FakeContext, server: WebServer, given: Answer, error: type[Exception], problem: str
) -> None:
    server.answers["/f"] = [given]
    with pytest.raises(error, match=problem):
        await ctx.run(http_download.STEP, {"url": f"{server.url}/f", "outPath": "f"})
    assert list(ctx.tree.root.iterdir()) == []


async def test_a_file_that_is_there_stays_unless_it_may_be_replaced(ctx: FakeContext, server: WebServer) -> None:
    server.answers["/f"] = [Answer(body=b"new")]
    ctx.write({"f": "old", "folder/x": ""})
    config = {"url": f"{server.url}/f", "outPath": "f"}
    with pytest.raises(Permanent, match="exists already"):
        await ctx.run(http_download.STEP, config)
    with pytest.raises(Permanent, match="is a folder"):
        await ctx.run(http_download.STEP, {**config, "outPath": "folder"})
    with pytest.raises(Permanent, match=r"cannot write f/x: File exists"):
        await ctx.run(http_download.STEP, {**config, "outPath": "f/x"})
    await ctx.run(http_download.STEP, {**config, "allowOverwrite": True})
    assert ctx.read("f") == "new"


async def test_what_a_server_gives_to_one_promotion_is_not_sent_for_another(
    ctx: FakeContext, server: WebServer
) -> None:
    server.answers["/"] = [Answer(headers={"set-cookie": "session=1; Path=/"})]
    await ctx.run(http.STEP, {"url": server.url, "headers": [{"name": "Cookie", "value": "own=1"}]})
    await ctx.run(http.STEP, {"url": server.url})
    assert [asked.headers.get("cookie") for asked in server.asked] == ["own=1", None]
