"""The Kubernetes protocol, as a client: Argosy's own server and any Kubernetes API server speak it.

A small client: it names resources by `Kind`, passes documents as parsed JSON and turns `Status` answers into errors.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import orjson

from argosy.clients.selection import Change, Selection
from argosy.clients.status import error_of
from argosy.clock import Clock
from argosy.errors import ArgosyError, Denied, Gone, Invalid, NotFound, Permanent, Temporary
from argosy.resources.meta import Json

Data = dict[str, Any]

JSON = "application/json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
MERGE = "application/merge-patch+json"
MOST_BYTES = 64 << 20
"""The longest answer, or line of a watch, that is accepted."""

PAGE = 500
"""How many resources are asked for at once."""

_PAUSE = 0.2
"""Seconds before a watch that has ended is asked for again."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Server:
    """Whom to speak to.

    Attributes:
        url: such as `https://127.0.0.1:7443`; plain `http://` only on the loopback interface.
        ca: certificates of the authority to trust, as PEM text; the machine's own when empty.
        token: bearer token; none is sent when empty.
        verify: False accepts any certificate.
    """

    url: str
    ca: str = ""
    token: str = field(default="", repr=False)
    verify: bool = True


class Kubernetes:
    """A connection to one server. Close it, or use it in `async with`.

    Args:
        server: whom to speak to.
        clock: for pauses between attempts.
        transport: instead of the network, for tests.
        patience: seconds for which `states` and `watch` try to reach a server that has gone away.

    All methods raise, besides what they name: Denied (not logged in, or not allowed), Temporary (the server cannot
    be reached or asks to come back), Permanent (it answers what no Kubernetes API would).
    """

    def __init__(
        self,
        server: Server,
        clock: Clock,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        patience: float = 60.0,
    ) -> None:
        parts = urlsplit(server.url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise Invalid(f"{server.url!r} is not the URL of a server", advice="Write https://HOST:PORT.")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK and server.token:
            raise Denied(f"no token is sent to {server.url} over plain HTTP", advice="Use the server's https:// URL.")
        self.server = server
        self._clock = clock
        self._patience = patience
        self._place = parts.netloc.rpartition("@")[2]
        self._client = httpx2.AsyncClient(
            base_url=server.url.rstrip("/"),
            headers={"user-agent": "argosy", **({"authorization": f"Bearer {server.token}"} if server.token else {})},
            verify=_trust(server) if parts.scheme == "https" else False,
            transport=transport,
            mounts={f"all://{'[::1]' if host == '::1' else host}": None for host in _LOOPBACK},
            follow_redirects=False,
            timeout=httpx2.Timeout(30.0, connect=10.0),
        )

    async def __aenter__(self) -> Kubernetes:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def get(self, selection: Selection, *, accept: str = JSON) -> Data:
        """One resource, or a Table of it when `accept` is TABLE. Raises NotFound."""
        return await self._send("GET", selection.path, headers={"accept": accept})

    async def list(self, selection: Selection, *, accept: str = JSON) -> Data:
        """All that match, as one `...List` or Table, whatever number of pages the server makes of it."""
        path, parameters = selection.collection.path, {**selection.parameters, "limit": str(PAGE)}
        whole = await self._send("GET", path, parameters=parameters, headers={"accept": accept})
        rows = "rows" if whole.get("kind") == "Table" else "items"
        page = whole
        while more := (page.get("metadata") or {}).get("continue"):
            page = await self._send(
                "GET", path, parameters={**parameters, "continue": more}, headers={"accept": accept}
            )
            whole[rows] = [*(whole.get(rows) or []), *(page.get(rows) or [])]
        whole["metadata"] = {"resourceVersion": (whole.get("metadata") or {}).get("resourceVersion", "")}
        return whole

    async def create(self, selection: Selection, document: Mapping[str, Json], *, dry_run: bool = False) -> Data:
        """Create; returns what the server made of it. Raises AlreadyExists, Invalid, NotFound (the namespace)."""
        content = orjson.dumps(document)
        return await self._send("POST", selection.collection.path, parameters=_dry(dry_run), content=content)

    async def patch(
        self, selection: Selection, patch: Mapping[str, Json], *, status: bool = False, dry_run: bool = False
    ) -> Data:
        """Merge `patch` (RFC 7386) into the resource, or into its status. Raises NotFound, Conflict, Invalid."""
        path = f"{selection.path}/status" if status else selection.path
        headers = {"content-type": MERGE}
        return await self._send("PATCH", path, parameters=_dry(dry_run), content=orjson.dumps(patch), headers=headers)

    async def delete(self, selection: Selection, *, dry_run: bool = False) -> Data:
        """Delete one resource. Returns its last state, or a Status. Raises NotFound, Conflict, Denied."""
        return await self._send("DELETE", selection.path, parameters=_dry(dry_run))

    async def plan(self, stage: Selection, wish: Mapping[str, Json]) -> Data:
        """What promoting to a Stage would do; `wish` is `{"freight": name}` or `{"origin": ...}`. Raises as creating
        the Promotion would."""
        return await self._send("POST", f"{stage.path}/plan", content=orjson.dumps(wish))

    async def version(self) -> Data:
        """The server's version, as it tells under `/version`."""
        return await self._send("GET", "/version")

    async def watch(self, selection: Selection, since: str, *, accept: str = JSON) -> AsyncGenerator[Change]:
        """What changes after the version `since`, without end; bookmarks are not passed on.

        A lost connection is made again where it ended, until the server has been away for longer than patience.

        Raises Gone when `since` is too old: list again.
        """
        async with contextlib.aclosing(self._lasting(selection, since, accept)) as changes:
            async for change in changes:
                if change.type != "BOOKMARK":
                    yield change

    async def _lasting(self, selection: Selection, since: str, accept: str) -> AsyncGenerator[Change]:
        lost: float | None = None
        while True:
            changes = self._watch(selection, since, accept)
            try:
                async for change in changes:
                    lost = None
                    since = _version(change.object) or since
                    yield change
                await self._clock.sleep(_PAUSE)
            except Temporary as error:
                lost = await self._bear(error, lost)
            finally:
                await changes.aclose()

    async def states(self, selection: Selection) -> AsyncGenerator[Data]:
        """One resource as it is, and again after each change. Raises NotFound, also when it is deleted."""
        lost: float | None = None
        while True:
            found = self._states(selection)
            try:
                async for document in found:
                    lost = None
                    yield document
            except Gone:
                await self._clock.sleep(_PAUSE)
            except Temporary as error:
                lost = await self._bear(error, lost)
            finally:
                await found.aclose()

    async def _states(self, selection: Selection) -> AsyncGenerator[Data]:
        """One resource, and what becomes of it for as long as the server remembers. Raises NotFound when it is gone."""
        document = await self.get(selection)
        yield document
        async with contextlib.aclosing(self.watch(selection, _version(document))) as changes:
            async for change in changes:
                if change.type == "DELETED":
                    raise NotFound(f"{selection.kind.name} {selection.name!r} was deleted")
                yield change.object

    async def log(self, namespace: str, promotion: str, *, follow: bool = False) -> AsyncGenerator[str]:
        """The log of a Promotion in pieces of text; with `follow`, until the Promotion has ended. Raises NotFound."""
        base = "/apis/kargo.akuity.io/v1alpha1/namespaces"
        path = f"{base}/{quote(namespace, safe='')}/promotions/{quote(promotion, safe='')}/log"
        parameters = {"follow": "true"} if follow else {}
        async with self._stream(path, parameters, "text/plain") as answer:
            async for text in answer.aiter_text():
                yield text

    async def _bear(self, error: Temporary, lost: float | None) -> float:
        """Wait a moment for a server that went away at `lost`. Raises the error when it is away for too long."""
        now = self._clock.monotonic()
        since = now if lost is None else lost
        if now - since >= self._patience:
            raise error
        await self._clock.sleep(min(5.0, 0.2 + (now - since) / 4))
        return since

    async def _watch(self, selection: Selection, since: str, accept: str) -> AsyncGenerator[Change]:
        parameters = {**selection.parameters, "watch": "true", "allowWatchBookmarks": "true", "resourceVersion": since}
        async with self._stream(selection.collection.path, parameters, accept) as answer:
            async for line in _lines(answer, self._place):
                event = self._json(line, 200)
                change = Change(str(event.get("type", "")), event.get("object") or {})
                if change.type == "ERROR":
                    raise error_of(int(change.object.get("code") or 500), change.object)
                yield change

    @contextlib.asynccontextmanager
    async def _stream(self, path: str, parameters: Mapping[str, str], accept: str) -> AsyncGenerator[httpx2.Response]:
        """An answer that comes bit by bit, for as long as it takes. Raises what a Status says."""
        timeout = httpx2.Timeout(30.0, connect=10.0, read=None)
        try:
            async with self._client.stream(
                "GET", path, params=dict(parameters), headers={"accept": accept}, timeout=timeout
            ) as answer:
                if answer.status_code >= 300:
                    await answer.aread()
                    raise self._error(answer)
                yield answer
        except httpx2.TransportError as error:
            raise self._unreachable(error) from None

    async def _send(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Data:
        sent = {"accept": JSON, **({"content-type": JSON} if content else {}), **(headers or {})}
        try:
            answer = await self._client.request(
                method, path, params=dict(parameters or {}), content=content or None, headers=sent
            )
        except httpx2.TransportError as error:
            raise self._unreachable(error) from None
        if answer.status_code >= 300:
            raise self._error(answer)
        return self._json(answer.content, answer.status_code)

    def _json(self, content: bytes, code: int) -> Data:
        with contextlib.suppress(orjson.JSONDecodeError):
            value = orjson.loads(content)
            if isinstance(value, dict):
                return value
        raise Permanent(
            f"{self._place} answered {code} with something that is no Kubernetes API",
            advice="Check the server's URL: it seems to lead to something else.",
        )

    def _error(self, answer: httpx2.Response) -> ArgosyError:
        with contextlib.suppress(orjson.JSONDecodeError):
            status = orjson.loads(answer.content)
            if isinstance(status, dict) and status.get("kind") == "Status":
                return error_of(answer.status_code, status)
        if answer.status_code in (401, 403, 429, 502, 503, 504):
            return error_of(answer.status_code, {})
        return Permanent(
            f"{self._place} answered {answer.status_code} with something that is no Kubernetes API",
            advice="Check the server's URL: it seems to lead to something else.",
        )

    def _unreachable(self, error: httpx2.TransportError) -> ArgosyError:
        text = str(error) or type(error).__name__
        if "CERTIFICATE_VERIFY_FAILED" in text:
            advice = "Name its authority with --certificate-authority, or use the context that `argosy up` wrote."
            return Permanent(f"the TLS certificate of {self._place} cannot be verified", advice=advice)
        advice = f"Is the server running? `argosy up` starts one; it was sought at {self.server.url}."
        return Temporary(f"{self._place} cannot be reached: {text}", advice=advice)


async def _lines(answer: httpx2.Response, place: str) -> AsyncGenerator[bytes]:
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


def _version(data: Mapping[str, Json]) -> str:
    return str((data.get("metadata") or {}).get("resourceVersion") or "")


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _trust(server: Server) -> ssl.SSLContext:
    """What to believe. Raises Invalid when the authority's certificates cannot be read."""
    try:
        context = ssl.create_default_context(cadata=server.ca or None)
    except ssl.SSLError:
        raise Invalid(
            "the certificate authority is not a PEM certificate", advice="Check the file's content."
        ) from None
    if not server.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
