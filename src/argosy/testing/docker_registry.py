"""Debian's `docker-registry` on a free loopback port, without logins, with Basic, or with tokens."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import time
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.requests import Request
from starlette.responses import Response

from argosy.testing.port import free_port
from argosy.testing.serving import serving
from argosy.testing.tls import ISSUER, make_identity, self_signed

_SERVICE = "registry"
Auth = Literal["none", "basic", "token"]


def missing() -> list[str]:
    """The programs that this needs and that are not installed."""
    return [program for program in ("docker-registry", "htpasswd") if shutil.which(program) is None]


@contextlib.asynccontextmanager
async def docker_registry(
    folder: Path, auth: Auth = "none", users: dict[str, str] | None = None, *, tls: bool = False
) -> AsyncIterator[str]:
    """Run a registry that keeps its content in `folder`; yields its host and port.

    With `basic` every client must be one of `users`; with `token` such a one may do everything and others only pull.
    With `tls` it speaks TLS, with a certificate that nobody trusts.
    """
    users = users or {}
    async with contextlib.AsyncExitStack() as stack:
        settings: dict[str, Any] = {}
        if auth == "basic":
            settings = {"htpasswd": {"realm": "registry", "path": str(_htpasswd(folder, users))}}
        elif auth == "token":
            server = TokenServer(users)
            url = await stack.enter_async_context(serving(server.app))
            bundle = folder / "bundle.pem"
            bundle.write_bytes(server.certificate.public_bytes(serialization.Encoding.PEM))
            settings = {
                "token": {
                    "realm": f"{url}/token",
                    "service": _SERVICE,
                    "issuer": ISSUER,
                    "rootcertbundle": str(bundle),
                }
            }
        sections = {"auth": settings} if settings else {}
        yield await stack.enter_async_context(_running(folder, sections, _tls(folder) if tls else {}))


@contextlib.asynccontextmanager
async def _running(folder: Path, sections: dict[str, Any], tls: dict[str, Any]) -> AsyncIterator[str]:
    host = f"127.0.0.1:{free_port()}"
    config = {
        "version": 0.1,
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "content")}, "delete": {"enabled": True}},
        "http": {"addr": host, **tls},
        **sections,
    }
    file = folder / "config.yml"
    file.write_bytes(orjson.dumps(config))  # JSON is YAML
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec("docker-registry", "serve", str(file), stdout=log, stderr=log)
        try:
            await _until_listening(host, process, folder / "log")
            yield host
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _until_listening(host: str, process: asyncio.subprocess.Process, log: Path) -> None:
    name, _, port = host.partition(":")
    for _ in range(500):
        if process.returncode is not None:
            raise _failure("ended at once", log)
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(name, int(port))
            writer.close()
            await writer.wait_closed()
            return
        await asyncio.sleep(0.02)
    raise _failure(f"does not listen on {host}", log)


def _failure(what: str, log: Path) -> RuntimeError:
    return RuntimeError(f"docker-registry {what}: {log.read_text()}")


def _tls(folder: Path) -> dict[str, Any]:
    made = make_identity(folder)
    return {"tls": {"certificate": str(made.certificate), "key": str(made.key)}}


def _htpasswd(folder: Path, users: dict[str, str]) -> Path:
    file = folder / "htpasswd"
    file.touch(mode=0o600)
    for user, password in users.items():
        # Cost 4 is the least that bcrypt allows; passwords of tests need no protection, and every request pays it.
        subprocess.run(
            ["htpasswd", "-iB", "-C", "4", str(file), user], input=password.encode(), check=True, capture_output=True
        )
    return file


@dataclass
class TokenServer:
    """Issues tokens as the distribution project's token specification says, signed RS256 with `x5c`."""

    users: dict[str, str]
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def __post_init__(self) -> None:
        self.certificate = self_signed(self.key)

    async def app(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """The ASGI application."""
        request = Request(scope, receive)
        user = self._user(request)
        if user is None:
            response = Response(status_code=401)
        else:
            body = {"token": self._token(user, request.query_params.getlist("scope")), "expires_in": 300}
            response = Response(orjson.dumps(body), media_type="application/json")
        await response(scope, receive, send)

    def _user(self, request: Request) -> str | None:
        """The name of the user, empty for nobody in particular; None when the password is wrong."""
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        if not kind:
            return ""
        user, _, password = b64decode(value).decode().partition(":")
        return user if self.users.get(user) == password else None

    def _token(self, user: str, scopes: list[str]) -> str:
        access = []
        for scope in scopes:
            type_, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            granted = [action for action in actions.split(",") if user or action == "pull"]
            access.append({"type": type_, "name": name, "actions": granted})
        now = int(time.time())
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        header = {"typ": "JWT", "alg": "RS256", "x5c": [b64encode(der).decode()]}
        claims = {"iss": ISSUER, "sub": user, "aud": _SERVICE, "access": access, "jti": str(time.monotonic_ns())}
        times = {"iat": now, "nbf": now - 10, "exp": now + 300}
        signed = b".".join(_encoded(orjson.dumps(part)) for part in (header, claims | times))
        signature = self.key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return (signed + b"." + _encoded(signature)).decode()


def _encoded(content: bytes) -> bytes:
    return urlsafe_b64encode(content).rstrip(b"=")
