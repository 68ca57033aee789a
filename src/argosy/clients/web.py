"""Requests that people write themselves, in promotion steps: any method, any server, every answer given back as it is.

Unlike `clients.http`, nothing is tried again and no status is an error: the step decides. Link-local addresses, behind
which clouds keep the credentials of machines, are never connected to, also not after a redirect.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ipaddress
import socket
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx2

from argosy.clients.http import (
    CLIENT_FAULTS,
    MIB,
    Exchange,
    Response,
    check_url,
    no_client,
    no_cookies,
    place_of,
    tls_context,
    unreachable,
)
from argosy.errors import Permanent, Temporary
from argosy.meter import UNMETERED, Meter

REDIRECTS = 10
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # IPv4 by way of NAT64
_CONNECT, _SILENCE = 10.0, 30.0  # seconds to connect, and between two parts of an answer


@dataclass(frozen=True, slots=True)
class Ask:
    """One request.

    Attributes:
        headers, query: pairs of name and value; a name may come twice.
        timeout: seconds for the whole exchange.
        proxy: URL of the proxy to go through instead of what the environment says.
        verify: False accepts any TLS certificate.
        limit: bytes of the longest answer that is accepted.
    """

    url: str
    method: str = "GET"
    headers: Sequence[tuple[str, str]] = field(default=(), repr=False)
    query: Sequence[tuple[str, str]] = field(default=(), repr=False)
    content: bytes = field(default=b"", repr=False)
    timeout: float = 10.0
    proxy: str = ""
    verify: bool = True
    limit: int = 2 * MIB


@dataclass(frozen=True, slots=True)
class Download:
    """What was written: `status` of the answer; digest and size of the file, when the status is a success."""

    status: int
    sha256: str = ""
    size: int = 0


class NotSent(Temporary):
    """The request did not reach the server: there was no connection to send it on."""


class Web:
    """Sends requests; connections are kept. `transport` is for tests that need no network."""

    def __init__(self, *, transport: httpx2.AsyncBaseTransport | None = None, meter: Meter = UNMETERED) -> None:
        self._transport = transport
        self._meter = meter
        self._clients: dict[tuple[bool, str], httpx2.AsyncClient] = {}

    async def send(self, ask: Ask) -> Response:
        """Send a request and read the answer, whatever its status; redirects are followed.

        Raises NotSent: the server cannot be reached; Temporary: it is too slow, or the connection broke; Permanent: the
        URL or a redirect cannot be used, the certificate cannot be verified, or the answer is too long.
        """
        async with self._answer(ask) as answer:
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                _check_size(len(body), ask)
            return Response(answer.status_code, str(answer.url), answer.headers, bytes(body))

    async def download(self, ask: Ask, target: Path) -> Download:
        """Write the answer of a success to a file, which is new, part by part. Raises as `send`; OSError."""
        async with self._answer(ask) as answer:
            if not answer.is_success:
                return Download(answer.status_code)
            _check_size(int(answer.headers.get("content-length") or 0), ask)
            digest, size = hashlib.sha256(), 0
            with target.open("xb") as file:
                async for chunk in answer.aiter_bytes():
                    size += len(chunk)
                    _check_size(size, ask)
                    digest.update(chunk)
                    file.write(chunk)
            return Download(answer.status_code, digest.hexdigest(), size)

    async def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    @contextlib.asynccontextmanager
    async def _answer(self, ask: Ask) -> AsyncGenerator[httpx2.Response]:
        check_url(ask.url)
        place, exchange = place_of(ask.url), Exchange(self._meter, ask.url)
        try:
            if ask.proxy:
                check_url(ask.proxy)
                await _check_address(ask.proxy)
            client = self._client(ask)
            url = httpx2.URL(ask.url)
            for name, value in ask.query:
                url = url.copy_add_param(name, value)
            async with (
                asyncio.timeout(ask.timeout),
                client.stream(ask.method, url, headers=[*ask.headers], content=ask.content or None) as answer,
            ):
                exchange.answered(answer.status_code)
                yield answer
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            told = unreachable(place, error)
            raise NotSent(told.message) if isinstance(told, Temporary) else told from None
        except (TimeoutError, httpx2.TimeoutException):
            raise Temporary(f"{place} did not answer within {ask.timeout:g} s") from None
        except httpx2.TooManyRedirects:
            raise Permanent(f"{place} redirects more than {REDIRECTS} times") from None
        except httpx2.DecodingError:
            raise Temporary(f"{place} answered in an encoding that cannot be read") from None
        except httpx2.TransportError as error:
            raise unreachable(place, error) from None
        except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
            raise Permanent(f"the request to {place} cannot be sent: {type(error).__name__}") from None
        finally:
            exchange.ended()

    def _client(self, ask: Ask) -> httpx2.AsyncClient:
        key = (ask.verify, ask.proxy)
        if key not in self._clients:
            local = {} if ask.proxy else {"all://localhost": None, "all://127.0.0.1": None, "all://[::1]": None}
            self._clients[key] = self._new_client(ask, local)
        return self._clients[key]

    def _new_client(self, ask: Ask, local: dict[str, None]) -> httpx2.AsyncClient:
        try:
            return httpx2.AsyncClient(
                verify=tls_context(ask.verify),
                transport=self._transport,
                proxy=ask.proxy or None,
                mounts=local,
                cookies=no_cookies(),
                event_hooks={"request": [_refuse_link_local]},
                headers={"user-agent": "argosy", "accept-encoding": "identity"},
                follow_redirects=True,
                max_redirects=REDIRECTS,
                timeout=httpx2.Timeout(_SILENCE, connect=_CONNECT),
            )
        except CLIENT_FAULTS as error:
            raise no_client(error) from error


def without_user(url: str) -> str:
    """The URL without user and password. Raises Permanent for what is none."""
    check_url(url)
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _check_size(size: int, ask: Ask) -> None:
    if size > ask.limit:
        raise Permanent(
            f"{place_of(ask.url)} answered with more than {ask.limit} bytes",
            advice="Check that the URL leads where it should.",
        )


async def _refuse_link_local(request: httpx2.Request) -> None:
    """Raises Permanent before anything is sent to a link-local address."""
    await _check_address(str(request.url))


async def _check_address(url: str) -> None:
    parts = urlsplit(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError:
        return  # whoever connects will tell that there is no such host
    for *_, address in found:
        if is_link_local(str(address[0])):
            raise Permanent(
                f"{place_of(url)} leads to the link-local address {address[0]}",
                advice="Such addresses are refused, for clouds keep the credentials of machines there.",
            )


def is_link_local(address: str) -> bool:
    """Also one of IPv4 that is written, or reached, as one of IPv6."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        return found.is_link_local or (inner is not None and inner.is_link_local)
    return found.is_link_local
