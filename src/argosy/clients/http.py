"""HTTP: the one seam to the network. Bounded, polite to servers, and careful with whom it hands credentials."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import random
import re
import ssl
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from time import perf_counter
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import orjson

from argosy.clients.header import is_illegal
from argosy.clients.host import Host
from argosy.clock import Clock
from argosy.errors import ArgosyError, Permanent, Temporary
from argosy.meter import UNMETERED, Meter

KIB, MIB = 1024, 1024 * 1024
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS"})
_RETRIED = frozenset({429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PRIVATE_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient and how demanding to be.

    Attributes:
        connect: seconds to wait for a connection.
        read: seconds to wait for the next bytes of an answer.
        total: seconds for one whole exchange, so that a server cannot drip bytes forever.
        attempts: how often an idempotent request is tried in all.
        backoff: seconds before the second attempt; doubled for each further one, with jitter.
        patience: the longest time in seconds to sit out a server's `Retry-After`; longer ones become Temporary.
        redirects: how many redirects of a GET or HEAD are followed.
        concurrency: the most requests at once to one host; 429 answers lower it for a while.
    """

    connect: float = 10.0
    read: float = 30.0
    total: float = 300.0
    attempts: int = 3
    backoff: float = 0.5
    patience: float = 5.0
    redirects: int = 5
    concurrency: int = 16


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask. `limit` is the longest answer in bytes that is accepted; `verify` False skips TLS verification."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)
    limit: int = 4 * MIB
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, read completely. `headers` compare names without regard to case; `url` is where it came from."""

    status: int
    url: str
    headers: httpx2.Headers
    content: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON. Raises Temporary when it is none: proxies and login pages come and go."""
        try:
            return orjson.loads(self.content)
        except orjson.JSONDecodeError:
            raise nonsense(self, "JSON") from None


