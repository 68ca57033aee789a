"""A connection to a Kubernetes API server: JSON there and back, `Status` answers as errors, logins that are renewed."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx2
import orjson

from argosy.clients.header import is_illegal
from argosy.clients.status import error_of, failure_of
from argosy.errors import ArgosyError, Denied, Invalid, Permanent, Temporary
from argosy.meter import UNMETERED, Meter

Data = dict[str, Any]

JSON = "application/json"
MOST_BYTES = 64 << 20
"""The longest line of a watch that is accepted."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")

_CONNECTIONS = httpx2.Limits(max_connections=None, max_keepalive_connections=50, keepalive_expiry=60.0)
"""Without a bound: watches last, and what waits for a connection of a bounded pool waits for them."""

_NO_SUCH_PATH = b"404 page not found"
"""How an API server answers where no kind is served, in place of a Status."""


@dataclass(frozen=True, slots=True)
class Server:
    """Whom to speak to.

    Attributes:
        url: such as `https://127.0.0.1:7443`; plain `http://` only on the loopback interface.
        ca: certificates of the authority to trust, as PEM text; the machine's own when empty.
        token: bearer token; none is sent when empty.
        verify: False accepts any certificate.
        tls_name: the name that the certificate must be of, instead of the URL's host.
        proxy: URL of the proxy to go through, instead of what the environment says.
    """

    url: str
    ca: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    verify: bool = True
    tls_name: str = ""
    proxy: str = ""

    @property
    def place(self) -> str:
        """Host and port, as messages name the server."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


class Silent(Temporary):
    """Nothing was heard from the server for as long as the caller wanted to listen."""


class Connection:
    """Requests to one server. Close it at the end.

    Args:
        server: whom to speak to.
        login: adds to each request what tells who asks, instead of the server's token.
        context: what to trust and which certificate to show, instead of what the server says.
        transport: instead of the network, for tests.

    Attributes:
        meter: told of every request; may be set at any time.

    Raises Invalid for a URL that is none, Denied when a token would travel over plain HTTP.
    """

    def __init__(
        self,
        server: Server,
        *,
        login: httpx2.Auth | None = None,
        context: ssl.SSLContext | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        parts = _parts(server.url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise Invalid(f"{server.url!r} is not the URL of a server", advice="Write https://HOST:PORT.")
        if server.proxy and _parts(server.proxy).scheme not in ("https", "http"):
            raise Invalid(
                f"{server.place} is behind a proxy of a kind that is not known", advice="Name one by http://."
            )
        if parts.scheme == "http" and parts.hostname not in LOOPBACK and (server.token or login):
            raise Denied(f"no token is sent to {server.url} over plain HTTP", advice="Use the server's https:// URL.")
        self.server = server
        self.meter: Meter = UNMETERED
        near = {} if server.proxy else {f"all://{'[::1]' if host == '::1' else host}": None for host in LOOPBACK}
        self._client = httpx2.AsyncClient(
            base_url=server.url.rstrip("/"),
            headers={"user-agent": "argosy", **({"authorization": f"Bearer {server.token}"} if server.token else {})},
            auth=login,
            verify=(context or trust(server)) if parts.scheme == "https" else False,
            transport=transport,
            mounts=near,
            proxy=server.proxy or None,
            follow_redirects=False,
            limits=_CONNECTIONS,
            timeout=httpx2.Timeout(30.0, connect=10.0),
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def send(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        is_empty: bool = False,
    ) -> Data:
        """One request, and the object that answers it; `is_empty` allows for none, told as an empty one.

        Raises what a `Status` says, Temporary when the server cannot be reached, Permanent for what is no API.
        """
        sent = {"accept": JSON, **({"content-type": JSON} if content else {}), **(headers or {})}
        with self._told(method) as answered:
            answer = await self._client.request(
                method, path, params=dict(parameters or {}), content=content or None, headers=sent
            )
            answered(answer.status_code)
        if answer.status_code >= 300:
            raise self._error(answer)
        return {} if is_empty and not answer.content else self._json(answer.content, answer.status_code)

    @contextlib.asynccontextmanager
    async def stream(
        self, path: str, parameters: Mapping[str, str], *, accept: str = JSON, silence: float | None = None
    ) -> AsyncGenerator[httpx2.Response]:
        """An answer that comes bit by bit, for as long as it takes.

        Args:
            silence: seconds without a byte after which the connection is taken to be lost; None waits forever.

        Raises as `send`.
        """
        timeout = httpx2.Timeout(30.0, connect=10.0, read=silence)
        with self._told("WATCH") as answered:
            async with self._client.stream(
                "GET", path, params=dict(parameters), headers={"accept": accept}, timeout=timeout
            ) as answer:
                answered(answer.status_code)
                if answer.status_code >= 300:
                    await answer.aread()
                    raise self._error(answer)
                yield answer

    async def watch(
        self, path: str, parameters: Mapping[str, str], *, accept: str = JSON, silence: float | None = None
    ) -> AsyncGenerator[Data]:
        """The events of a watch, as they come: objects with `type` and `object`. Raises as `stream`."""
        asked = {**parameters, "watch": "true", "allowWatchBookmarks": "true"}
        async with (
            self.stream(path, asked, accept=accept, silence=silence) as answer,
            contextlib.aclosing(lines_of(answer, self.server.place)) as lines,
        ):
            async for line in lines:
                event = self._json(line, 200)
                if event.get("type") == "ERROR":
                    status = event.get("object") or {}
                    raise error_of(int(status.get("code") or 500), status)
                yield event

    @contextlib.contextmanager
    def _told(self, verb: str) -> Iterator[Callable[[int], None]]:
        """Tell the meter of one request, once its block says the status; and the caller why nobody answered it."""
        begun, host, is_told = perf_counter(), self.server.place, False

        def tell(code: str) -> None:
            nonlocal is_told
            is_told = True
            self.meter.took("cluster_request", perf_counter() - begun, verb=verb, method=verb, host=host, code=code)

        try:
            yield lambda status: tell(str(status))
        except httpx2.TransportError as error:
            raise self._unreachable(error) from None
        finally:
            if not is_told:
                tell("error")

    def _json(self, content: bytes, code: int) -> Data:
        with contextlib.suppress(orjson.JSONDecodeError):
            value = orjson.loads(content)
            if isinstance(value, dict):
                return value
        raise self._strange(code)

    def _error(self, answer: httpx2.Response) -> ArgosyError:
        with contextlib.suppress(orjson.JSONDecodeError):
            status = orjson.loads(answer.content)
            if isinstance(status, dict) and status.get("kind") == "Status":
                return error_of(answer.status_code, _timed(status, answer))
            if isinstance(status, dict) and isinstance(status.get("error"), str):
                return failure_of(answer.status_code, status)
        if answer.status_code in (401, 403, 429, 502, 503, 504):
            return error_of(answer.status_code, _timed({}, answer))
        if answer.status_code == 404 and answer.content.strip() == _NO_SUCH_PATH:
            return Permanent(
                f"{self.server.place} serves nothing at {answer.url.path}",
                advice="See whether what defines these resources is installed, and the URL of the server right.",
                reason="NotFound",
            )
        return self._strange(answer.status_code)

    def _strange(self, code: int) -> Permanent:
        return Permanent(
            f"{self.server.place} answered {code} with something that is no Kubernetes API",
            advice="Check the server's URL: it seems to lead to something else.",
            reason="NotFound" if code == 404 else None,
        )

    def _unreachable(self, error: httpx2.TransportError) -> ArgosyError:
        place = self.server.place
        if isinstance(error, httpx2.ReadTimeout):
            return Silent(f"{place} says nothing", advice=f"It was sought at {self.server.url}.")
        text = str(error) or type(error).__name__
        if is_illegal(error):
            advice = "Look for line breaks in it."
            return Permanent(f"the login for {place} cannot be sent: HTTP does not allow its characters", advice=advice)
        if "CERTIFICATE_VERIFY_FAILED" in text:
            advice = "Name its authority with --certificate-authority, or use the context that `argosy up` wrote."
            return Permanent(f"the TLS certificate of {place} cannot be verified", advice=advice)
        advice = f"Is the server running? `argosy up` starts one; it was sought at {self.server.url}."
        return Temporary(f"{place} cannot be reached: {text}", advice=advice)


def _timed(status: Data, answer: httpx2.Response) -> Data:
    """The `Status` with the pause that the header asks for, where the body names none."""
    details = status.get("details") or {}
    pause = answer.headers.get("retry-after", "")
    if details.get("retryAfterSeconds") or not pause.isdecimal():
        return status
    return {**status, "details": {**details, "retryAfterSeconds": int(pause)}}


async def lines_of(answer: httpx2.Response, place: str) -> AsyncGenerator[bytes]:
    """The lines of an answer, without empty ones. Raises Permanent for one that never ends."""
    rest = bytearray()
    async for piece in answer.aiter_bytes():
        rest += piece
        while (end := rest.find(b"\n")) >= 0:
            line, rest = bytes(rest[:end]), rest[end + 1 :]
            if line.strip():
                yield line
        if len(rest) > MOST_BYTES:
            raise Permanent(f"{place} sent a line of more than {MOST_BYTES} bytes")


def _parts(url: str) -> SplitResult:
    """Raises Invalid for what is no URL."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise Invalid(f"{url.rpartition('@')[2]!r} is no URL: {error}", advice="Write https://HOST:PORT.") from None
    return parts


class _Named(ssl.SSLContext):
    """Expects certificates of one name, whatever host they come from, by way of proxies as well."""

    name = ""

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        return super().wrap_bio(incoming, outgoing, server_side, self.name or server_hostname, session)


def trust(server: Server) -> ssl.SSLContext:
    """What to believe. Raises Invalid when the authority's certificates cannot be read."""
    context = _Named(ssl.PROTOCOL_TLS_CLIENT)
    context.name = server.tls_name
    try:
        if server.ca:
            context.load_verify_locations(cadata=server.ca)
        else:
            context.load_default_certs()
    except ssl.SSLError:
        raise Invalid(
            "the certificate authority is not a PEM certificate", advice="Check the file's content."
        ) from None
    if not server.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
