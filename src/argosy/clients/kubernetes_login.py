"""Logging in to a Kubernetes API server: tokens that are read or made anew before they end, and when one is refused."""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
import tempfile
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import orjson

from argosy.clients.kubeconfig import Access, PlugIn, User
from argosy.clients.kubernetes_connection import Connection, Server, trust
from argosy.clients.program import Call, Limits, run
from argosy.clock import Clock, parse_rfc3339
from argosy.errors import Denied, Invalid, Permanent
from argosy.meter import UNMETERED, Meter

READ_EVERY = 60.0
"""Seconds after which a file with a token is read again: those of Pods are replaced long before they end."""

LEEWAY = timedelta(seconds=10)
"""How long before its end a credential of a plug-in is no longer used."""

_PROGRAM = Limits(seconds=60.0, output=1 << 20)


def connect(
    access: Access, clock: Clock, *, transport: httpx2.AsyncBaseTransport | None = None, meter: Meter = UNMETERED
) -> Connection:
    """A connection by an access. Raises Invalid and Denied when its certificates or URL cannot be used."""
    context = trust(access.server)
    _show(context, access.user, access.source)
    made = Connection(access.server, login=Login(access, clock, context), context=context, transport=transport)
    made.meter = meter
    return made


@dataclass(frozen=True, slots=True)
class _Credential:
    """The header that tells who asks, and until when it is good: by the steady clock, and by the wall clock."""

    header: str = field(repr=False)
    fresh_until: float | None = None
    ends: datetime | None = None


class Login(httpx2.Auth):
    """Adds to each request what tells who asks; when that is refused, gets it anew and asks once more."""

    def __init__(self, access: Access, clock: Clock, context: ssl.SSLContext) -> None:
        self._server, self._user, self._source = access.server, access.user, access.source
        self._clock = clock
        self._context = context
        self._credential: _Credential | None = None
        self._renewing = asyncio.Lock()

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        for name, value in self._user.impersonated:
            request.headers[name] = value
        used = await self._current()
        _sign(request, used)
        answer = yield request
        if answer.status_code == 401 and self._renewable:
            _sign(request, await self._renewed(used))
            yield request

    @property
    def _renewable(self) -> bool:
        return self._user.token_file is not None or self._user.plug_in is not None

    async def _current(self) -> _Credential:
        now = self._credential
        if now is not None and not self._is_old(now):
            return now
        return await self._renewed(now)

    def _is_old(self, credential: _Credential) -> bool:
        if credential.fresh_until is not None and self._clock.monotonic() >= credential.fresh_until:
            return True
        return credential.ends is not None and self._clock.now() >= credential.ends - LEEWAY

    async def _renewed(self, used: _Credential | None) -> _Credential:
        """Another credential than the one that was used; of many that ask, one gets it."""
        async with self._renewing:
            if self._credential is None or self._credential is used:
                self._credential = await self._obtain()
            return self._credential

    async def _obtain(self) -> _Credential:
        user = self._user
        if user.token_file is not None:
            return _Credential(f"Bearer {self._token(user.token_file)}", self._clock.monotonic() + READ_EVERY)
        if user.token:
            return _Credential(f"Bearer {user.token}")
        if user.plug_in is not None:
            return await self._ask(user.plug_in)
        if user.password is not None:
            return _Credential(f"Basic {base64.b64encode(':'.join(user.password).encode()).decode()}")
        return _Credential("")

    def _token(self, path: Path) -> str:
        try:
            return path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            told = getattr(error, "strerror", None) or "it is no token"
            raise self._unready(f"the token {path} cannot be read: {told}") from None

    async def _ask(self, plug_in: PlugIn) -> _Credential:
        """What a plug-in says. Raises Temporary, Denied."""
        told: dict[str, Any] = {"interactive": False}
        if plug_in.cluster:
            told["cluster"] = _cluster(self._server)
        info = {"apiVersion": plug_in.version, "kind": "ExecCredential", "spec": told}
        environment = {**os.environ, **plug_in.environment, "KUBERNETES_EXEC_INFO": orjson.dumps(info).decode()}
        name = Path(plug_in.argv[0]).name
        try:
            done = await run(Call(plug_in.argv, environment, plug_in.directory, name=name), _PROGRAM)
        except Permanent as error:
            raise self._unready(error.message, plug_in.hint or error.advice) from None
        if done.code:
            last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2][:200]
            raise self._unready(f"{name} ended with {done.code}: {last}", f"Run {name} yourself to see why.")
        return self._credential_of(done.stdout, name)

    def _credential_of(self, output: bytes, name: str) -> _Credential:
        try:
            status = orjson.loads(output)["status"]
            ends = parse_rfc3339(status["expirationTimestamp"]) if status.get("expirationTimestamp") else None
            token = str(status.get("token") or "")
            certificate = str(status.get("clientCertificateData") or "").encode()
            key = str(status.get("clientKeyData") or "").encode()
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
            raise self._unready(f"{name} answered with something that is no ExecCredential") from None
        if certificate:
            _show(self._context, User(certificate=certificate, key=key), self._source)
        return _Credential(f"Bearer {token}" if token else "", ends=ends)

    def _unready(self, message: str, advice: str = "") -> Denied:
        """The error for a login that there is none of, which is not the cluster's doing."""
        return Denied(f"{self._source}: {message}", advice=advice, reason="Unauthorized")


def _sign(request: httpx2.Request, credential: _Credential) -> None:
    if credential.header:
        request.headers["authorization"] = credential.header


def _cluster(server: Server) -> dict[str, Any]:
    """The cluster as plug-ins are told of it."""
    told: dict[str, Any] = {"server": server.url, "config": None}
    if server.ca:
        told["certificate-authority-data"] = base64.b64encode(server.ca.encode()).decode()
    if server.tls_name:
        told["tls-server-name"] = server.tls_name
    if not server.verify:
        told["insecure-skip-tls-verify"] = True
    if server.proxy:
        told["proxy-url"] = server.proxy
    return told


def _show(context: ssl.SSLContext, user: User, source: str) -> None:
    """Let connections show the user's certificate from now on. Raises Invalid when it cannot be used."""
    if user.certificate is None:
        return
    # OpenSSL reads certificates from files only; these are for the owner alone, and are there for a moment.
    with tempfile.TemporaryDirectory(prefix="argosy-") as folder:
        certificate = _as_file(user.certificate, Path(folder) / "certificate")
        key = _as_file(user.key, Path(folder) / "key") if user.key else None
        try:
            context.load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:
            told = getattr(error, "strerror", None) or "no certificate with its key"
            raise Invalid(f"{source}: the client certificate cannot be used: {told}") from None


def _as_file(content: bytes | Path, path: Path) -> Path:
    if isinstance(content, Path):
        return content
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path