class Refused(Permanent):
    """The server understood and said no. `status` is the HTTP status."""

    def __init__(self, message: str, *, status: int, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.status = status


class Untrusted(Permanent):
    """The server's TLS certificate cannot be verified."""


class Http:
    """Sends requests. One instance serves a whole process; connections are kept and shared.

    Each host has a limit of its own for requests at once, so a slow or throttling host cannot starve another, and
    its requests take turns in the order they came.
    """

    def __init__(
        self,
        clock: Clock,
        policy: Policy = Policy(),
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        meter: Meter = UNMETERED,
    ) -> None:
        self._clock = clock
        self._policy = policy
        self._transport = transport
        self._meter = meter
        self._clients: dict[bool, httpx2.AsyncClient] = {}
        self._hosts: dict[str, Host] = {}

    async def send(self, request: Request) -> Response:
        """Send `request` and read the answer, whatever its status, except those that mean "later".

        GET and HEAD are tried again on lost connections, 429 and 5xx, and follow redirects; credentials stay with the
        host they were meant for.

        Raises:
            Temporary: the server cannot be reached, answers 429 or 5xx, or stops answering. `after` is what it asked
                for, when it did.
            Permanent: the URL is unusable, the certificate cannot be verified (Untrusted), the answer is longer than
                `request.limit`, or redirects make no sense.
        """
        for _ in range(self._policy.redirects + 1):
            check_url(request.url)
            response = await self._persist(request)
            location = response.headers.get("location", "")
            if response.status not in _REDIRECTS or not location or request.method not in ("GET", "HEAD"):
                return response
            request = redirected(request, location)
        raise Permanent(
            f"{place_of(request.url)} redirects more than {self._policy.redirects} times",
            advice="Check the URL: it seems to lead in a circle",
        )

    async def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    async def _persist(self, request: Request) -> Response:
        attempts = self._policy.attempts if request.method in _IDEMPOTENT else 1
        for attempt in range(1, attempts + 1):
            try:
                return await self._attempt(request)
            except Temporary as error:
                pause = self._policy.backoff * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)
                if attempt == attempts or (error.after or 0.0) > self._policy.patience:
                    raise
                await self._clock.sleep(max(pause, error.after or 0.0))
        raise AssertionError("unreachable")

    async def _attempt(self, request: Request) -> Response:
        host = self._host(request.url)
        async with host.turn():
            response = await self._exchange(request)
            # Some say "forbidden" to whom they mean "later".
            later = response.status == 403 and "retry-after" in response.headers
            if response.status not in _RETRIED and not later:
                host.succeeded()
                return response
            after = retry_after(response, self._clock)
            if later or response.status in (429, 503):
                host.throttled(after)
        raise Temporary(f"{place_of(request.url)} answered {_phrase(response.status)}", after=after)

    async def _exchange(self, request: Request) -> Response:
        place, exchange = place_of(request.url), Exchange(self._meter, request.url)
        try:
            async with asyncio.timeout(self._policy.total), self._stream(request) as answer:
                exchange.answered(answer.status_code)
                content = await _read(answer, request, place)
                return Response(answer.status_code, request.url, answer.headers, content)
        except (TimeoutError, httpx2.TimeoutException):
            raise Temporary(f"{place} did not answer in time") from None
        except httpx2.TransportError as error:
            raise unreachable(place, error) from None
        except (httpx2.InvalidURL, UnicodeError):
            raise _unusable(place) from None
        finally:
            exchange.ended()

    @contextlib.asynccontextmanager
    async def _stream(self, request: Request) -> AsyncGenerator[httpx2.Response]:
        headers = {"accept-encoding": "identity", "user-agent": "argosy", **request.headers}
        async with self._client(request.verify).stream(
            request.method, request.url, headers=headers, content=request.content or None
        ) as answer:
            yield answer

    def _client(self, verify: bool) -> httpx2.AsyncClient:
        if verify not in self._clients:
            try:
                self._clients[verify] = self._new_client(verify)
            except CLIENT_FAULTS as error:
                raise no_client(error) from error
        return self._clients[verify]

    def _new_client(self, verify: bool) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            verify=tls_context(verify),
            transport=self._transport,
            # Only what leaves this machine goes through a proxy.
            mounts={"all://localhost": None, "all://127.0.0.1": None, "all://[::1]": None},
            cookies=no_cookies(),
            follow_redirects=False,
            timeout=httpx2.Timeout(self._policy.read, connect=self._policy.connect, pool=None),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=30.0),
        )

    def _host(self, url: str) -> Host:
        netloc = urlsplit(url).netloc.rpartition("@")[2]
        if netloc not in self._hosts:
            self._hosts[netloc] = Host(netloc, self._clock, self._policy.concurrency, self._policy.patience)
        return self._hosts[netloc]


class Exchange:
    """Tells a meter of one request, by host and status; `error` is the status of one that nobody answered."""

    def __init__(self, meter: Meter, url: str) -> None:
        self._meter = meter
        self._host = urlsplit(url).hostname or ""
        self._begun = perf_counter()
        self._status = "error"

    def answered(self, status: int) -> None:
        self._status = str(status)

    def ended(self) -> None:
        self._meter.took("http_request", perf_counter() - self._begun, host=self._host, code=self._status)


