"""The seam to the network, against real servers on loopback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import httpx2
import pytest
from starlette.requests import Request as Asked
from starlette.responses import RedirectResponse, StreamingResponse
from starlette.responses import Response as Answer

from argosy.clients.host import Host
from argosy.clients.http import Http, Policy, Request, Response, redirected, retry_after
from argosy.clock import SystemClock
from argosy.errors import Permanent, Temporary
from argosy.testing.clock import FakeClock, settle
from argosy.testing.serving import serving

IMPATIENT = Policy(connect=1.0, read=0.2, total=1.0, backoff=0.001, patience=0.05)


class Server:
    """Answers from a list, the last one again and again; remembers what was asked."""

    def __init__(self, *answers: Callable[[Asked], Answer]) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []

    async def app(self, scope, receive, send) -> None:
        request = Asked(scope, receive)
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await answer(request)(scope, receive, send)


def status(code: int, body: bytes = b"", **headers: str) -> Callable[[Asked], Answer]:
    return lambda _: Answer(body, code, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    client = Http(SystemClock(), IMPATIENT)
    yield client
    await client.close()


@contextlib.asynccontextmanager
async def served(*answers: Callable[[Asked], Answer]) -> AsyncIterator[tuple[Server, str]]:
    server = Server(*answers)
    async with serving(server.app) as url:
        yield server, url


async def test_an_answer_is_read_whole(http: Http) -> None:
    async with served(status(200, b'{"a": 1}', x_custom="yes")) as (_, url):
        response = await http.send(Request("GET", f"{url}/x"))
    assert (response.status, response.json(), response.headers["X-Custom"]) == (200, {"a": 1}, "yes")


@pytest.mark.parametrize("code", [500, 502, 503, 504, 429])
async def test_reading_is_tried_again_after_trouble(http: Http, code: int) -> None:
    async with served(status(code), status(200, b"fine")) as (server, url):
        assert (await http.send(Request("GET", url))).content == b"fine"
    assert len(server.asked) == 2


async def test_writing_is_never_repeated(http: Http) -> None:
    async with served(status(500), status(200)) as (server, url):
        with pytest.raises(Temporary, match="answered 500"):
            await http.send(Request("POST", url, content=b"x"))
    assert len(server.asked) == 1


async def test_trouble_that_stays_is_reported_after_three_tries(http: Http) -> None:
    async with served(status(500)) as (server, url):
        with pytest.raises(Temporary, match="answered 500"):
            await http.send(Request("GET", url))
    assert len(server.asked) == 3


async def test_a_long_retry_after_is_passed_on_and_respected_by_every_later_request(http: Http) -> None:
    async with served(status(429, retry_after="120")) as (server, url):
        with pytest.raises(Temporary) as first:
            await http.send(Request("GET", url))
        with pytest.raises(Temporary, match="left alone") as second:
            await http.send(Request("GET", f"{url}/else"))
    assert first.value.after == 120
    assert second.value.after is not None
    assert 110 < second.value.after <= 120
    assert len(server.asked) == 1


async def test_a_refusal_that_names_a_time_means_later(http: Http) -> None:
    async with served(status(403, retry_after="120")) as (server, url):
        with pytest.raises(Temporary, match="403") as caught:
            await http.send(Request("GET", url))
    assert caught.value.after == 120
    assert len(server.asked) == 1


def test_retry_after_may_be_a_date() -> None:
    clock = FakeClock()
    date = format_datetime(clock.now() + timedelta(seconds=90), usegmt=True)
    response = Response(429, "http://x", httpx2.Headers({"retry-after": date}), b"")
    assert retry_after(response, clock) == 90


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", None), ("soon", None), ("7", 7.0), ("999999", 3600.0), ("²", None), ("-5", None), ("9" * 400, 3600.0)],
)
def test_retry_after_in_other_forms(text: str, expected: float | None) -> None:
    response = Response(429, "http://x", httpx2.Headers({"retry-after": text.encode("latin-1")}), b"")
    assert retry_after(response, FakeClock()) == expected


async def test_a_server_that_never_answers_costs_only_the_timeout() -> None:
    async def hang(scope, receive, send) -> None:
        await receive()
        await receive()

    client = Http(SystemClock(), Policy(read=0.05, attempts=1))
    async with serving(hang) as url:
        with pytest.raises(Temporary, match="did not answer in time"):
            await client.send(Request("GET", url))
    await client.close()


async def test_a_server_that_drips_bytes_costs_only_the_total_time() -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    client = Http(SystemClock(), Policy(read=5.0, total=0.1, attempts=1))
    async with served(lambda _: StreamingResponse(drip())) as (_, url):
        with pytest.raises(Temporary, match="did not answer in time"):
            await client.send(Request("GET", url))
    await client.close()


async def test_a_server_that_is_not_there(http: Http) -> None:
    with pytest.raises(Temporary, match=r"http://127\.0\.0\.1:9/x cannot be reached"):
        await http.send(Request("GET", "http://someone:secret@127.0.0.1:9/x?token=secret"))


UNUSABLE = ["http://[bad", "nonsense", "http://a b/", "ftp://example.com/x", "http://127.0.0.1:99999/", "http://a:0/"]


@pytest.mark.parametrize("url", UNUSABLE)
async def test_an_unusable_url_is_no_reason_to_try_again(http: Http, url: str) -> None:
    with pytest.raises(Permanent, match="not a usable URL"):
        await http.send(Request("GET", url))


async def test_an_answer_longer_than_the_limit_is_refused(http: Http) -> None:
    async with served(status(200, b"x" * 2000)) as (_, url):
        with pytest.raises(Permanent, match="more than 1000 bytes"):
            await http.send(Request("GET", url, limit=1000))


async def test_a_body_that_is_not_json_says_where_it_came_from(http: Http) -> None:
    async with served(status(200, b"<html>Sign in</html>")) as (_, url):
        response = await http.send(Request("GET", f"{url}/v2/"))
        with pytest.raises(Temporary, match="/v2/ answered 200 with something that is not JSON"):
            response.json()


async def test_a_header_that_cannot_be_sent_is_not_shown(http: Http) -> None:
    async with served(status(200)) as (server, url):
        with pytest.raises(Permanent, match="line breaks") as caught:
            await http.send(Request("GET", url, {"Authorization": "Bearer hun\nter2"}))
    assert "ter2" not in str(caught.value)
    assert server.asked == []


async def test_credentials_stay_with_their_host(http: Http) -> None:
    async with (
        served(status(200, b"blob")) as (cdn, cdn_url),
        served(lambda _: RedirectResponse(f"{cdn_url}/blob")) as (server, url),
    ):
        request = Request("GET", url, {"Authorization": "Bearer secret", "Accept": "x/y"})
        assert (await http.send(request)).content == b"blob"
    assert server.asked[0].headers["authorization"] == "Bearer secret"
    assert "authorization" not in cdn.asked[0].headers
    assert cdn.asked[0].headers["accept"] == "x/y"


async def test_cookies_are_not_kept(http: Http) -> None:
    async with served(status(200, set_cookie="session=1; Path=/")) as (server, url):
        await http.send(Request("GET", url))
        await http.send(Request("GET", url))
    assert "cookie" not in server.asked[1].headers


async def test_redirects_in_a_circle_end(http: Http) -> None:
    async with served(lambda request: RedirectResponse(str(request.url))) as (_, url):
        with pytest.raises(Permanent, match="redirects more than 5 times"):
            await http.send(Request("GET", url))


async def test_a_redirect_to_what_is_no_server_is_no_reason_to_try_again(http: Http) -> None:
    async with served(status(302, location="http://127.0.0.1:99999/")) as (server, url):
        with pytest.raises(Permanent, match="not a usable URL"):
            await http.send(Request("GET", url))
    assert len(server.asked) == 1


def test_a_redirect_never_leaves_tls() -> None:
    with pytest.raises(Permanent, match="redirects to http://"):
        redirected(Request("GET", "https://example.com/a"), "http://example.com/a")


def test_a_redirect_on_the_same_host_keeps_the_login() -> None:
    request = redirected(Request("GET", "https://example.com/a", {"authorization": "x"}), "/b")
    assert (request.url, request.headers) == ("https://example.com/b", {"authorization": "x"})


async def test_a_server_that_hangs_starves_no_other() -> None:
    http = Http(SystemClock(), replace(IMPATIENT, read=60.0, total=60.0))

    async def hang(scope, receive, send) -> None:
        await receive()
        await receive()

    async with serving(hang) as stuck, served(status(200, b"fine")) as (_, url):
        waiting = [asyncio.create_task(http.send(Request("GET", stuck))) for _ in range(64)]
        await settle()
        assert (await http.send(Request("GET", url))).content == b"fine"
        assert not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    await http.close()


async def test_what_stays_on_this_machine_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    client = Http(SystemClock(), IMPATIENT)
    async with served(status(200, b"fine")) as (_, url):
        assert (await client.send(Request("GET", url))).content == b"fine"
    await client.close()


def test_a_request_shows_no_header_and_no_body() -> None:
    shown = repr(Request("GET", "https://example.com", {"authorization": "secret"}, b"secret"))
    assert "secret" not in shown


class TestHost:
    """Turns at one server."""

    async def test_no_more_than_the_limit_at_once_and_in_order(self) -> None:
        host = Host("h", FakeClock(), most=2, patience=5)
        order: list[int] = []
        gate = asyncio.Event()

        async def work(number: int) -> None:
            async with host.turn():
                order.append(number)
                await gate.wait()

        tasks = [asyncio.create_task(work(number)) for number in range(5)]
        await settle()
        assert order == [0, 1]
        gate.set()
        await asyncio.gather(*tasks)
        assert order == [0, 1, 2, 3, 4]

    async def test_throttling_halves_the_limit_once_a_second_and_success_mends_it(self) -> None:
        clock = FakeClock()
        host = Host("h", clock, most=8, patience=5)
        host.throttled(None)
        host.throttled(None)
        assert host.limit == 4
        await clock.advance(1)
        host.throttled(None)
        assert host.limit == 2
        for _ in range(100):
            host.succeeded()
        assert host.limit == 8

    async def test_the_limit_never_falls_below_one(self) -> None:
        clock = FakeClock()
        host = Host("h", clock, most=2, patience=5)
        for _ in range(10):
            host.throttled(None)
            await clock.advance(1)
        async with host.turn():
            assert host.limit == 1

    async def test_a_short_pause_is_waited_out(self) -> None:
        clock = FakeClock()
        host = Host("h", clock, most=1, patience=5)
        host.throttled(3)
        entered = asyncio.Event()

        async def work() -> None:
            async with host.turn():
                entered.set()

        task = asyncio.create_task(work())
        await clock.advance(2.9)
        assert not entered.is_set()
        await clock.advance(0.1)
        assert entered.is_set()
        await task

    async def test_who_gives_up_waiting_takes_no_turn_away(self) -> None:
        host = Host("h", FakeClock(), most=1, patience=5)
        async with host.turn():
            waiting = asyncio.create_task(host.turn().__aenter__())
            await settle()
            waiting.cancel()
            await settle()
        async with asyncio.timeout(1), host.turn():
            pass

    async def test_who_gives_up_just_when_its_turn_comes_passes_it_on(self) -> None:
        host = Host("h", FakeClock(), most=1, patience=5)
        first = host.turn()
        await first.__aenter__()
        waiting = asyncio.create_task(host.turn().__aenter__())
        await settle()
        await first.__aexit__(None, None, None)
        waiting.cancel()
        await settle()
        async with asyncio.timeout(1), host.turn():
            pass
