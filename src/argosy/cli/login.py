"""`argosy login`: be known to a server, by a browser, a password, a kubeconfig or a token."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import httpx2

from argosy.cli.browser import launch
from argosy.cli.context import Context, Contexts, default_path, read, write
from argosy.cli.screen import safe
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.kubernetes_connection import Connection, Data, Server
from argosy.clock import SystemClock
from argosy.errors import Denied, Invalid, NotFound

WAYS = ("sso", "admin", "kubeconfig", "token")


@dataclass(frozen=True, slots=True)
class Wish:
    """How to log in.

    Attributes:
        server: whom to.
        way: one of WAYS.
        piped: whether a secret comes from standard input, and nobody is asked for it.
        port: for the browser to come back to.
        browser: whether to open one.
    """

    server: Server
    way: str
    piped: bool = False
    port: int = 0
    browser: bool = True


@dataclass(frozen=True, slots=True)
class _Got:
    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)


@click.command("login")
@click.argument("server", required=False, default="", metavar="[SERVER]")
@click.option("--sso", "way", flag_value="sso", help="By a browser, with the server's identity provider.")
@click.option("--admin", "way", flag_value="admin", help="As the built-in admin, whose password is asked for.")
@click.option(
    "--kubeconfig", "way", flag_value="kubeconfig", help="With the token of the kubeconfig's current context."
)
@click.option("--token", "way", flag_value="token", help="With a token, such as an API token, which is asked for.")
@click.option("--stdin", "piped", is_flag=True, help="Read the password or the token from standard input.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="PORT", help="For the browser to come back to."
)
@click.option("--no-browser", "browser", is_flag=True, flag_value=False, default=True, help="Only print the address.")
@click.option("--name", default="", metavar="NAME", help="Of the context; by default that of the server, or its host.")
@click.option(
    "--certificate-authority",
    "authority",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificate to trust from now on, as PEM.",
)
@click.option("--insecure-skip-tls-verify", "insecure", is_flag=True, help="Accept any certificate. Dangerous.")
def command(server: str, name: str, authority: Path | None, insecure: bool, way: str | None, **given: Any) -> None:
    """Log in to a server, and make it the one that commands speak to.

    Without a way it is the one of last time, or else by a browser where the server has an identity provider. A login by
    a browser is renewed by itself for as long as the provider lets it. Where certificates are not verified it is not.

    \b
    argosy login https://argosy.example.com --sso
    argosy login https://argosy.example.com --admin
    argosy login https://argosy.example.com --token --stdin < token.txt
    argosy login
    """
    path = default_path()
    contexts = read(path)
    before = _context(contexts, server, name)
    ca = authority.read_text("ascii", "replace") if authority else before.ca
    wanted = Server(before.server, ca=ca, verify=not insecure)
    wish = Wish(wanted, way or ("" if server else before.login), **given)
    used, got, who = asyncio.run(_log_in(wish))
    changed = before.model_copy(
        update={
            "ca": ca,
            "token": got.token,
            "refresh_token": "" if insecure else got.refresh_token,
            "login": used,
            "insecure": insecure,
        }
    )
    kept = read(path).with_context(changed)
    write(path, kept.model_copy(update={"current": changed.name}))
    click.echo(f"logged in to {safe(before.server)} as {safe(who)} (context {safe(changed.name)!r})")


def _context(contexts: Contexts, server: str, name: str) -> Context:
    """The context to write: the one that is named, or of this server, or a new one. Raises NotFound, Invalid."""
    if not server:
        chosen = name or contexts.current
        if not chosen:
            raise NotFound("no server is named", advice="Write `argosy login https://HOST`.")
        return contexts.named(chosen)
    url = (server if "://" in server else f"https://{server}").rstrip("/")
    host = urlsplit(url).netloc.rpartition("@")[2]
    if not host:
        raise Invalid(f"{server!r} is not the URL of a server", advice="Write https://HOST:PORT.")
    same = [each for each in contexts.contexts if each.server.rstrip("/") == url]
    same.sort(key=lambda each: each.name != contexts.current)
    named = [each for each in same if name in ("", each.name)]
    return named[0] if named else Context(name=name or host, server=url, ca=same[0].ca if same else "")


async def _log_in(wish: Wish) -> tuple[str, _Got, str]:
    """The way that was used, what was got, and who that is."""
    clock = SystemClock()
    async with Kubernetes(wish.server, clock) as client:
        config = await client.kargo.get("system", "public-server-config")
    way = wish.way or ("sso" if config.get("oidcConfig") else "admin")
    if way == "sso":
        got = await _by_browser(wish, config)
    elif way == "admin":
        got = await _as_admin(wish, config)
    elif way == "kubeconfig":
        got = _Got(await _of_kubeconfig())
    else:
        got = _Got(_secret("Token", wish))
    told = Server(wish.server.url, wish.server.ca, got.token, wish.server.verify)
    async with Kubernetes(told, clock) as client:
        who = await client.kargo.get("system", "whoami")
    return way, got, str(who.get("actor", ""))


async def _by_browser(wish: Wish, config: Data) -> _Got:
    from argosy.cli.sso import sign_in

    def show(url: str) -> None:
        click.echo(f"Sign in at:\n\n  {url}\n", err=True)
        if wish.browser:
            launch(url)

    tokens = await sign_in(config, SystemClock(), show, port=wish.port)
    return _Got(tokens.id_token, tokens.refresh_token)


class _Password(httpx2.Auth):
    """Sends a password as Kargo wants it; unlike the token of a connection it may hold any letters."""

    def __init__(self, password: str) -> None:
        self._header = f"Bearer {password}"

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        request.headers["authorization"] = self._header
        yield request


async def _as_admin(wish: Wish, config: Data) -> _Got:
    """Raises Denied for a wrong password, or where there is no admin."""
    if not config.get("adminAccountEnabled"):
        raise Denied("the server has no built-in admin", advice="Log in with --sso or --token.")
    connection = Connection(wish.server, login=_Password(_secret("Password of the admin", wish)))
    try:
        answer = await connection.send("POST", "/v1beta1/login")
    finally:
        await connection.close()
    return _Got(str(answer.get("idToken", "")))


async def _of_kubeconfig() -> str:
    """The token that the kubeconfig's current context sends. Raises Denied when it sends none."""
    from argosy.clients.kubeconfig import find_access
    from argosy.clients.kubernetes_connection import trust
    from argosy.clients.kubernetes_login import Login

    access = find_access("")
    flow = Login(access, SystemClock(), trust(access.server)).async_auth_flow(httpx2.Request("GET", access.server.url))
    try:
        header = (await anext(flow)).headers.get("authorization", "")
    finally:
        await flow.aclose()
    scheme, _, token = header.partition(" ")
    if scheme != "Bearer" or not token:
        raise Denied(
            f"the current context of {access.source} has no token",
            advice="Certificates and passwords are for its own cluster alone; try `kubectl create token` with --token.",
        )
    return token


def _secret(what: str, wish: Wish) -> str:
    """A secret that is typed, or piped. Raises Invalid for an empty one."""
    found = sys.stdin.readline().rstrip("\r\n") if wish.piped else click.prompt(what, hide_input=True, err=True)
    if not str(found).strip():
        raise Invalid("nothing was given on standard input", advice="Pipe the password or the token into the command.")
    return str(found)