def no_cookies() -> CookieJar:
    """Keeps none: what a server gives to one of us is not for all who share a client."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


CLIENT_FAULTS = (OSError, ValueError, ImportError, httpx2.InvalidURL)
"""What making a client raises when the environment names files or proxies of no use."""


def no_client(error: Exception) -> Permanent:
    """The error for an environment in which nothing can be sent."""
    return Permanent(
        f"nothing can be sent: {error}",
        advice="Check SSL_CERT_FILE, SSL_CERT_DIR and the proxies in the environment of Argosy",
    )


def tls_context(verify: bool) -> ssl.SSLContext:
    """Who is trusted: the authorities of the system, or instead those of SSL_CERT_FILE or SSL_CERT_DIR."""
    return _tls_context(verify, os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", ""))


@functools.cache
def _tls_context(verify: bool, file: str, folder: str) -> ssl.SSLContext:
    """Reading the trusted authorities takes a fifth of a second: once for a process is enough."""
    return httpx2.create_ssl_context(verify=verify)


def redirected(request: Request, location: str) -> Request:
    """The request to send after a redirect: without credentials when it leaves the host, never from TLS to plain HTTP.

    Raises Permanent for a redirect that must not be followed.
    """
    url = joined(request.url, location)
    before, after = urlsplit(request.url), urlsplit(url)
    if after.scheme not in ("http", "https") or (before.scheme == "https" and after.scheme == "http"):
        raise Permanent(
            f"{place_of(request.url)} redirects to {after.scheme}://, which was not followed",
            advice="Use the address that the server redirects to, if it can be trusted",
        )
    if (before.scheme, before.netloc) == (after.scheme, after.netloc):
        return replace(request, url=url)
    kept = {name: value for name, value in request.headers.items() if name.lower() not in _PRIVATE_HEADERS}
    return replace(request, url=url, headers=kept)


def joined(base: str, reference: str) -> str:
    """The URL that a server names in an answer. Raises Temporary when it is none."""
    try:
        url = urljoin(base, reference)
        urlsplit(url)
    except ValueError:
        raise Temporary(f"{place_of(base)} answered with a URL that cannot be read") from None
    return url


def retry_after(response: Response, clock: Clock) -> float | None:
    """The seconds after which the server wants to be asked again; None when it does not say."""
    return parse_retry_after(response.headers.get("retry-after", ""), clock)


def parse_retry_after(text: str, clock: Clock) -> float | None:
    """The seconds that a header Retry-After means (RFC 9110, 10.2.3), at most an hour; None when it makes no sense."""
    if text.isascii() and text.isdigit():
        return min(float(text), 3600.0)
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return min(max(0.0, (parsedate_to_datetime(text) - clock.now()).total_seconds()), 3600.0)
    return None


def nonsense(response: Response, expected: str) -> Temporary:
    """The error for a body that is not what the server should have sent."""
    return Temporary(
        f"{place_of(response.url)} answered {response.status} with something that is not {expected}",
        advice="Check that the URL leads to the server itself and not to a proxy or a login page",
    )


def check_url(url: str) -> None:
    """Raises Permanent for what is no URL of a web server."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not re.search(r"\s", url)
    except ValueError:
        usable = False
    if not usable:
        raise _unusable(url)


def _unusable(url: str) -> Permanent:
    return Permanent(f"{url.rpartition('@')[2]!r} is not a usable URL", advice="Check its spelling")


async def _read(answer: httpx2.Response, request: Request, place: str) -> bytes:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise Temporary(f"{place} answered in an encoding that was not asked for")
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > request.limit:
            raise Permanent(
                f"{place} answered with more than {request.limit} bytes",
                advice="Check that the URL leads where it should",
            )
    return bytes(body)


def unreachable(place: str, error: httpx2.TransportError) -> ArgosyError:
    """The error for a server that could not be reached: Untrusted, Temporary, or Permanent for what cannot be sent."""
    text = str(error)
    if is_illegal(error):
        return Permanent(
            f"the request to {place} cannot be sent: a header holds characters that HTTP does not allow",
            advice="Look for line breaks in tokens and other values that headers are made of",
        )
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return Untrusted(
            f"the TLS certificate of {place} cannot be verified",
            advice="Add its authority to the trusted ones (SSL_CERT_FILE), or set insecureSkipTLSVerify if you must",
        )
    return Temporary(f"{place} cannot be reached: {text or type(error).__name__}")


def place_of(url: str) -> str:
    """The URL as it may be shown: without user, password and query, which may hold secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _phrase(status: int) -> str:
    return {429: "429 (too many requests)"}.get(status, str(status))
