"""Signs in with the OpenID Connect provider of a server: by a browser, which comes back to a listener on this machine.

The authorization code flow with PKCE for native applications (RFC 8252), with the redirect that Kargo's command line
has, `http://localhost:PORT/auth/callback`, so that providers set up for it know ours.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Callable
from urllib.parse import parse_qs, urlencode, urlsplit

from argosy.cli.token_claims import unexamined
from argosy.clients.http import Http
from argosy.clients.kubernetes_connection import Data
from argosy.clients.oidc import Client, Provider, Tokens
from argosy.clock import Clock
from argosy.errors import Denied, NotFound, Unavailable

PATIENCE = 300.0
"""Seconds for a person to sign in."""

_HEAD = 16 * 1024
_PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>Argosy</title>
<style>:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;display:grid;place-items:center;min-height:90vh}}</style>
<main><h1>{}</h1><p>{}</p></main></html>"""


@contextlib.asynccontextmanager
async def open_provider(config: Data, clock: Clock) -> AsyncIterator[tuple[Provider, Client]]:
    """The provider that a server names in its public configuration, and as whom the command line speaks to it.

    Raises NotFound when it names none.
    """
    found = config.get("oidcConfig")
    if not isinstance(found, dict):
        raise NotFound("the server has no identity provider", advice="Log in with --admin or --token.")
    http = Http(clock)
    try:
        client = Client(str(found.get("cliClientId") or found.get("clientId") or ""))
        yield Provider(str(found.get("issuerUrl", "")), http, clock), client
    finally:
        await http.close()


async def sign_in(config: Data, clock: Clock, show: Callable[[str], None], *, port: int = 0) -> Tokens:
    """The tokens of whoever signs in.

    Args:
        config: the server's public configuration.
        show: gets the address to open in a browser.
        port: to listen on; 0 takes a free one.

    Raises NotFound when there is no provider, Denied when it refuses or nobody signs in, Temporary and Permanent when
    it cannot be asked, Unavailable when the port cannot be listened on.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    async with (
        open_provider(config, clock) as (provider, client),
        _listening(state, port) as (redirect, coming),
    ):
        endpoints = await provider.endpoints()
        scopes = dict.fromkeys([*config["oidcConfig"].get("scopes", ()), *({"offline_access"} & endpoints.scopes)])
        asked = {
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": redirect,
            "scope": " ".join(scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        glue = "&" if urlsplit(endpoints.authorization).query else "?"
        show(f"{endpoints.authorization}{glue}{urlencode(asked)}")
        code = await _patiently(coming)
        tokens = await provider.exchange(code, verifier, redirect, client)
    if not hmac.compare_digest(str(unexamined(tokens.id_token).get("nonce", "")).encode(), nonce.encode()):
        raise Denied("the provider gave a token of another login", advice="Run it again.")
    return tokens


async def _patiently(coming: asyncio.Future[str]) -> str:
    """The code, once somebody has signed in. Raises Denied when nobody does."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await coming
    except TimeoutError:
        raise Denied("nobody signed in within five minutes", advice="Run it again.") from None


@contextlib.asynccontextmanager
async def _listening(state: str, port: int) -> AsyncIterator[tuple[str, asyncio.Future[str]]]:
    """Where the browser is to come back to, and the code that it brings."""
    coming: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(10):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(_answer(head, state, coming))
                await writer.drain()
        writer.close()

    try:
        server = await asyncio.start_server(answer, "127.0.0.1", port, limit=_HEAD)
    except (OSError, OverflowError) as error:
        raise Unavailable(f"port {port} cannot be listened on: {error}", advice="Choose another with --port.") from None
    async with server:
        yield f"http://localhost:{server.sockets[0].getsockname()[1]}/auth/callback", coming


def _answer(head: bytes, state: str, coming: asyncio.Future[str]) -> bytes:
    """The answer to a request of the browser, which may be the one that is waited for."""
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    try:
        url = urlsplit(words[1] if len(words) == 3 and words[0] == "GET" else "")
    except ValueError:
        url = urlsplit("")
    given = {name: values[0] for name, values in parse_qs(url.query).items()}
    is_ours = hmac.compare_digest(given.get("state", "").encode("utf-8", "replace"), state.encode())
    if url.path != "/auth/callback" or not is_ours or coming.done():
        return _http("400 Bad Request", _PAGE.format("Nothing to see here", "This login was not begun here."))
    if "code" not in given:
        told = (given.get("error_description") or given.get("error") or "it gave no code")[:200]
        coming.set_exception(Denied(f"the identity provider refused: {told}", advice="Run it again."))
        return _http("200 OK", _PAGE.format("Signing in did not work", "The terminal says why."))
    coming.set_result(given["code"])
    return _http("200 OK", _PAGE.format("You are signed in", "You can close this page and go back to the terminal."))


def _http(status: str, page: str) -> bytes:
    body = page.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
