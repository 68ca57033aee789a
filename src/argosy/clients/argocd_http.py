"""Argo CD's own HTTP API, for those who have a token and no access to the cluster that it runs in.

Paths, parameters and errors are those of `server/application/application.proto` of Argo CD 3. The account of the token
needs the permissions `get`, `sync`, and `update` where sources are changed; who asked for a sync is then that account.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import orjson

from argosy.clients.kubernetes_connection import LOOPBACK, Data, lines_of
from argosy.clients.selection import PRESENT, Change
from argosy.errors import ArgosyError, Conflict, Denied, Invalid, NotFound, Permanent, Temporary, Unavailable
from argosy.resources.meta import Json
from argosy.rules.argocd import REFRESH, Application
from argosy.rules.argocd_change import Sync

_BUSY = "another operation is already in progress"
_WINDOW = "blocked by sync window"
_CHANGED = "error applying patch"
_SILENCE = 300.0
"""Seconds without any event: Argo CD looks at every Application more often than that."""


@dataclass(frozen=True, slots=True)
class ArgoCdServer:
    """Whom to speak to.

    Attributes:
        url: such as `https://argocd.example.com`; plain `http://` only on the loopback interface.
        token_file: a file with the token, read at each request, so that it may be replaced.
        ca: certificates of the authority to trust, as PEM text; the machine's own when empty.
        verify: False accepts any certificate.
    """

    url: str
    token_file: Path
    ca: str = ""
    verify: bool = True


class HttpApplications:
    """Applications through Argo CD's HTTP API.

    Args:
        server: whom to speak to.
        namespace: where Applications are that are named without one.
        patience: seconds to wait for the answer to a refresh, which Argo CD gives when it has looked; it looks anyway.
        transport: instead of the network, for tests.

    Raises Invalid for a URL or certificates that cannot be used, Denied when the token would travel over plain HTTP.
    """

    def __init__(
        self,
        server: ArgoCdServer,
        namespace: str = "argocd",
        *,
        patience: float = 1.0,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        parts = urlsplit(server.url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise Invalid(f"{server.url!r} is not the URL of an Argo CD", advice="Write https://HOST.")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise Denied(f"no token is sent to {server.url} over plain HTTP", advice="Use Argo CD's https:// URL.")
        self.namespace = namespace
        self._server = server
        self._patience = patience
        self._place = f"Argo CD at {parts.netloc.rpartition('@')[2]}"
        self._client = httpx2.AsyncClient(
            base_url=server.url.rstrip("/"),
            headers={"user-agent": "argosy"},
            verify=_trust(server) if parts.scheme == "https" else False,
            transport=transport,
            mounts={f"all://{'[::1]' if host == '::1' else host}": None for host in LOOPBACK} if not transport else {},
            follow_redirects=False,
            timeout=httpx2.Timeout(30.0, connect=10.0),
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def get(self, namespace: str, name: str) -> Data:
        try:
            return await self._send("GET", _path(name), {"appNamespace": namespace})
        except Denied as error:
            if error.reason == "Unauthorized":
                raise
            raise NotFound(
                f"{self._place} shows no Application {name!r} in namespace {namespace!r}: {error.message}",
                advice="It does not exist, or the account of the token may not `get` it: Argo CD does not tell which.",
            ) from error

    async def select(self, namespace: str, labels: str) -> Sequence[Data]:
        found = await self._send("GET", "/api/v1/applications", {"appNamespace": namespace, "selector": labels})
        return sorted(found.get("items") or (), key=lambda item: str(item["metadata"]["name"]))

    async def sync(self, app: Application, sync: Sync) -> None:
        """A change of sources goes first, with the request to refresh, then the sync: interrupted in between, both are
        simply done. The change is refused where the sources are not as they were seen, for it would undo another's."""
        where = {"name": app.name, "appNamespace": app.namespace, "project": str(app.spec.get("project") or "default")}
        if sync.spec:
            body = {**where, "patchType": "json", "patch": orjson.dumps(_patch(app, sync)).decode()}
            await self._send("PATCH", _path(app.name), {}, body)
        operation = sync.operation
        asked = {**where, "infos": operation.get("info") or []}
        await self._send("POST", f"{_path(app.name)}/sync", {}, asked)

    async def refresh(self, app: Application, *, hard: bool) -> None:
        """Argo CD answers when it has looked; it goes on looking when nobody waits for the answer."""
        parameters = {"appNamespace": app.namespace, "refresh": "hard" if hard else "normal"}
        with contextlib.suppress(_TooSlow):
            await self._send("GET", _path(app.name), parameters, seconds=self._patience)

    async def watch(self) -> AsyncGenerator[Change]:
        async with (
            self._stream("/api/v1/stream/applications") as answer,
            contextlib.aclosing(lines_of(answer, self._place)) as lines,
        ):
            yield PRESENT  # those that are there follow at once, and how many there are is not told
            async for line in lines:
                told = _document(line)
                if not isinstance(told.get("result"), dict):
                    raise Temporary(f"{self._place} ended the watch: {_message(told)}")
                yield Change(str(told["result"].get("type", "")), told["result"].get("application") or {})

    @contextlib.asynccontextmanager
    async def _stream(self, path: str) -> AsyncIterator[httpx2.Response]:
        timeout = httpx2.Timeout(30.0, connect=10.0, read=_SILENCE)
        try:
            async with self._client.stream("GET", path, headers=self._headers(), timeout=timeout) as answer:
                if answer.status_code >= 300:
                    raise self._error(answer.status_code, _document(await answer.aread()))
                yield answer
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise self._unreachable(error) from None

    async def _send(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str],
        body: Mapping[str, Json] | None = None,
        seconds: float = 30.0,
    ) -> Data:
        content = orjson.dumps(body) if body is not None else None
        headers = {**self._headers(), **({"content-type": "application/json"} if content else {})}
        timeout = httpx2.Timeout(seconds, connect=10.0)
        try:
            answer = await self._client.request(
                method, path, params=dict(parameters), content=content, headers=headers, timeout=timeout
            )
        except httpx2.ReadTimeout:
            raise _TooSlow(f"{self._place} did not answer in time") from None
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise self._unreachable(error) from None
        document = _document(answer.content)
        if answer.status_code >= 300 or not document:
            raise self._error(answer.status_code, document)
        return document

    def _headers(self) -> dict[str, str]:
        try:
            token = self._server.token_file.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable(
                f"the token of Argo CD cannot be read from {self._server.token_file}: {type(error).__name__}",
                advice="Write it there, or name another file with --argocd-token-file.",
            ) from error
        if not (token.isascii() and token.isprintable()):  # told here: the error of the client would show it
            raise Unavailable(
                f"the token of Argo CD in {self._server.token_file} holds what cannot be sent",
                advice="Write the token alone, in one line.",
            )
        return {"authorization": f"Bearer {token}"}

    def _error(self, code: int, document: Mapping[str, Any]) -> ArgosyError:
        """What an answer says. Argo CD answers as its gRPC gateway does, with `error`, `message` and `code`."""
        if not ("error" in document or "message" in document):
            if code == 429 or code >= 500:
                return Temporary(f"{self._place} answered {code}")
            return Permanent(
                f"{self._place} answered {code} with something that is no Argo CD",
                advice="Check the URL: it seems to lead to something else, such as a login page.",
            )
        message = f"{self._place}: {_message(document)}"
        if code == 409 or any(words in message for words in (_BUSY, _WINDOW, _CHANGED)):
            return Conflict(message)
        if code in (401, 403):
            advice = "Check the token, and what its account may do (argocd-rbac-cm)."
            return Denied(message, advice=advice, reason="Unauthorized" if code == 401 else None)
        if code == 404:
            return NotFound(message)
        if code in (400, 422):
            return Invalid(message)
        return Temporary(message)

    def _unreachable(self, error: httpx2.RequestError) -> ArgosyError:
        text = str(error) or type(error).__name__
        if "CERTIFICATE_VERIFY_FAILED" in text:
            return Permanent(
                f"the TLS certificate of {self._place} cannot be verified",
                advice="Name its authority with --argocd-ca-file.",
            )
        return Temporary(f"{self._place} cannot be reached: {text}")


class _TooSlow(Temporary):
    """No answer in time."""


def _path(name: str) -> str:
    return f"/api/v1/applications/{quote(name, safe='')}"


def _patch(app: Application, sync: Sync) -> list[dict[str, Json]]:
    """A JSON patch: other sources, where they are as they were, and the request to look again."""
    changes: list[dict[str, Json]] = []
    for name, value in sync.spec.items():
        changes.append({"op": "test", "path": f"/spec/{name}", "value": app.spec.get(name)})
        changes.append({"op": "replace", "path": f"/spec/{name}", "value": value})
    annotations = {**(app.meta.get("annotations") or {}), REFRESH: "hard"}
    one = {"path": f"/metadata/annotations/{REFRESH.replace('/', '~1')}", "value": "hard"}
    all_of_them: dict[str, Json] = {"path": "/metadata/annotations", "value": annotations}
    return [*changes, {"op": "add", **(one if len(annotations) > 1 else all_of_them)}]


def _document(content: bytes) -> dict[str, Any]:
    with contextlib.suppress(orjson.JSONDecodeError):
        value = orjson.loads(content)
        if isinstance(value, dict):
            return value
    return {}


def _message(document: Mapping[str, Any]) -> str:
    told = document.get("error")
    inner = told if isinstance(told, dict) else document
    return str(inner.get("message") or told or "no reason given").rstrip(".")


def _trust(server: ArgoCdServer) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=server.ca or None)
    except ssl.SSLError:
        raise Invalid(
            "the certificate authority of Argo CD is no PEM certificate", advice="Check --argocd-ca-file."
        ) from None
    if not server.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
